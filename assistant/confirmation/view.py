"""What others see of a proposal: never more than may leave the assistant."""

from collections.abc import Callable

from assistant.confirmation.proposal import Proposal
from assistant.conversation import ProposalView
from tools.contract import Plan

Redact = Callable[[Plan], Plan]
"""Takes secrets out of a plan that is shown. The stored plan keeps them: it is applied exactly as planned."""


def view(proposal: Proposal, redact: Redact) -> ProposalView:
    """The card's content."""
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
