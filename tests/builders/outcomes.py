"""Waits for what a change leads to, on an emulated cluster."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tests.builders.small_cluster import FixedTargets, SmallCluster
from tools.contract import Confirmed, Outcome, Plan, Receipt

Step = Callable[..., Awaitable[Any]]


async def settled(verify: Step, planned: Plan, receipt: Receipt, small: SmallCluster, **person: Any) -> Outcome:
    """The first outcome that says it is settled."""
    look = partial(verify, planned, receipt, cluster=small.acting_as(**person), clock=small.now)
    async with asyncio.timeout(15):
        while not (seen := await look()).settled:
            await asyncio.sleep(0.01)
        return seen


async def carried_out(
    steps: tuple[Step, Step, Step], args: Any, small: SmallCluster, targets: FixedTargets, change_id: str = "p-1"
) -> tuple[Plan, Receipt, Outcome]:
    """Plan, apply and wait, as alice."""
    plan, apply, verify = steps
    planned = await plan(args, cluster=small.acting_as(), targets=targets, clock=small.now)
    receipt = await apply(Confirmed(planned, change_id), cluster=small.acting_as(), clock=small.now)
    return planned, receipt, await settled(verify, planned, receipt, small)
