"""From observations to the answer. Pure."""

from collections.abc import Iterator

from tools.cluster.models.meta import Metadata
from tools.cluster.ownership import owners_of
from tools.contract import Claim, ObjectRef, SuggestedAction, Verdict
from tools.diagnosis.analyzers.table import examine
from tools.diagnosis.bound import fit
from tools.diagnosis.causes import OUTSIDE
from tools.diagnosis.change import what_changed
from tools.diagnosis.models import Diagnosis, Finding, Health, WhatChanged
from tools.diagnosis.observations import Observations
from tools.diagnosis.rank import Ranked, rank
from tools.diagnosis.state import State, assess
from tools.diagnosis.wording import GUESS, headline, health_of, remark

SURE = 0.9
_REVERSIBLE = frozenset(("Deployment", "StatefulSet", "DaemonSet"))


def compose(observations: Observations, *, resolved: str, owner: str | None = None) -> Diagnosis:
    """The diagnosis of what was read, small enough for a model."""
    examined = examine(observations)
    ranked, state = rank(examined.findings), assess(observations)
    root = _with_onset(ranked) if ranked.root and ranked.root.role != "info" else None
    is_job = observations.workload is None and bool(observations.job or observations.cron_job)
    health = health_of(state, root, is_job=is_job, pods_read=not observations.lacks("pods"))
    change = what_changed(observations, root) if root else None
    notes = () if root else _notes(ranked)
    return fit(
        Diagnosis(
            target=observations.target,
            resolved=resolved,
            owner=owner,
            health=health,
            state=state.says,
            verdict=verdict_of(root, health, bool(observations.gaps)),
            summary=headline(observations, state, root, health, change) + remark(notes),
            since=root.since if root else None,
            root_cause=root,
            facts=_facts(state, health, ranked),
            change=change,
            effects=_effects(ranked) if root else (),
            others=ranked.others if root else notes,
            ruled_out=examined.ruled_out(root),
            not_read=_not_read(observations),
            next_steps=_next_steps(root, change, health, observations),
            actions=_actions(observations, root, change, health),
            related=_related(observations),
            examined_at=observations.at,
        )
    )


def verdict_of(root: Finding | None, health: Health, gaps: bool) -> Verdict:
    """Confirmed when a cause is proven, or when a state without failure is; likely when inferred."""
    if root is None:
        settled = health in {"healthy", "idle"} or (health == "progressing" and not gaps)
        return Verdict.CONFIRMED if settled else Verdict.INCONCLUSIVE
    if root.role == "cause" and root.confidence >= SURE:
        return Verdict.CONFIRMED
    return Verdict.LIKELY if root.confidence >= GUESS else Verdict.INCONCLUSIVE


def _facts(state: State, health: Health, ranked: Ranked) -> tuple[Claim, ...]:
    if ranked.root and health in {"down", "degraded", "failed"}:
        return ()
    return (Claim(text=f"{state.says[:1].upper()}{state.says[1:]}.", evidence=state.evidence[:3]),)


def _with_onset(ranked: Ranked) -> Finding | None:
    """A log shows only the newest complaints about a dependency: it began when the first effect did."""
    root = ranked.root
    if root is None or root.cause not in OUTSIDE:
        return root
    times = [one.since for one in (root, *ranked.effects) if one.since]
    return root.model_copy(update={"since": min(times, default=None)})


def _not_read(observations: Observations) -> tuple[str, ...]:
    cut = (f"only the first {len(observations.pods)} pods were looked at",) if observations.pods_truncated else ()
    return tuple(dict.fromkeys((*(gap.why for gap in observations.gaps), *cut)))


def _effects(ranked: Ranked) -> tuple[Finding, ...]:
    """Without the missing readiness itself: the state says that already."""
    return tuple(one for one in ranked.effects if one.cause != "rollout-unavailable")


def _notes(ranked: Ranked) -> tuple[Finding, ...]:
    every = ((ranked.root,) if ranked.root else ()) + ranked.effects + ranked.others
    return tuple(one for one in every if one.role == "info")


def _next_steps(
    root: Finding | None, change: WhatChanged | None, health: Health, observations: Observations
) -> tuple[str, ...]:
    if root is None:
        return _calm_steps(health, observations)
    back: tuple[str, ...] = ()
    if change and change.explains and change.to_revision and observations.target.kind in _REVERSIBLE:
        back = (_way_back(observations, change),)
    return (*_first_steps(root, change), *back)


def _first_steps(root: Finding, change: WhatChanged | None) -> tuple[str, ...]:
    """A variable that the log and the last rollout both name is what to correct: the log has been read already."""
    if change is None or not change.named:
        return root.next_steps
    rest = tuple(step for step in root.next_steps if not step.startswith("Read the log"))
    return (f"Correct the variable {' and '.join(change.named)} where the workload is declared.", *rest)


def _way_back(observations: Observations, change: WhatChanged) -> str:
    declared = _declared_by(observations)
    if declared:
        return f"Or revert the change where it is declared ({declared}): a rollback in the cluster would be undone."
    image = next((one.before for one in change.fields if one.path.endswith(".image") and one.before), None)
    return f"Or roll back to revision {change.to_revision}" + (f", which ran {image}." if image else ".")


def _declared_by(observations: Observations) -> str:
    """Another controller that sets the workload back to what it was told."""
    meta = observations.workload.metadata if observations.workload else Metadata()
    return next((owner.name for owner in owners_of(meta) if owner.reverts), "")


def _calm_steps(health: Health, observations: Observations) -> tuple[str, ...]:
    name = observations.target.name
    match health:
        case "idle":
            return (
                f"Scale {name} up if it should run." if observations.workload else f"Resume {name} if it should run.",
            )
        case "progressing":
            return ("Ask again in a few minutes.",)
        case "unknown":
            missing = [f"Get the missing right or access, then ask again: {gap.why}." for gap in observations.gaps[:1]]
            return (*missing, f"Look at the events and the log of {name} of the last hour.")
        case _:
            return ()


def _actions(
    observations: Observations, root: Finding | None, change: WhatChanged | None, health: Health
) -> tuple[SuggestedAction, ...]:
    name = observations.target.name
    if root is None:
        if health != "idle" or observations.workload is None:
            return ()
        args = observations.call_args(replicas=1)
        return (SuggestedAction(label=f"Scale {name} to 1 replica", tool="scale_workload", args=args),)
    reversible = observations.target.kind in _REVERSIBLE and not _declared_by(observations)
    if not (change and change.explains and change.to_revision and reversible):
        return root.actions
    args = observations.call_args(to_revision=change.to_revision)
    label = f"Roll back {name} to revision {change.to_revision}"
    return (SuggestedAction(label=label, tool="rollback_workload", args=args, risk="medium"), *root.actions)


def _related(observations: Observations) -> tuple[ObjectRef, ...]:
    """Workloads behind dependencies that were looked into."""
    return tuple(dict.fromkeys(target for target in _behind(observations) if target.kind in _REVERSIBLE))


def _behind(observations: Observations) -> Iterator[ObjectRef]:
    for dependency in observations.dependencies:
        if dependency.behind:
            yield dependency.behind.target
            yield from _behind(dependency.behind)
