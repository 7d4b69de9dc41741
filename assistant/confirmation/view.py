"""What others see of a proposal: never more than may leave the assistant."""

from typing import Protocol, TypeVar

from pydantic import BaseModel

from assistant.confirmation import wording
from assistant.confirmation.approvals import Approvals
from assistant.confirmation.proposal import Proposal, State
from assistant.conversation import ProposalView
from tools.contract import Plan

M = TypeVar("M", bound=BaseModel)


class Redact(Protocol):
    """Takes secrets out of every string of a model."""

    def __call__(self, model: M, /) -> M: ...


def shown_plan(plan: Plan, redact: Redact) -> Plan:
    """The plan as it is stored: every word a person reads is free of secrets; what is applied stays as planned."""
    clean = redact(plan)
    words = ("summary", "diff", "effects", "warnings", "before")
    return plan.model_copy(update={name: getattr(clean, name) for name in words})


def view(proposal: Proposal, redact: Redact) -> ProposalView:
    """The card's content, redacted. The stored plan stays as it is: it is applied exactly as planned."""
    return ProposalView(
        id=proposal.id,
        state=proposal.state.value,
        plan=redact(proposal.plan),
        requester=proposal.requester.id,
        requester_name=proposal.requester.display_name or proposal.requester.user,
        thread=proposal.thread,
        created_at=proposal.created_at,
        expires_at=proposal.expires_at,
        plan_hash=proposal.plan_hash,
        tier=proposal.plan.tier,
        reasons=proposal.reasons,
        approver=proposal.approver,
        progress=_progress(proposal),
        roll_back=proposal.roll_back,
        automatic_of=proposal.automatic_of,
        broken_glass=_glass(proposal),
        after=proposal.observed.evidence if proposal.observed else (),
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        outcome=proposal.outcome,
    )


def _progress(proposal: Proposal) -> str:
    if proposal.state is not State.AWAITING_APPROVAL:
        return ""
    given = Approvals(total=proposal.approvals, owner=proposal.owner_approvals, platform=proposal.platform_approvals)
    return wording.still_missing(proposal.needed, given, proposal.plan.owner)


def _glass(proposal: Proposal) -> str | None:
    broken = proposal.broken_glass
    if broken is None:
        return None
    return f"{broken.who.display_name or broken.who.user} broke the glass for {broken.incident}: {broken.reason}"
