"""The roll back that was agreed to in advance: an own, audited change, made only when verification fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.confirmation import outcomes, wording
from assistant.confirmation.drafting import Request, draft
from assistant.confirmation.policy import Decision, Policy, Run
from assistant.confirmation.proposal import Proposal, State, Windows
from assistant.confirmation.standing import given
from assistant.confirmation.store import Move, ProposalStore
from assistant.confirmation.subject import Subject
from assistant.confirmation.view import Redact, shown_plan
from assistant.errors import PersonError
from assistant.identity.principal import Principal
from tools.clock import Clock
from tools.contract import Inverse, Outcome, Plan, Toolbox, WriteTool
from tools.errors import PlanStale, ToolError


def agreed(proposal: Proposal) -> bool:
    """Whether it was applied, was then seen to be not healthy, and its requester wanted it taken back in that case."""
    applied = proposal.state is State.FAILED and proposal.receipt is not None and proposal.observed is not None
    return applied and proposal.roll_back and proposal.plan.inverse is not None


def roll_back_id(proposal_id: str) -> str:
    """The id of the change that takes one back: there can be one."""
    return f"{proposal_id}-back"


@dataclass(frozen=True)
class RollBack:
    """Makes the approved change that takes another one back, acting as the person who asked for that."""

    store: ProposalStore
    policy: Policy
    windows: Windows
    toolbox_for: Callable[[Principal], Toolbox]
    clock: Clock
    redact: Redact

    async def of(self, failed: Proposal) -> str:
        """Its id, or "" when it cannot be made or the policy forbids it: then the reason is in the outcome."""
        made = roll_back_id(failed.id)
        if await self.store.get(made) is not None:
            return made
        try:
            await self.store.add(await self._approved(failed))
        except (ToolError, PersonError) as error:
            await self._tell(failed, outcomes.not_rolled_back(error.message))
            return ""
        await self._tell(failed, outcomes.rolling_back(made))
        return made

    async def _approved(self, failed: Proposal) -> Proposal:
        inverse = failed.plan.inverse
        tool = self.toolbox_for(failed.requester).writes.get(inverse.tool) if inverse else None
        if inverse is None or tool is None:
            raise PersonError("The tool that undoes it is not available any more.")
        plan = await self._plan(failed, inverse, tool)
        decision = await self._decision(failed, plan, tool)
        request = Request(plan, tool.action, failed.requester, failed.thread, failed.origin, decision, self.policy.hash)
        window = self.windows.of(State.APPROVED)
        drafted = draft(request, id=roll_back_id(failed.id), clock=self.clock, window=window)
        reason = f"Agreed to in advance, on the card of {failed.id}."
        return drafted.model_copy(
            update={"state": State.APPROVED, "automatic_of": failed.id, "reasons": (reason,), "approver": ""}
        )

    async def _plan(self, failed: Proposal, inverse: Inverse, tool: WriteTool[Any]) -> Plan:
        """The inverse call, planned now. Raises PlanStale when it would reach another object than the one changed."""
        plan = shown_plan(await tool.plan(tool.args.model_validate(inverse.args)), self.redact)
        if plan.target != failed.plan.target:
            raise PlanStale(f"{failed.plan.target} is not the object that was changed any more.")
        return plan

    async def _decision(self, failed: Proposal, plan: Plan, tool: WriteTool[Any]) -> Decision:
        approvals = await given(failed, self.store, self.policy)
        run = Run(approvals, break_glass=failed.broken_glass is not None, automatic=True)
        decision = self.policy.may_apply(failed.requester, Subject.of(plan, tool.action), run)
        if not decision.allowed:
            raise wording.not_allowed(decision)
        return decision

    async def _tell(self, failed: Proposal, text: str) -> None:
        """Add to the outcome of the failed change, on record."""
        told = self.redact(Outcome(settled=True, healthy=False, summary=f"{failed.outcome or ''} {text}".strip()))
        updated = await self.store.update(failed, {"outcome": told.summary})
        if updated is not None:
            await self.store.note(updated, "change.roll_back", Move(failed.state, self.clock(), reason=text))
