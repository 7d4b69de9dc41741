"""The sentences a person reads about a proposal: what, why, what to do next."""

from types import MappingProxyType

from assistant.confirmation.approvals import Approvals
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
    given = Approvals(total=proposal.approvals, owner=proposal.owner_approvals, platform=proposal.platform_approvals)
    missing = still_missing(proposal.needed, given, proposal.plan.owner)
    return ProposalNotPending(f"You approved {proposal.id} already. It has {missing}; the others must be other people.")


def not_allowed(decision: Decision) -> NotAllowed:
    """The policy's own sentences."""
    return NotAllowed(" ".join(decision.messages) or "The policy forbids this. Ask the platform team.", decision.rules)


def approver(plan: Plan, requester: str, needed: Approvals) -> str:
    """Who must press what."""
    return approver_of(plan.owner, requester, needed)


def approver_of(owner: str | None, requester: str, needed: Approvals) -> str:
    """Who must press what, for something that this group owns."""
    if not needed.total:
        return requester
    team = owner.rsplit("/", 1)[-1] if owner else None
    anybody = f"{team} or the platform team" if team else "the platform team"
    people = "another person" if needed.total == 1 else f"{needed.total} other people"
    roles = [(needed.owner, team or "the owning team"), (needed.platform, "the platform team")]
    asked = [f"{_count(count)} of {name}" for count, name in roles if count]
    return f"{requester}, then {people} of {anybody}" + (f", at least {' and '.join(asked)}" if asked else "")


def glass_only(decision: Decision, proposal_id: str) -> str:
    """A proposal that nothing but a broken glass can run now."""
    command = f'infra-assistant confirm {proposal_id} --break-glass --incident ID --reason "..."'
    return f"{' '.join(decision.messages)} You may: {command}"


def deny_needs_reason(proposal: Proposal) -> PersonError:
    """A denial says why."""
    return PersonError(
        f"Say why you deny {proposal.id}: press Deny on its card, or infra-assistant reject {proposal.id} --reason WHY."
    )


def denied_before(proposal: Proposal, threshold: int) -> ProposalNotPending:
    """The same person denied twice."""
    more = threshold - proposal.denials
    return ProposalNotPending(f"You denied {proposal.id} already. It ends with {more} more, by other people.")


def still_missing(needed: Approvals, given: Approvals, owner: str | None) -> str:
    """Which approvals a proposal waits for: "1 of 2 approvals, still of the platform team"."""
    team = owner.rsplit("/", 1)[-1] if owner else "the owning team"
    roles = [(needed.owner - given.owner, team), (needed.platform - given.platform, "the platform team")]
    asked = [f"{_count(count)} of {name}" for count, name in roles if count > 0]
    return f"{given.total} of {needed.total} approvals" + (f", still {' and '.join(asked)}" if asked else "")


def _count(count: int) -> str:
    return "one" if count == 1 else str(count)


def glass_needs_reason(proposal_id: str) -> PersonError:
    """A broken glass says in which incident and why."""
    return PersonError(
        f"Breaking the glass needs the incident and a reason: infra-assistant confirm {proposal_id} --break-glass "
        '--incident INC-1 --reason "...".'
    )
