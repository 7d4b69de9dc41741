"""Pods that the API server refuses to create: quota, limits, policies, webhooks."""

from collections.abc import Iterator

from tools.cluster.models.events import Event
from tools.cluster.models.meta import ApiObject
from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.choose import too_few
from tools.diagnosis.facts import condition_fact, event_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations, seen


def analyze(observations: Observations) -> Iterator[Finding]:
    """The newest refusal, while fewer pods exist than are wanted."""
    if not too_few(observations):
        return
    owner = _owner(observations)
    events = _events(observations)
    failure = _failure(observations)
    message = failure[1] if failure else events[-1].message if events else ""
    if owner is None or not message:
        return
    hit = strings.match(strings.ADMISSION, message)
    groups = {key: text for key, text in hit[1].groupdict().items() if text} if hit else {}
    title, step = _say(hit[0].cause if hit else "", groups, message)
    yield Finding(
        cause=hit[0].cause if hit else "replica-failure",
        title=title,
        explanation="" if hit else "The API server refuses to create its pods.",
        subject=subject_of(owner),
        evidence=_evidence(observations, failure, events, groups),
        confidence=0.75 if hit is None else 0.88 if _others_fail(observations) else 0.96,
        next_steps=(step,),
        since=events[0].first_seen if events else None,
        key=excerpt(title, 80),
    )


def _others_fail(observations: Observations) -> bool:
    """Whether pods of that template that could be made fail too: then more of them would not help."""
    current = (pod for pod in observations.live_pods() if observations.is_current(pod))
    return any(not pod.is_ready() and pod.spec.node_name for pod in current)


def _owner(observations: Observations) -> ApiObject | None:
    job = observations.job or next(iter(observations.jobs), None)
    return observations.newest_set() or observations.workload or job


def _events(observations: Observations) -> list[Event]:
    things = (observations.newest_set(), observations.workload, observations.job, *observations.jobs[:1])
    found = [event for thing in things if thing for event in observations.events_on(thing, "FailedCreate")]
    return sorted(found, key=lambda event: (seen(event, observations.at), event.name))


def _failure(observations: Observations) -> tuple[Evidence, str] | None:
    for thing in (observations.newest_set(), observations.workload):
        failure = thing.condition("ReplicaFailure") if thing else None
        if thing and failure and failure.status != "False" and failure.message:
            return condition_fact(thing, failure, observations.at), failure.message
        progress = thing.condition("Progressing") if thing else None
        if thing and progress and progress.reason == "ReplicaSetCreateError":
            return condition_fact(thing, progress, observations.at), progress.message
    return None


def _evidence(
    observations: Observations, failure: tuple[Evidence, str] | None, events: list[Event], groups: dict[str, str]
) -> tuple[Evidence, ...]:
    facts = [event_fact(event, observations.at) for event in events[-1:]]
    facts += [failure[0]] if failure else []
    for quota in observations.quotas:
        if quota.name == groups.get("quota"):
            used = "; ".join(
                f"{key} {quota.status.used.get(key, '0')} of {hard}" for key, hard in quota.status.hard.items()
            )
            facts.append(field_fact(quota, "status.used of status.hard", used, observations.at))
    for limits in observations.limit_ranges if "bound" in groups else ():
        facts.append(field_fact(limits, "spec.limits", str(list(limits.spec.limits)), observations.at))
    return tuple(facts)


def _say(cause: str, groups: dict[str, str], message: str) -> tuple[str, str]:
    rows = {
        "quota-exceeded": (
            "the quota {quota} of the namespace is used up (asked for {requested}, used {used} of {limited})",
            "Free some of the quota (scale down what is not needed), lower the requests, or ask for a larger quota.",
        ),
        "quota-must-specify": (
            "the quota {quota} demands that its containers state {fields}",
            "Set those requests and limits on every container.",
        ),
        "limitrange-violation": (
            "its containers go beyond the {bound} of {limit} {resource} per {type} that the namespace allows",
            "Set a value within the LimitRange of the namespace, or ask for another one.",
        ),
        "podsecurity-violation": (
            "its pods violate the pod security level {level} of the namespace: {why}",
            "Set the fields that the message names in the container's securityContext.",
        ),
        "webhook-denied": (
            "the admission webhook {webhook} refuses its pods: {why}",
            "Correct what the policy names, or ask its owner for an exception.",
        ),
        "webhook-unavailable": (
            "the admission webhook {webhook} does not answer, so no pod can be created",
            "Ask the platform team to look at the pods and the certificate of that webhook.",
        ),
        "vap-denied": ("the admission policy {policy} refuses its pods: {why}", "Correct what the policy names."),
        "namespace-terminating": (
            "the namespace is being deleted, so nothing can be created in it",
            "Use another namespace, or create it again when it is gone.",
        ),
        "service-account-missing": (
            "the service account {account} that its pods run as does not exist",
            "Create the service account, or correct serviceAccountName.",
        ),
    }
    said = excerpt(message.removeprefix("Error creating: "), 200)
    title, step = rows.get(cause, ("", ""))
    if title and all(f"{{{name}}}" not in title or name in groups for name in _NAMES):
        return title.format(**{name: excerpt(text, 200) for name, text in groups.items()}), step
    return f"its pods cannot be created: {said}", step or "Correct what the message names."


_NAMES = (
    *("quota", "requested", "used", "limited", "fields", "bound", "limit", "resource", "type"),
    *("level", "why", "webhook", "policy", "account"),
)
