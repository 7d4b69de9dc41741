"""Calls made at the same time."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from tools.errors import ToolError

T = TypeVar("T")


async def together(calls: Sequence[Awaitable[T]]) -> list[T | ToolError]:
    """The answer of each call, or the error it raised, in their order."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_attempt(call)) for call in calls]
    return [task.result() for task in tasks]


async def _attempt(call: Awaitable[T]) -> T | ToolError:
    try:
        return await call
    except ToolError as exc:
        return exc
