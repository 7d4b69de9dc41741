"""Pods that others put out: preempted for a more important one, or removed because of a taint of their node."""

from collections.abc import Iterator
from datetime import timedelta

from tools.cluster.models.events import Event
from tools.diagnosis.facts import condition_fact, event_fact, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations, seen

_RECENT = timedelta(hours=1)
_CONDITIONS = {"PreemptionByScheduler": "preempted", "DeletionByTaintManager": "taint-eviction"}
_EVENTS = {"Preempted": "preempted", "TaintManagerEviction": "taint-eviction"}
_SAYS = {
    "preempted": (
        "its pods are put out by pods of a higher priority",
        "Ask the platform team for room, or give the workload a priorityClassName that fits its importance.",
    ),
    "taint-eviction": (
        "its pods are removed from their node because of a taint that they do not tolerate",
        "Ask the platform team why the node was tainted; tolerate the taint only if the pods may stay there.",
    ),
}


def analyze(observations: Observations) -> Iterator[Finding]:
    """While pods are missed: conditions of pods that are going, and events on those that are gone."""
    if _whole(observations):
        return
    for pod in observations.pods:
        condition = pod.condition("DisruptionTarget")
        cause = _CONDITIONS.get(condition.reason) if condition and condition.status == "True" else None
        if cause and condition:
            found = _finding(observations, cause, subject_of(pod), pod.spec.priority_class_name)
            fact = condition_fact(pod, condition, observations.at)
            yield found.model_copy(
                update={"evidence": (fact, *found.evidence), "since": condition.last_transition_time}
            )
    for event in observations.platform.gone:
        cause = _EVENTS.get(event.reason)
        if cause and _is_recent(observations, event):
            about = event.involved_object
            found = _finding(observations, cause, f"Pod {about.namespace}/{about.name}", _priority(observations))
            fact = event_fact(event, observations.at)
            yield found.model_copy(update={"evidence": (fact, *found.evidence), "since": event.first_seen})


def _whole(observations: Observations) -> bool:
    workload = observations.workload
    return workload is not None and workload.ready() >= workload.desired()


def _is_recent(observations: Observations, event: Event) -> bool:
    return observations.at - seen(event, observations.at) < _RECENT


def _priority(observations: Observations) -> str:
    return observations.template.spec.priority_class_name


def _finding(observations: Observations, cause: str, subject: str, priority: str) -> Finding:
    title, step = _SAYS[cause]
    owner = observations.workload or next(iter(observations.pods), None)
    where = "spec.template.spec.priorityClassName"
    text = priority or "none: the default priority"
    facts = (field_fact(owner, where, text, observations.at),) if owner and cause == "preempted" else ()
    return Finding(
        cause=cause, title=title, subject=subject, evidence=facts, confidence=0.92, next_steps=(step,), key=cause
    )
