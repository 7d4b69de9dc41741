"""Use cases of the confirmation step: propose, confirm, approve, reject, expire."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.exc import IntegrityError

from assistant.confirmation import wording
from assistant.confirmation.gate import Gate, Step
from assistant.confirmation.policy import Decision, Policy
from assistant.confirmation.proposal import Proposal, State, Windows, plan_hash
from assistant.confirmation.store import Move, ProposalStore
from assistant.confirmation.subject import Subject
from assistant.confirmation.view import Redact, view
from assistant.conversation import Origin, ProposalView
from assistant.identity.principal import Principal
from tools.clock import Clock
from tools.contract import Args, Plan, WriteTool

ID_ATTEMPTS = 5  # ids are short: of a million stored ones, one in twenty new ids is taken


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
        plan = await tool.plan(args)
        decision = self.policy.may_propose(requester, Subject.of(plan, tool.action))
        if not decision.allowed:
            raise wording.not_allowed(decision)
        proposal = self._new(plan, tool.action, requester, thread, decision)
        return view(await self._add(proposal.model_copy(update={"origin": origin})), self.redact)

    async def confirm(self, proposal_id: str, who: Principal, *, plan_hash: str | None = None) -> ProposalView:
        """The requester's confirmation, or another person's approval, whichever the proposal waits for.

        `plan_hash`: of the card that was pressed, when the caller knows it. The view's state is then "approved" (it
        may run), or "awaiting_approval" (others must approve).
        """
        proposal = await self._gate.pending(proposal_id)
        step = _step(proposal)
        await self._gate.same_plan(proposal, who, plan_hash)
        decision = await self._gate.allow(proposal, who, step)
        take = self._confirm if step == "confirm" else self._approve
        return await self._shown(proposal_id, await take(proposal, who, decision))

    async def reject(self, proposal_id: str, who: Principal, *, reason: str = "") -> ProposalView:
        """Withdraw it (the requester, the platform team) or deny it (who could approve it)."""
        proposal = await self._gate.open(proposal_id)
        others = proposal.state is State.AWAITING_APPROVAL and proposal.requester.id != who.id
        kind, to, decision = "deny", State.DENIED, self._gate.ask(proposal, who, "approve")
        if not (others and decision.allowed):
            kind, to = "cancel", State.CANCELLED
            decision = self.policy.may_cancel(who, proposal.subject, proposal.requester)
        if not decision.allowed:
            await self._gate.refuse(proposal, who, decision)
        values = self._decided(who) | {"outcome": reason or None}
        move = Move(to, self.clock(), who, reason, values, rules=decision.rules)
        return await self._shown(proposal_id, await self.store.decide(proposal, kind, who, move))

    async def get(self, proposal_id: str) -> ProposalView:
        """One proposal. Raises ProposalNotFound."""
        return view(await self._gate.known(proposal_id), self.redact)

    async def pending(self, who: Principal | None = None, *, thread: str | None = None) -> tuple[ProposalView, ...]:
        """Proposals that wait, oldest first: those that this person may confirm or approve now, or of one thread."""
        waiting = [one for one in await self.store.pending(thread=thread) if one.expires_at > self.clock()]
        if who is not None:
            waiting = [one for one in waiting if self._gate.ask(one, who, _step(one)).allowed]
        return tuple(view(one, self.redact) for one in waiting)

    async def expire_due(self, now: datetime) -> tuple[ProposalView, ...]:
        """End every window that is over; returns what this call ended, to be told to their threads."""
        ended = [await self._gate.expire(one, now) for one in await self.store.overdue(now)]
        return tuple(view(one, self.redact) for one in ended if one is not None)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.store, self.policy, self.clock)

    def _new(self, plan: Plan, action: str, requester: Principal, thread: str, decision: Decision) -> Proposal:
        now = self.clock()
        return Proposal(
            id=self.new_id(),
            state=State.AWAITING_CONFIRMATION,
            action=action,
            thread=thread,
            plan=plan,
            plan_hash=plan_hash(plan, self.policy.hash),
            policy_hash=self.policy.hash,
            requester=requester,
            reasons=decision.messages,
            rules=decision.rules,
            approver=wording.approver(plan, _name(requester), decision.required_approvals),
            required_approvals=decision.required_approvals,
            created_at=now,
            expires_at=now + self.windows.of(State.AWAITING_CONFIRMATION),
            changed_at=now,
        )

    async def _add(self, proposal: Proposal) -> Proposal:
        for _ in range(ID_ATTEMPTS - 1):
            try:
                await self.store.add(proposal)
            except IntegrityError:
                proposal = proposal.model_copy(update={"id": self.new_id()})
            else:
                return proposal
        await self.store.add(proposal)
        return proposal

    async def _confirm(self, proposal: Proposal, who: Principal, decision: Decision) -> Proposal | None:
        to = State.AWAITING_APPROVAL if proposal.required_approvals else State.APPROVED
        values = self._decided(who) | {"expires_at": self.clock() + self.windows.of(to)}
        move = Move(to, self.clock(), who, values=values, rules=decision.rules)
        return await self.store.decide(proposal, "confirm", who, move)

    async def _approve(self, proposal: Proposal, who: Principal, decision: Decision) -> Proposal | None:
        values = self._decided(who) | {"expires_at": self.clock() + self.windows.of(State.APPROVED)}
        move = Move(State.APPROVED, self.clock(), who, values=values, rules=decision.rules)
        approved = await self.store.approve(proposal, who, move)
        if approved is not None and approved.approvals == proposal.approvals:
            raise wording.approved_before(approved)
        return approved

    def _decided(self, who: Principal) -> dict[str, Any]:
        return {"decided_by": _name(who), "decided_at": self.clock()}

    async def _shown(self, proposal_id: str, moved: Proposal | None) -> ProposalView:
        """The new state, or, when somebody else was faster, what became of it."""
        if moved is None:
            raise wording.over(await self._gate.known(proposal_id))
        return view(moved, self.redact)


def _step(proposal: Proposal) -> Step:
    return "confirm" if proposal.state is State.AWAITING_CONFIRMATION else "approve"


def _name(who: Principal) -> str:
    return who.display_name or who.user
