"""Use cases of the confirmation step: propose, confirm, approve, reject, break the glass, remind, expire."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from assistant.confirmation import wording
from assistant.confirmation.drafting import Request, add, draft
from assistant.confirmation.gate import Gate
from assistant.confirmation.policy import Decision, Policy, Step
from assistant.confirmation.proposal import BrokenGlass, Proposal, State, Windows
from assistant.confirmation.store import Move, ProposalStore
from assistant.confirmation.subject import Subject
from assistant.confirmation.view import Redact, shown_plan, view
from assistant.conversation import Origin, ProposalView, Reminder
from assistant.identity.principal import Principal
from tools.clock import Clock
from tools.contract import Args, WriteTool


@dataclass(frozen=True)
class Confirmations:
    """What people do with proposals. Every method that decides raises PersonError with a sentence for that person."""

    store: ProposalStore
    policy: Policy
    windows: Windows
    clock: Clock
    redact: Redact
    new_id: Callable[[], str]

    async def propose(
        self, tool: WriteTool[Any], args: Args, *, requester: Principal, thread: str, origin: Origin
    ) -> ProposalView:
        """Plan a change, ask the policy, store it. Nothing is changed in any system.

        The plan comes first, since the policy asks about the object that the names stand for: its tier and owner.
        An older open proposal of this thread for the same object is superseded. Raises ToolError, NotAllowed.
        """
        plan = shown_plan(await tool.plan(args), self.redact)
        decision = self.policy.may_propose(requester, Subject.of(plan, tool.action))
        if not decision.allowed:
            raise wording.not_allowed(decision)
        request = Request(plan, tool.action, requester, thread, origin, decision, self.policy.hash)
        window = self.windows.of(State.AWAITING_CONFIRMATION)
        made = await add(self.store, lambda: draft(request, id=self.new_id(), clock=self.clock, window=window))
        return view(made, self.redact)

    async def confirm(
        self, proposal_id: str, who: Principal, *, plan_hash: str | None = None, roll_back: bool = False
    ) -> ProposalView:
        """The requester's confirmation, or another person's approval, whichever the proposal waits for.

        `plan_hash`: of the card that was pressed, when the caller knows it. `roll_back`: the requester agrees that it
        is taken back by itself when it turns out not healthy. The view's state is then "approved" (it may run), or
        "awaiting_approval" (others must approve).
        """
        proposal = await self._gate.pending(proposal_id)
        step = _step(proposal)
        await self._gate.same_plan(proposal, who, plan_hash)
        decision = await self._gate.allow(proposal, who, step)
        if step == "approve" or not proposal.required_approvals:
            await self._gate.could_run(proposal, who)
        if step == "confirm":
            return await self._shown(proposal_id, await self._confirm(proposal, who, decision, roll_back=roll_back))
        return await self._shown(proposal_id, await self._approve(proposal, who, decision))

    async def break_glass(
        self, proposal_id: str, who: Principal, *, incident: str, reason: str, plan_hash: str | None = None
    ) -> ProposalView:
        """Skip approvals and freeze, on record: never the plan, the dry run, the lock or the audit.

        Raises PersonError without an incident and a reason, or when the policy does not let this person.
        """
        if not incident.strip() or not reason.strip():
            raise wording.glass_needs_reason(proposal_id)
        proposal = await self._gate.pending(proposal_id)
        await self._gate.same_plan(proposal, who, plan_hash)
        decision = await self._gate.allow(proposal, who, "breakGlass")
        now = self.clock()
        broken = BrokenGlass(who=who, incident=incident.strip(), reason=reason.strip(), at=now)
        window = min(self.windows.execution, self.windows.broken_glass)
        values = self._decided(who) | {"broken_glass": broken, "expires_at": now + window}
        said = f"{broken.incident}: {broken.reason}"
        move = Move(State.APPROVED, now, who, said, values, rules=decision.rules)
        return await self._shown(proposal_id, await self.store.decide(proposal, "break-glass", who, move))

    async def reject(self, proposal_id: str, who: Principal, *, reason: str = "") -> ProposalView:
        """Withdraw it (the requester, the platform team) or deny it with a reason (who could approve it)."""
        proposal = await self._gate.open(proposal_id)
        others = proposal.state is State.AWAITING_APPROVAL and proposal.requester.id != who.id
        denies = self._gate.ask(proposal, who, "approve")
        if others and denies.allowed:
            return await self._shown(proposal_id, await self._deny(proposal, who, reason, denies))
        decision = await self._gate.allow(proposal, who, "cancel")
        values = self._decided(who) | {"outcome": reason or None}
        move = Move(State.CANCELLED, self.clock(), who, reason, values, rules=decision.rules)
        return await self._shown(proposal_id, await self.store.decide(proposal, "cancel", who, move))

    async def get(self, proposal_id: str) -> ProposalView:
        """One proposal. Raises ProposalNotFound."""
        return view(await self._gate.known(proposal_id), self.redact)

    async def pending(self, who: Principal | None = None, *, thread: str | None = None) -> tuple[ProposalView, ...]:
        """Proposals that wait, oldest first: those that this person may confirm or approve now, or of one thread."""
        waiting = [one for one in await self.store.pending(thread=thread) if one.expires_at > self.clock()]
        if who is not None:
            waiting = [one for one in waiting if self._gate.ask(one, who, _step(one)).allowed]
        return tuple(view(one, self.redact) for one in waiting)

    async def may_approve(self, proposal_id: str, who: Principal) -> bool:
        """Whether this person's approval would count."""
        proposal = await self._gate.known(proposal_id)
        return proposal.requester.id != who.id and self._gate.ask(proposal, who, "approve").allowed

    async def expire_due(self, now: datetime) -> tuple[ProposalView, ...]:
        """End every window that is over; returns what this call ended, to be told to their threads."""
        ended = [await self._gate.expire(one, now) for one in await self.store.overdue(now)]
        return tuple(view(one, self.redact) for one in ended if one is not None)

    async def due_reminders(self, now: datetime) -> tuple[tuple[str, int], ...]:
        """Proposals whose approvers must be reminded, each with its newest stage; missed earlier ones are left out."""
        waiting = await self.store.in_states(frozenset({State.AWAITING_APPROVAL}))
        due = [(one, self._stage(now - one.changed_at)) for one in waiting if one.expires_at > now]
        return tuple((one.id, stage) for one, stage in due if stage > one.reminded)

    async def remind(self, proposal_id: str, stage: int) -> Reminder | None:
        """Put a reminder on record and say what to tell. None: it waits no more, or a later one was told.

        May be called again for the same stage, after a crash: it is recorded once, and told again.
        """
        proposal = await self.store.get(proposal_id)
        if proposal is None or proposal.state is not State.AWAITING_APPROVAL or proposal.reminded > stage:
            return None
        escalates = [escalation for _, escalation in self.windows.stages[:stage]]
        kind = "change.escalated" if any(escalates[proposal.reminded :]) else "change.reminded"
        await self.store.remind(proposal, stage, kind, self.clock())
        return Reminder(view=view(proposal, self.redact), stage=stage, escalated=any(escalates))

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.store, self.policy, self.clock)

    def _stage(self, waited: timedelta) -> int:
        return sum(after <= waited for after, _ in self.windows.stages)

    async def _confirm(
        self, proposal: Proposal, who: Principal, decision: Decision, *, roll_back: bool
    ) -> Proposal | None:
        to = State.AWAITING_APPROVAL if proposal.required_approvals else State.APPROVED
        agreed = roll_back and proposal.plan.inverse is not None
        values = self._decided(who) | {"expires_at": self.clock() + self.windows.of(to), "roll_back": agreed}
        reason = "Roll back by itself when it is not healthy." if agreed else ""
        move = Move(to, self.clock(), who, reason, values, rules=decision.rules)
        return await self.store.decide(proposal, "confirm", who, move)

    async def _approve(self, proposal: Proposal, who: Principal, decision: Decision) -> Proposal | None:
        values = self._decided(who) | {"expires_at": self.clock() + self.windows.of(State.APPROVED)}
        move = Move(State.APPROVED, self.clock(), who, values=values, rules=decision.rules)
        worth = self.policy.counts_as(who, proposal.subject)
        approved = await self.store.approve(proposal, who, move, worth)
        if approved is not None and approved.approvals == proposal.approvals:
            raise wording.approved_before(approved)
        return approved

    async def _deny(self, proposal: Proposal, who: Principal, reason: str, decision: Decision) -> Proposal | None:
        if not reason.strip():
            raise wording.deny_needs_reason(proposal)
        values = self._decided(who) | {"outcome": reason}
        move = Move(State.DENIED, self.clock(), who, reason, values, rules=decision.rules)
        threshold = self.policy.limits.denials
        denied = await self.store.deny(proposal, who, move, threshold)
        if denied is not None and denied.denials == proposal.denials:
            raise wording.denied_before(denied, threshold)
        return denied

    def _decided(self, who: Principal) -> dict[str, Any]:
        return {"decided_by": who.display_name or who.user, "decided_at": self.clock()}

    async def _shown(self, proposal_id: str, moved: Proposal | None) -> ProposalView:
        """The new state, or, when somebody else was faster, what became of it."""
        if moved is None:
            raise wording.over(await self._gate.known(proposal_id))
        return view(moved, self.redact)


def _step(proposal: Proposal) -> Step:
    return "confirm" if proposal.state is State.AWAITING_CONFIRMATION else "approve"
