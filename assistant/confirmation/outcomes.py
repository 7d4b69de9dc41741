"""What the person is told in the end: what happened, what it means, what to do."""

from datetime import timedelta

from assistant.confirmation.proposal import Proposal
from tools.contract import Outcome, Plan
from tools.errors import PlanStale, ToolError

FRIDAY = 4


def is_good(observed: Outcome | None) -> bool:
    """Settled and healthy."""
    return observed is not None and observed.settled and observed.healthy


def of(proposal: Proposal, waited: timedelta) -> str:
    """How an applied change ended."""
    return f"{_ended(proposal, waited)} {_review(proposal)}".strip()


def _review(proposal: Proposal) -> str:
    """A broken glass is looked at afterwards, by the next working day."""
    broken = proposal.broken_glass
    if broken is None:
        return ""
    due = broken.at + timedelta(days=1)
    while due.weekday() > FRIDAY:
        due += timedelta(days=1)
    who = broken.who.display_name or broken.who.user
    return f"{who} broke the glass for {broken.incident}: review it by {due:%A %Y-%m-%d} (audit show {proposal.id})."


def _ended(proposal: Proposal, waited: timedelta) -> str:
    observed = proposal.observed
    if is_good(observed):
        return _join("Done, and healthy:", observed, proposal.plan, undo="It can be undone.")
    if observed is not None and observed.settled:
        worse = f"It is worse than before: {observed.regressed}" if observed.regressed else ""
        return _join("Applied, but not healthy:", observed, proposal.plan, undo=f"{worse} Undo takes it back.".strip())
    minutes = int(waited.total_seconds() // 60)
    seen = f"Applied, but not settled after {minutes} min:"
    return _join(seen, observed, proposal.plan, undo="Look at it again, or undo it.")


def stale(error: PlanStale) -> str:
    """The object moved."""
    return f"Nothing changed: the object is not what it was when the plan was shown. {error.message} Ask again."


def refused(error: ToolError) -> str:
    """The cluster said no."""
    return f"Nothing changed: the cluster refused it. {error.message}"


def forbidden(messages: tuple[str, ...]) -> str:
    """The policy says no by now."""
    return f"Nothing changed: the policy forbids it now. {' '.join(messages)}"


def rolling_back(change: str) -> str:
    """What was agreed to is done."""
    return f"As agreed on its card it is being taken back now, by {change}."


def not_rolled_back(why: str) -> str:
    """What was agreed to cannot be done."""
    return f"It was to be taken back by itself, but was not: {why} Undo it by hand."


def no_tool(name: str) -> str:
    """The tool of the plan is gone."""
    return f"Nothing changed: the tool {name} is not available any more. Ask again."


def unknown(*, applied: bool) -> str:
    """Nobody can say."""
    if applied:
        return "Applied, but it could not be checked because of an internal error. Look at the workload."
    return (
        "It is unknown whether this was applied: the cluster did not answer, or an internal error stopped it. "
        "Look at the workload before you ask again."
    )


def _join(first: str, observed: Outcome | None, plan: Plan, *, undo: str) -> str:
    seen = observed.summary if observed is not None else "its state could not be read."
    return " ".join(filter(None, (first, seen, undo if plan.inverse else plan.no_inverse_reason)))
