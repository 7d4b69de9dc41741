"""Volumes that do not come: mounts, attachments, claims."""

from collections.abc import Iterator
from datetime import timedelta

from tools.cluster.models.events import Event
from tools.cluster.models.platform import PersistentVolumeClaim
from tools.cluster.models.pods import Pod
from tools.diagnosis import strings
from tools.diagnosis.facts import event_fact, excerpt, field_fact, first_seen, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations
from tools.diagnosis.references import references

_EVENTS = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_PATIENCE = timedelta(minutes=5)  # provisioning a volume takes a cloud a minute or two
_WAITS_FOR_POD = "WaitForFirstConsumer"


def analyze(observations: Observations) -> Iterator[Finding]:
    """Mounts that fail on pods that have not started, and claims that are lost or cannot be provisioned."""
    for pod in observations.live_pods():
        if _not_started(pod):
            yield from _mounts(observations, pod)
        yield from _resize(observations, pod)
    for name, claim in observations.claims.items():
        if claim and claim.status.phase != "Bound":
            yield from _claim(observations, name, claim)


def _resize(observations: Observations, pod: Pod) -> Iterator[Finding]:
    for event in observations.events_on(pod, "VolumeResizeFailed", "FileSystemResizeFailed")[-1:]:
        yield Finding(
            cause="volume-resize-failed",
            role="info" if observations.all_fine() else "cause",
            title=f"its volume cannot be made larger: {excerpt(event.message, 160)}",
            subject=subject_of(pod),
            evidence=(event_fact(event, observations.at),),
            confidence=0.9,
            next_steps=("Ask the platform team whether the storage class allows expansion.",),
            since=event.first_seen,
            pods=(pod.name,),
            key="resize",
        )


def _mounts(observations: Observations, pod: Pod) -> Iterator[Finding]:
    """The newest event of the most telling kind; a missing ConfigMap or Secret is told by its own family."""
    events = observations.events_on(pod, *_EVENTS)
    hits = [
        (hit[0].cause, hit[1]["volume"], one) for one in events if (hit := strings.match(strings.MOUNT, one.message))
    ]
    order = [text.cause for text in strings.MOUNT]
    hits = [hit for hit in hits if not strings.match(strings.CONFIG, hit[2].message)]
    if not hits:
        return
    cause, volume, event = min(hits, key=lambda hit: (order.index(hit[0]), hit[1], hit[2].name))
    generic = event.message.startswith("Unable to attach or mount")
    if generic and any(strings.match(strings.CONFIG, one.message) for one in events):
        return
    yield _mount(observations, pod, cause, volume, event)


def _mount(observations: Observations, pod: Pod, cause: str, volume: str, event: Event) -> Finding:
    error = event.message.split(" : ", 1)[-1] if " : " in event.message else event.message
    words = {
        "volume-multi-attach": (
            f"the volume {volume} is still attached to another node, and may be used on one only",
            "Use strategy Recreate or a StatefulSet for a workload with such a volume; if the old node is lost, ask the"
            " platform team to detach it.",
        ),
        "volume-attach-failed": (
            f"the volume {volume} cannot be attached to the node: {excerpt(error, 160)}",
            "Ask the platform team to look at the volume and the storage driver.",
        ),
    }
    title, step = words.get(
        cause,
        (
            f"the volume {volume} cannot be mounted: {excerpt(error, 160)}",
            "Check what the volume refers to, and whether its storage answers.",
        ),
    )
    return Finding(
        cause=cause,
        title=title,
        subject=subject_of(pod),
        evidence=(event_fact(event, observations.at),),
        confidence=0.7 if event.message.startswith("Unable to") else 0.95,
        next_steps=(step,),
        since=event.first_seen,
        pods=(pod.name,),
        key=volume,
    )


def _claim(observations: Observations, name: str, claim: PersistentVolumeClaim) -> Iterator[Finding]:
    if claim.status.phase == "Lost":
        yield _lost(observations, name, claim)
        return
    events = observations.events_on(claim)
    failures = tuple(one for one in events if one.reason in {"ProvisioningFailed", "FailedBinding"})
    wanted = claim.spec.storage_class_name
    if wanted and wanted in observations.storage_classes and observations.storage_classes[wanted] is None:
        title, step, sure = f"asks for the storage class {wanted}, which does not exist", _CORRECT_CLASS, 0.97
    elif failures:
        title, step, sure = _failure(failures[-1])
    elif _overdue(observations, claim, events):
        title, step, sure = "waits for its storage driver, which has not made a volume yet", _ASK, 0.7
    else:
        return
    yield Finding(
        cause="pvc-provisioning-failed",
        title=f"the volume claim {name} {title}",
        subject=subject_of(claim),
        evidence=(
            field_fact(
                claim, "status.phase", f"{claim.status.phase}, storageClassName {wanted or 'not set'}", observations.at
            ),
            *(event_fact(one, observations.at) for one in (failures or events)[-1:]),
        ),
        confidence=sure,
        next_steps=(step,),
        since=first_seen(failures, claim.metadata.creation_timestamp),
        pods=_users(observations, name),
        key=name,
    )


_CORRECT_CLASS = (
    "Correct storageClassName (a claim must be made anew for that), or ask the platform team for that class."
)
_ASK = "Ask the platform team to look at the storage driver of that class."


def _failure(event: Event) -> tuple[str, str, float]:
    hit = strings.match(strings.CLAIM, event.message)
    match hit[0].cause if hit else "":
        case "class-missing":
            named = hit[1]["name"] if hit else ""
            return f"asks for the storage class {named}, which does not exist", _CORRECT_CLASS, 0.97
        case "class-unset":
            return "names no storage class, and the cluster has no default one", _CORRECT_CLASS, 0.97
        case _:
            return f"cannot get a volume: {excerpt(event.message, 160)}", _ASK, 0.93


def _overdue(observations: Observations, claim: PersistentVolumeClaim, events: tuple[Event, ...]) -> bool:
    born = claim.metadata.creation_timestamp
    storage = observations.storage_classes.get(claim.spec.storage_class_name or "")
    waits = any(one.reason == _WAITS_FOR_POD for one in events[-1:])
    if waits or (storage and storage.volume_binding_mode == _WAITS_FOR_POD and not events):
        return False
    asked = any(one.reason in {"ExternalProvisioning", "Provisioning"} for one in events)
    return asked and born is not None and observations.at - born > _PATIENCE


def _lost(observations: Observations, name: str, claim: PersistentVolumeClaim) -> Finding:
    return Finding(
        cause="pvc-lost",
        title=f"the volume behind the claim {name} is gone",
        explanation="Somebody deleted the volume itself: its data is lost unless there is a backup.",
        subject=subject_of(claim),
        evidence=(field_fact(claim, "status.phase", claim.status.phase, observations.at),),
        confidence=0.97,
        next_steps=("Ask the platform team for a backup before anything is created anew.",),
        pods=_users(observations, name),
        key=name,
    )


def _users(observations: Observations, claim: str) -> tuple[str, ...]:
    return tuple(
        pod.name
        for pod in observations.live_pods()
        if any(ref.kind == "PersistentVolumeClaim" and ref.name == claim for ref in references(pod.spec))
    )


def _not_started(pod: Pod) -> bool:
    statuses = pod.status.container_statuses
    return bool(pod.spec.node_name) and not any(one.state.running or one.state.terminated for one in statuses)
