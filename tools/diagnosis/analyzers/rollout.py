"""Rollouts that do not finish: mostly symptoms, and the pause that somebody set."""

from collections.abc import Iterator

from tools.cluster.models.workloads import Workload
from tools.diagnosis.facts import condition_fact, event_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations
from tools.diagnosis.state import assess


def analyze(observations: Observations) -> Iterator[Finding]:
    """Deadline passed, paused half-way, below its minimum of pods, or an ordered update that is blocked."""
    workload = observations.workload
    yield from _taken_over(observations)
    if workload is None or workload.desired() == 0:
        return
    yield from _selector(observations, workload)
    yield from _deadline(observations, workload)
    if workload.spec.paused and workload.updated() < workload.desired():
        yield _paused(observations, workload)
    if workload.ready() < workload.desired() and not _young(observations):
        yield _unavailable(observations, workload)


def _deadline(observations: Observations, workload: Workload) -> Iterator[Finding]:
    progress = workload.condition("Progressing")
    if progress is None or progress.status != "False" or progress.reason != "ProgressDeadlineExceeded":
        return
    seconds = workload.spec.progress_deadline_seconds
    deadline = f" within its deadline of {seconds} s" if seconds else " within its deadline"
    yield Finding(
        cause="rollout-deadline",
        title=f"the rollout did not finish{deadline}",
        explanation="The controller keeps trying, but reports the rollout as failed.",
        subject=subject_of(workload),
        evidence=(condition_fact(workload, progress, observations.at),),
        confidence=0.6,
        next_steps=("Look at the pods of the newest version: they do not become ready.",),
        since=progress.last_transition_time or progress.last_update_time,
    )


def _paused(observations: Observations, workload: Workload) -> Finding:
    progress = workload.condition("Progressing")
    facts = [field_fact(workload, "spec.paused", "true", observations.at)]
    facts += [condition_fact(workload, progress, observations.at)] if progress else []
    return Finding(
        cause="rollout-paused",
        title=f"its rollout is paused with {workload.updated()} of {workload.desired()} pods on the newest version",
        explanation="Somebody paused it; nothing moves until it is resumed.",
        subject=subject_of(workload),
        evidence=tuple(facts),
        confidence=0.95,
        next_steps=(
            f"Resume it (kubectl rollout resume {workload.kind.lower()}/{workload.name}), or ask who paused it.",
        ),
        since=progress.last_transition_time if progress else None,
    )


def _unavailable(observations: Observations, workload: Workload) -> Finding:
    available = workload.condition("Available")
    fact = (
        condition_fact(workload, available, observations.at)
        if available and available.status == "False"
        else field_fact(workload, "status", f"{workload.ready()} of {workload.desired()} ready", observations.at)
    )
    return Finding(
        cause="rollout-unavailable",
        title=f"only {workload.ready()} of {workload.desired()} pods are ready",
        explanation=_ordered(workload),
        subject=subject_of(workload),
        evidence=(fact,),
        confidence=0.4,
        next_steps=("Look at the events and logs of the pods that are not ready.",),
        since=available.last_transition_time if available and available.status == "False" else None,
    )


def _ordered(workload: Workload) -> str:
    if workload.kind != "StatefulSet":
        return ""
    return "A StatefulSet changes its pods one after the other: one that is not ready holds up the rest."


def _young(observations: Observations) -> bool:
    """Whether everything that is not ready is only starting: nothing else was found out about it yet."""
    return assess(observations).moving


def _selector(observations: Observations, workload: Workload) -> Iterator[Finding]:
    for event in observations.events_on(workload, "SelectingAll", "AmbiguousSelector")[-1:]:
        yield Finding(
            cause="selector-all",
            title=f"its selector does not single out its own pods: {excerpt(event.message, 160)}",
            explanation="The controller does nothing until the selector is corrected.",
            subject=subject_of(workload),
            evidence=(event_fact(event, observations.at),),
            confidence=0.93,
            next_steps=(
                "Give it a selector of labels that only its own pods carry; it must be created anew for that.",
            ),
            since=event.first_seen,
        )


def _taken_over(observations: Observations) -> Iterator[Finding]:
    """An Argo Rollout that runs the pods of this Deployment, and has stopped half-way."""
    for rollout in observations.platform.of_kind("Rollout"):
        if str(rollout.status.get("phase") or "") != "Degraded" and not rollout.status.get("abort"):
            continue
        said = excerpt(str(rollout.status.get("message") or ""), 160)
        yield Finding(
            cause="rollouts-aborted",
            title=f"the Argo Rollout {rollout.name}, which runs its pods, is degraded or aborted: {said}",
            subject=subject_of(rollout),
            evidence=(field_fact(rollout, "status.phase", f"{rollout.status.get('phase')}: {said}", observations.at),),
            confidence=0.92,
            next_steps=("Look at the AnalysisRuns of the Rollout, then promote, retry or undo it.",),
            key=rollout.name,
        )
