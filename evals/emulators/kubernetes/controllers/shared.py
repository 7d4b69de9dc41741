"""What controllers of workloads have in common."""

from collections.abc import Callable, Iterable
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from evals.emulators.kubernetes.catalogue import PODS
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.objects import (
    Json,
    condition,
    controller_of,
    copy_json,
    dig,
    is_deleting,
    pod_ready,
    uid_of,
)
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import parse_time
from evals.emulators.kubernetes.writes import WriteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

STATUS = WriteOptions(Manager("kube-controller-manager", subresource="status"))
_TERMINAL = ("Succeeded", "Failed")


def key_of(obj: Json) -> Key:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def own_key(change: Change) -> Iterable[Key]:
    """The key of the changed object itself."""
    return [key_of(change.object)]


def owner_key(kind: str) -> Callable[[Change], Iterable[Key]]:
    """The key of the controller of the changed object, when it is of a kind."""

    def find(change: Change) -> Iterable[Key]:
        owner = controller_of(change.object)
        if owner is None or owner["kind"] != kind:
            return []
        return [(change.object["metadata"]["namespace"], owner["name"])]

    return find


def owner_reference(owner: Json) -> Json:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def owned_pods(cluster: "Cluster", owner: Json) -> list[Json]:
    """Pods that an object controls, finished and terminating ones too."""
    return [obj for resource, obj in cluster.store.owned(uid_of(owner)) if resource.shelf == "pods"]


def is_active(pod: Json) -> bool:
    return not is_deleting(pod) and dig(pod, "status", "phase") not in _TERMINAL


def is_available(cluster: "Cluster", pod: Json, min_ready_seconds: int) -> bool:
    """Ready for at least `min_ready_seconds`."""
    ready = condition(pod, "Ready")
    if ready is None or not pod_ready(pod) or is_deleting(pod):
        return False
    return not min_ready_seconds or cluster.elapsed(parse_time(ready["lastTransitionTime"])) >= min_ready_seconds


def absolute(value: int | str | None, total: int, *, round_up: bool) -> int:
    """A number of pods from a number or a percentage."""
    if isinstance(value, str) and value.endswith("%"):
        share = int(value[:-1]) * total / 100
        return ceil(share) if round_up else floor(share)
    return int(value or 0)


def pod_from_template(owner: Json, template: Json) -> Json:
    """A new pod of a template; the caller names it."""
    metadata = copy_json(template.get("metadata") or {})
    metadata["ownerReferences"] = [owner_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": copy_json(template["spec"])}


def put_status(cluster: "Cluster", resource: Resource, obj: Json, status: Json) -> Json:
    """Write a status that differs from the object's."""
    if status == obj.get("status"):
        return obj
    return cluster.writer.update(resource, obj, {**obj, "status": status}, STATUS)


def counted(**counts: int | None) -> dict[str, Any]:
    """Status fields without those that are zero, as `omitempty` leaves them out."""
    return {name: count for name, count in counts.items() if count}


def delete_pod(cluster: "Cluster", pod: Json) -> None:
    current = cluster.store.get(PODS, *key_of(pod))
    if current is not None:
        cluster.writer.delete(PODS, current)
