"""What every decision must pass: it exists, it waits, it is the plan that was shown, and the policy allows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from assistant.confirmation import wording
from assistant.confirmation.policy import Decision, Policy, Run, Step
from assistant.confirmation.proposal import OPEN, PENDING, Proposal, State
from assistant.confirmation.store import Move, ProposalStore
from assistant.errors import ProposalStale
from assistant.identity.principal import Principal
from tools.clock import Clock


@dataclass(frozen=True)
class Gate:
    """The checks. Each raises PersonError with a sentence for the person; what it refuses goes on record."""

    store: ProposalStore
    policy: Policy
    clock: Clock

    async def known(self, proposal_id: str) -> Proposal:
        """The proposal of that id. Raises ProposalNotFound."""
        proposal = await self.store.get(proposal_id)
        if proposal is None:
            raise wording.unknown(proposal_id)
        return proposal

    async def pending(self, proposal_id: str) -> Proposal:
        """A proposal that waits for a person."""
        return await self._in(PENDING, proposal_id)

    async def open(self, proposal_id: str) -> Proposal:
        """A proposal that nobody has begun to apply."""
        return await self._in(OPEN, proposal_id)

    async def same_plan(self, proposal: Proposal, who: Principal, shown: str | None) -> None:
        """Nobody confirms a plan they were not shown, and no plan outlives the policy it was allowed under."""
        if shown is not None and shown != proposal.plan_hash:
            raise ProposalStale(f"That card shows another plan than {proposal.id} has now. Use the newest card.")
        why = self.void_because(proposal)
        if why:
            await self.supersede(proposal, why, who)
            raise ProposalStale(f"{proposal.id} is void: {why}. Nothing changed. Ask again to get a new plan.")

    def void_because(self, proposal: Proposal) -> str:
        """Why the plan may not be applied any more, or nothing."""
        if not proposal.hash_holds():
            return "the stored plan is not the one that was shown"
        return "the policy changed since it was shown" if proposal.policy_hash != self.policy.hash else ""

    async def supersede(self, proposal: Proposal, why: str, who: Principal | None = None) -> Proposal | None:
        """End a proposal whose plan is void."""
        values = {"outcome": f"Superseded: {why}. Nothing changed."}
        return await self.store.move(proposal, Move(State.SUPERSEDED, self.clock(), who, why, values, expired=None))

    async def expire(self, proposal: Proposal, now: datetime) -> Proposal | None:
        """End a proposal whose window is over. None: it was decided in the meantime."""
        outcome = f"Expired while {proposal.state.value.replace('_', ' ')}. Nothing changed."
        move = Move(State.EXPIRED, now, None, outcome, {"outcome": outcome}, expired=True)
        return await self.store.move(proposal, move)

    def ask(self, proposal: Proposal, who: Principal, step: Step) -> Decision:
        """What the policy says of this person taking this step."""
        return self.policy.may(who, step, proposal.subject, proposal.requester, hash_matches=proposal.hash_holds())

    async def could_run(self, proposal: Proposal, who: Principal) -> None:
        """Nobody has a change run that the policy forbids to run now: in a freeze. Raises NotAllowed."""
        run = Run(proposal.needed, hash_matches=proposal.hash_holds())
        decision = self.policy.may_apply(proposal.requester, proposal.subject, run)
        if not decision.allowed:
            await self.refuse(proposal, who, decision)

    async def allow(self, proposal: Proposal, who: Principal, step: Step) -> Decision:
        """Let a person pass whom the policy allows. Raises NotAllowed."""
        decision = self.ask(proposal, who, step)
        if not decision.allowed:
            await self.refuse(proposal, who, decision)
        return decision

    async def refuse(self, proposal: Proposal, who: Principal, decision: Decision) -> NoReturn:
        """Turn a person away, on record. Raises NotAllowed."""
        reason = " ".join(decision.messages)
        await self.store.note(
            proposal, "change.refused", Move(proposal.state, self.clock(), who, reason, rules=decision.rules)
        )
        raise wording.not_allowed(decision)

    async def _in(self, states: frozenset[State], proposal_id: str) -> Proposal:
        proposal = await self.known(proposal_id)
        if proposal.state not in states:
            raise wording.over(proposal)
        if proposal.expires_at <= self.clock():
            raise wording.over(await self.expire(proposal, self.clock()) or await self.known(proposal_id))
        return proposal
