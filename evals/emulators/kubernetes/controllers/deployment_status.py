"""`status` of a Deployment: counts and the conditions Available, Progressing and ReplicaFailure."""

from datetime import datetime
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.controllers.rolling import surge_and_unavailable
from evals.emulators.kubernetes.controllers.shared import counted
from evals.emulators.kubernetes.objects import Json, condition, copy_json, dig, name_of
from evals.emulators.kubernetes.timing import parse_time, rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_COMPLETE = "NewReplicaSetAvailable"
_TIMED_OUT = "ProgressDeadlineExceeded"


def build(cluster: "Cluster", deployment: Json, new: Json | None, sets: list[Json]) -> Json:
    """The status that belongs to the ReplicaSets as they are."""
    replicas = _total(sets, "replicas")
    available = _total(sets, "availableReplicas")
    status: Json = {
        "observedGeneration": deployment["metadata"]["generation"],
        **counted(
            replicas=replicas,
            updatedReplicas=_total([new] if new else [], "replicas"),
            readyReplicas=_total(sets, "readyReplicas"),
            availableReplicas=available,
            unavailableReplicas=max(_desired(sets) - available, 0),
        ),
        "terminatingReplicas": _total(sets, "terminatingReplicas"),
    }
    if dig(deployment, "status", "collisionCount"):
        status["collisionCount"] = deployment["status"]["collisionCount"]
    conditions = {item["type"]: dict(item) for item in dig(deployment, "status", "conditions") or []}
    now = cluster.now()
    _set(conditions, _available(deployment, available), now)
    _progress(cluster, deployment, status, (conditions, new))
    _failure(conditions, sets, now)
    status["conditions"] = list(conditions.values())
    return status


def with_progress(deployment: Json, progress: tuple[str, str], now: datetime) -> Json:
    """The status with a new reason of Progressing, all else as it was."""
    status: Json = copy_json(deployment.get("status") or {})
    conditions = {item["type"]: item for item in status.get("conditions") or []}
    reason, message = progress
    _set(conditions, {"type": "Progressing", "status": "True", "reason": reason, "message": message}, now)
    status["conditions"] = list(conditions.values())
    return status


def deadline(cluster: "Cluster", deployment: Json, status: Json) -> datetime | None:
    """When a rollout that still moves will have taken too long; None when it does not run."""
    progress = condition({"status": status}, "Progressing")
    seconds = deployment["spec"].get("progressDeadlineSeconds")
    if progress is None or seconds is None or progress["reason"] in (_COMPLETE, _TIMED_OUT):
        return None
    left = seconds - cluster.elapsed(parse_time(progress["lastUpdateTime"]))
    return cluster.after(max(left, 0) + 1)


def _total(sets: list[Json], field: str) -> int:
    return sum(dig(item, "status", field) or 0 for item in sets)


def _desired(sets: list[Json]) -> int:
    return sum(item["spec"]["replicas"] for item in sets)


def _set(conditions: dict[str, Json], item: Json, now: datetime) -> None:
    """Put a condition; an unchanged one keeps its times, an unchanged status its transition time."""
    before = conditions.get(item["type"])
    if before and (before["status"], before["reason"], before["message"]) == _facts(item):
        return
    moment = rfc3339(now)
    since = before["lastTransitionTime"] if before and before["status"] == item["status"] else moment
    conditions.pop(item["type"], None)  # a changed condition moves to the end, as the real controller has it
    conditions[item["type"]] = {**item, "lastUpdateTime": moment, "lastTransitionTime": since}


def _facts(item: Json) -> tuple[str, str, str]:
    return item["status"], item["reason"], item["message"]


def _available(deployment: Json, available: int) -> Json:
    _, unavailable = surge_and_unavailable(deployment)
    if available >= deployment["spec"]["replicas"] - unavailable:
        return {
            "type": "Available",
            "status": "True",
            "reason": "MinimumReplicasAvailable",
            "message": "Deployment has minimum availability.",
        }
    return {
        "type": "Available",
        "status": "False",
        "reason": "MinimumReplicasUnavailable",
        "message": "Deployment does not have minimum availability.",
    }


def _progress(cluster: "Cluster", deployment: Json, status: Json, context: tuple[dict[str, Json], Json | None]) -> None:
    conditions, new = context
    before = conditions.get("Progressing")
    done = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    if deployment["spec"].get("paused") or (done and before and before["reason"] == _COMPLETE):
        return
    what = f'ReplicaSet "{name_of(new)}"' if new else f'Deployment "{name_of(deployment)}"'
    now = cluster.now()
    if _is_complete(deployment, status):
        item = {"status": "True", "reason": _COMPLETE, "message": f"{what} has successfully progressed."}
        _set(conditions, {"type": "Progressing", **item}, now)
    elif _has_moved(deployment, status):
        item = {"status": "True", "reason": "ReplicaSetUpdated", "message": f"{what} is progressing."}
        if before and before["status"] == "True":
            del conditions["Progressing"]
            conditions["Progressing"] = {**before, **item, "lastUpdateTime": rfc3339(now)}
        else:
            _set(conditions, {"type": "Progressing", **item}, now)
    elif _is_late(cluster, deployment, before):
        item = {"status": "False", "reason": _TIMED_OUT, "message": f"{what} has timed out progressing."}
        _set(conditions, {"type": "Progressing", **item}, now)


def _is_complete(deployment: Json, status: Json) -> bool:
    replicas = deployment["spec"]["replicas"]
    return all(status.get(f, 0) == replicas for f in ("updatedReplicas", "replicas", "availableReplicas"))


def _has_moved(deployment: Json, status: Json) -> bool:
    old = deployment.get("status") or {}

    def grew(field: str) -> bool:
        return int(status.get(field, 0)) > int(old.get(field, 0))

    stale_before = old.get("replicas", 0) - old.get("updatedReplicas", 0)
    stale_now = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    return grew("updatedReplicas") or grew("readyReplicas") or grew("availableReplicas") or stale_now < stale_before


def _is_late(cluster: "Cluster", deployment: Json, before: Json | None) -> bool:
    seconds = deployment["spec"].get("progressDeadlineSeconds")
    if before is None or seconds is None or before["reason"] == _COMPLETE:
        return False
    return bool(before["reason"] == _TIMED_OUT) or cluster.elapsed(parse_time(before["lastUpdateTime"])) >= seconds


def _failure(conditions: dict[str, Json], sets: list[Json], now: datetime) -> None:
    failing = next((found for item in sets if (found := condition(item, "ReplicaFailure"))), None)
    if failing is None:
        conditions.pop("ReplicaFailure", None)
        return
    facts = {key: failing[key] for key in ("type", "status", "reason", "message")}
    _set(conditions, facts, now)
