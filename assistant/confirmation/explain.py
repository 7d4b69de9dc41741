"""Why a policy answers as it does: for the platform team, in lines (pure but for the policy's clock)."""

from collections.abc import Iterator

from assistant.confirmation import wording
from assistant.confirmation.policy import Decision, Policy
from assistant.confirmation.subject import Subject
from assistant.identity.principal import Principal
from tools.cluster.quantities import cpu_text, memory_text


def explain(policy: Policy, who: Principal, subject: Subject) -> tuple[Decision, tuple[str, ...]]:
    """The answer to "may WHO ask for this, and who must approve", with the rules that decide and what to do."""
    decision = policy.may_propose(who, subject)
    return decision, tuple(_lines(policy, who, subject, decision))


def _lines(policy: Policy, who: Principal, subject: Subject, decision: Decision) -> Iterator[str]:
    most, target = policy.limits.of(subject.tier), subject.target
    teams = ", ".join(who.teams) or ("all, as the operator" if who.kind == "operator" else "none")
    yield f"who        {who.display_name or who.user} ({who.id}), teams: {teams}"
    yield f"what       {subject.action} of {target} on cluster {target.cluster}"
    yield f"tier       {subject.tier}: at most {most.replicas} replicas, {memory_text(most.memory_bytes)} and " + (
        f"{cpu_text(most.cpu_millis)} CPU a container"
    )
    yield f"owner      {_owner(policy, subject)}"
    yield f"freeze     {policy.freeze(subject.tier) or 'none now'}"
    yield f"answer     {_answer(subject, decision)}"
    for rule in decision.rules:
        yield f"rule       {rule}"
    for message in decision.messages:
        yield f"because    {message}"


def _owner(policy: Policy, subject: Subject) -> str:
    if subject.owner is None:
        return "none that the catalog names: the platform team decides"
    place = subject.owner_location or "no location"
    if policy.limits.trusts(subject.owner_location):
        return f"{subject.owner}, which may approve ({place} is trusted)"
    return f"{subject.owner}, which may not approve ({place} is not among CONFIRMATION__OWNER_LOCATIONS)"


def _answer(subject: Subject, decision: Decision) -> str:
    if decision.glass_only:
        return "only by breaking the glass"
    if not decision.allowed:
        return "no"
    if not decision.needed.total:
        return "yes, with their own confirmation"
    return f"yes; confirmed by {wording.approver_of(subject.owner, 'them', decision.needed)}"
