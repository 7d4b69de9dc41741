"""What others see of a proposal: never more than may leave the assistant."""

from typing import Protocol, TypeVar

from pydantic import BaseModel

from assistant.confirmation.proposal import Proposal
from assistant.conversation import ProposalView

M = TypeVar("M", bound=BaseModel)


class Redact(Protocol):
    """Takes secrets out of every string of a model."""

    def __call__(self, model: M, /) -> M: ...


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
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        outcome=proposal.outcome,
    )
