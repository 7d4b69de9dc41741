"""One change from claim to end, whoever runs the steps."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from assistant.confirmation.apply import ApplyChange, Attempt, Claim

Steps = Callable[[str, Callable[[str], Awaitable[Any]], str], Awaitable[Any]]
"""Runs one named step with the proposal's id, durably or just so."""

Sleep = Callable[[float], Awaitable[None]]


async def carry_out(change: ApplyChange, proposal_id: str, step: Steps, sleep: Sleep) -> str:
    """One change from claim to end. Decides by the results of steps alone, so that it can be replayed.

    Returns the id of the approved change that takes it back, when that was agreed to and it failed, else "".
    """
    if not await _claimed(change, proposal_id, step, sleep):
        return ""
    for tries in range(change.pace.attempts):
        attempt = await step("apply", change.apply, proposal_id)
        if attempt != Attempt.UNANSWERED:
            break
        await sleep(change.pace.after(tries).total_seconds())
    else:
        await step("give_up", change.give_up, proposal_id)
        return ""
    tries = 0
    while not await step("verify", change.verify, proposal_id):
        await sleep(change.pace.after(tries).total_seconds())
        tries += 1
    await step("finish", change.finish, proposal_id)
    return str(await step("roll_back", change.roll_back, proposal_id))


async def _claimed(change: ApplyChange, proposal_id: str, step: Steps, sleep: Sleep) -> bool:
    """Waits while the object or the change is in other hands; the execution window or their lease ends the wait."""
    tries = 0
    while (claim := await step("claim", change.claim, proposal_id)) == Claim.BUSY:
        await sleep(change.pace.after(tries).total_seconds())
        tries += 1
    return bool(claim == Claim.MINE)


async def carry_out_here(change: ApplyChange, proposal_id: str) -> None:
    """Carry a change out in this process, and what takes it back, without the workflow engine: for the command line.

    `change.worker` must be a name of its own: if this process dies, a serving one takes the change over after the
    lease, and it tells the thread how it ended in any case.
    """
    while proposal_id:
        proposal_id = await carry_out(change, proposal_id, run_step, asyncio.sleep)


async def run_step(_name: str, do: Callable[[str], Awaitable[Any]], proposal_id: str) -> Any:
    """A step without durability: for the command line, where a crash is seen by the person at it."""
    return await do(proposal_id)
