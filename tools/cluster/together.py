"""Several reads at once."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from tools.errors import ToolError

Answer = TypeVar("Answer")


async def together(reads: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """Answers in the order of the reads. The first ToolError ends the others and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read) for read in reads]
    except* ToolError as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
