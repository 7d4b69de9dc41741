"""The sentences a person reads about a proposal: what, why, what to do next."""

from types import MappingProxyType

from assistant.confirmation.policy import Decision
from assistant.confirmation.proposal import Proposal, State
from assistant.errors import NotAllowed, PersonError, ProposalExpired, ProposalNotFound, ProposalNotPending
from tools.contract import Plan

_WHY = MappingProxyType(
    {
        State.AWAITING_CONFIRMATION: "it waits for the person who asked",
        State.AWAITING_APPROVAL: "it is confirmed already and waits for an approval",
        State.APPROVED: "it is confirmed already and about to run",
        State.APPLYING: "it is being applied right now",
        State.VERIFYING: "it is applied already and being checked",
        State.SUCCEEDED: "it is applied already",
        State.FAILED: "it was tried already and failed",
        State.DENIED: "it was denied",
        State.CANCELLED: "it was cancelled",
        State.SUPERSEDED: "it was superseded",
    }
)
_BY_PERSON = frozenset({State.DENIED, State.CANCELLED})


def unknown(proposal_id: str) -> ProposalNotFound:
    """Nobody knows this id."""
    return ProposalNotFound(
        f"There is no proposal {proposal_id}. Check the id on its card, or ask for the change again."
    )


def over(proposal: Proposal) -> PersonError:
    """Why a proposal cannot be decided any more."""
    name = f"{proposal.id} ({proposal.plan.summary})"
    if proposal.state is State.EXPIRED:
        when = f"{proposal.expires_at:%Y-%m-%d %H:%M} UTC"
        return ProposalExpired(f"{name} expired at {when}, and nothing changed. Ask again to get a new plan.")
    who = f" by {proposal.decided_by}" if proposal.state in _BY_PERSON and proposal.decided_by else ""
    detail = f" {proposal.outcome}" if proposal.outcome else ""
    sentence = f"{name} cannot be decided now: {_WHY[proposal.state]}{who}.{detail} This changed nothing."
    return ProposalNotPending(sentence)


def approved_before(proposal: Proposal) -> ProposalNotPending:
    """The same person approved twice."""
    more = proposal.required_approvals - proposal.approvals
    return ProposalNotPending(f"You approved {proposal.id} already. It needs {more} more, from other people.")


def not_allowed(decision: Decision) -> NotAllowed:
    """The policy's own sentences."""
    return NotAllowed(" ".join(decision.messages) or "The policy forbids this. Ask the platform team.", decision.rules)


def approver(plan: Plan, requester: str, required: int) -> str:
    """Who must press what."""
    if not required:
        return requester
    owner = plan.owner.rsplit("/", 1)[-1] if plan.owner else None
    team = f"{owner} or the platform team" if owner else "the platform team"
    people = "another person" if required == 1 else f"{required} other people"
    return f"{requester}, then {people} of {team}"
