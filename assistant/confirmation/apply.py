"""The steps that carry out an approved change. Each may be repeated after a crash without a second effect."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from assistant.confirmation import outcomes
from assistant.confirmation.gate import Gate
from assistant.confirmation.policy import Policy
from assistant.confirmation.proposal import UNFINISHED, Proposal, State, Windows, confirmed
from assistant.confirmation.roll_back import RollBack, agreed
from assistant.confirmation.standing import still_allowed
from assistant.confirmation.store import Move, ProposalStore, TargetBusy
from assistant.confirmation.view import Redact, view
from assistant.conversation import ProposalView
from assistant.identity.principal import Principal
from tools.clock import Clock
from tools.contract import Outcome, Receipt, Toolbox, WriteTool
from tools.errors import PlanStale, ToolError, Unavailable


class Claim(StrEnum):
    """Whether this worker may apply it. BUSY: ask again later. OVER: it ended, see its state."""

    MINE = "mine"
    BUSY = "busy"
    OVER = "over"


class Attempt(StrEnum):
    """What one try to apply led to. UNANSWERED: the cluster did not say; a repeat is safe."""

    APPLIED = "applied"
    UNANSWERED = "unanswered"
    OVER = "over"


@dataclass(frozen=True)
class Pace:
    """`lease`: how long a silent worker keeps its claim; longer than one step and the longest pause together.

    `pause`, `longest_pause`: between two looks, growing by half each time. `attempts`: tries to reach the cluster.
    """

    lease: timedelta = timedelta(minutes=2)
    pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(seconds=15)
    attempts: int = 4

    def after(self, tries: int) -> timedelta:
        """The pause after so many tries."""
        return min(self.pause * 1.5 ** min(tries, 20), self.longest_pause)


@dataclass(frozen=True)
class ApplyChange:
    """Claims, applies, verifies and finishes one change, acting as the person who asked for it.

    `worker`: the stable name of this process; a restart under the same name takes its own claims up again.
    """

    store: ProposalStore
    policy: Policy
    windows: Windows
    toolbox_for: Callable[[Principal], Toolbox]
    clock: Clock
    redact: Redact
    worker: str
    pace: Pace = field(default_factory=Pace)

    async def claim(self, proposal_id: str) -> Claim:
        """Check again that it may run, then take it: approved -> applying, for one worker on one object at a time."""
        proposal = await self.store.get(proposal_id)
        if proposal is None or proposal.state not in UNFINISHED:
            return Claim.OVER
        if proposal.state is State.APPROVED and await self._void(proposal):
            return Claim.OVER
        now = self.clock()
        try:
            taken = await self.store.claim(proposal, self.worker, now=now, until=now + self.pace.lease)
        except TargetBusy:
            return Claim.BUSY
        return Claim.MINE if taken is not None else Claim.BUSY

    async def apply(self, proposal_id: str) -> Attempt:
        """Send exactly the stored plan, under the proposal's id: a repeat is recognised on the object."""
        proposal = await self._mine(proposal_id, State.APPLYING)
        if proposal is None:
            return await self._applied_before(proposal_id)
        tool = self._tool(proposal)
        if tool is None:
            return await self._end(proposal, State.FAILED, outcomes.no_tool(proposal.plan.tool))
        try:
            async with asyncio.timeout(tool.timeout_seconds):
                receipt = await tool.apply(confirmed(proposal))
        except PlanStale as error:
            return await self._end(proposal, State.SUPERSEDED, outcomes.stale(error))
        except (Unavailable, TimeoutError):
            await self.store.update(proposal, {"claimed_until": self.clock() + self.pace.lease})
            return Attempt.UNANSWERED
        except ToolError as error:
            return await self._end(proposal, State.FAILED, outcomes.refused(error))
        return await self._applied(proposal, receipt)

    async def verify(self, proposal_id: str) -> bool:
        """Look once at the object. True: it settled, or its time is over; False: look again later."""
        proposal = await self._mine(proposal_id, State.VERIFYING)
        if proposal is None:
            return True
        observed = await self._look(proposal)
        now = self.clock()
        values: dict[str, Any] = {"claimed_until": now + self.pace.lease}
        if observed is not None:
            values["observed"] = self.redact(observed)
        await self.store.update(proposal, values)
        settled = observed is not None and observed.settled
        return settled or proposal.verify_by is None or now >= proposal.verify_by

    async def finish(self, proposal_id: str) -> None:
        """Write down how it ended, once."""
        proposal = await self._mine(proposal_id, State.VERIFYING)
        if proposal is not None:
            state = State.SUCCEEDED if outcomes.is_good(proposal.observed) else State.FAILED
            await self._end(proposal, state, outcomes.of(proposal, self.windows.verification))

    async def roll_back(self, proposal_id: str) -> str:
        """Take a change back that failed its verification, if its requester agreed to that on its card.

        Returns the id of the new, approved change that does it, or "". A repeat returns the same id.
        """
        proposal = await self.store.get(proposal_id)
        if proposal is None or not agreed(proposal):
            return ""
        return await RollBack(self.store, self.policy, self.windows, self.toolbox_for, self.clock, self.redact).of(
            proposal
        )

    async def give_up(self, proposal_id: str) -> None:
        """End a change whose effect is unknown: the cluster never answered, or the code failed."""
        for state in (State.APPLYING, State.VERIFYING):
            proposal = await self._mine(proposal_id, state)
            if proposal is not None:
                await self._end(proposal, State.FAILED, outcomes.unknown(applied=state is State.VERIFYING))

    async def unfinished(self) -> tuple[str, ...]:
        """Ids of changes that are approved or half done, oldest first."""
        return tuple(one.id for one in await self.store.in_states(UNFINISHED))

    async def ended(self, since: datetime) -> tuple[ProposalView, ...]:
        """Changes that came to an end since then, by whichever process."""
        return tuple(view(one, self.redact) for one in await self.store.ended(since))

    async def shown(self, proposal_id: str) -> ProposalView | None:
        """The proposal as it is now."""
        proposal = await self.store.get(proposal_id)
        return None if proposal is None else view(proposal, self.redact)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.store, self.policy, self.clock)

    async def _void(self, proposal: Proposal) -> bool:
        """End an approved change that may not run any more: other plan, other policy, too late, or forbidden now."""
        why = self._gate.void_because(proposal)
        if why:
            await self._gate.supersede(proposal, why)
        elif proposal.expires_at <= self.clock():
            await self._gate.expire(proposal, self.clock())
        else:
            return await self._forbidden(proposal)
        return True

    async def _forbidden(self, proposal: Proposal) -> bool:
        """The policy again, with the approvals of those who still may approve."""
        decision = await still_allowed(proposal, self.store, self.policy)
        if not decision.allowed:
            outcome = outcomes.forbidden(decision.messages)
            values = {"outcome": outcome}
            await self.store.move(
                proposal, Move(State.CANCELLED, self.clock(), None, outcome, values, rules=decision.rules)
            )
        return not decision.allowed

    async def _mine(self, proposal_id: str, state: State) -> Proposal | None:
        proposal = await self.store.get(proposal_id)
        held = proposal is not None and proposal.state is state and proposal.claimed_by == self.worker
        return proposal if held else None

    async def _applied_before(self, proposal_id: str) -> Attempt:
        return Attempt.APPLIED if await self._mine(proposal_id, State.VERIFYING) else Attempt.OVER

    def _tool(self, proposal: Proposal) -> WriteTool[Any] | None:
        return self.toolbox_for(proposal.requester).writes.get(proposal.plan.tool)

    async def _applied(self, proposal: Proposal, receipt: Receipt) -> Attempt:
        now = self.clock()
        values = {
            "receipt": receipt,
            "verify_by": now + self.windows.verification,
            "claimed_until": now + self.pace.lease,
        }
        await self.store.move(proposal, Move(State.VERIFYING, now, values=values, expired=None))
        return Attempt.APPLIED

    async def _look(self, proposal: Proposal) -> Outcome | None:
        tool = self._tool(proposal)
        if tool is None or proposal.receipt is None:
            return None
        try:
            async with asyncio.timeout(tool.timeout_seconds):
                return await tool.verify(proposal.plan, proposal.receipt)
        except (ToolError, TimeoutError):
            return None  # not seen is not unhealthy: the deadline decides

    async def _end(self, proposal: Proposal, state: State, text: str) -> Attempt:
        outcome = self.redact(Outcome(settled=True, healthy=False, summary=text)).summary
        await self.store.move(proposal, Move(state, self.clock(), None, outcome, {"outcome": outcome}, expired=None))
        return Attempt.OVER
