"""ReplicaSet -> pods."""

from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import PODS, REPLICA_SETS
from evals.emulators.kubernetes.controllers.shared import (
    counted,
    is_active,
    is_available,
    own_key,
    owned_pods,
    owner_key,
    pod_from_template,
    put_status,
)
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.objects import Json, condition, dig, is_deleting, name_of, pod_ready, uid_of
from evals.emulators.kubernetes.store import Key
from evals.emulators.kubernetes.timing import rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_COMPONENT = "replicaset-controller"
_FIRST_RETRY, _LONGEST_RETRY = 1.0, 300.0


class ReplicaSetController:
    """Keeps as many pods as `spec.replicas` says; a pod that may not be created is tried again, ever more rarely."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._retry: dict[str, float] = {}
        self._not_before: dict[str, object] = {}
        self.watches: Watches = {REPLICA_SETS.shelf: own_key, "pods": owner_key("ReplicaSet")}

    def reconcile(self, key: Key) -> None:
        item = self._cluster.store.get(REPLICA_SETS, *key)
        if item is None or is_deleting(item):
            return
        active = [pod for pod in owned_pods(self._cluster, item) if is_active(pod)]
        difference = len(active) - item["spec"]["replicas"]
        failure = condition(item, "ReplicaFailure")
        if difference < 0:
            failure = self._create(item, key, -difference)
        elif difference > 0:
            self._remove(item, sorted(active, key=_rank)[:difference])
            failure = None
        else:
            failure = None
            self._retry.pop(uid_of(item), None)
        self._report(key, failure)

    def _create(self, item: Json, key: Key, missing: int) -> Json | None:
        waiting = self._not_before.get(uid_of(item))
        now = self._cluster.now()
        if waiting is not None and waiting > now:  # type: ignore[operator]
            return condition(item, "ReplicaFailure")
        for _ in range(missing):
            body = pod_from_template(item, item["spec"]["template"])
            body["metadata"]["generateName"] = f"{name_of(item)}-"
            try:
                pod = self._cluster.writer.create(PODS, key[0], body)
            except ApiError as exc:
                return self._failed(item, key, exc.message)
            text = f"Created pod: {name_of(pod)}"
            self._cluster.events.record(item, "Normal", "SuccessfulCreate", text, component=_COMPONENT)
        self._not_before.pop(uid_of(item), None)
        return None

    def _failed(self, item: Json, key: Key, message: str) -> Json:
        text = f"Error creating: {message}"
        self._cluster.events.record(item, "Warning", "FailedCreate", text, component=_COMPONENT)
        wait = min(self._retry.get(uid_of(item), _FIRST_RETRY / 2) * 2, _LONGEST_RETRY)
        self._retry[uid_of(item)] = wait
        self._not_before[uid_of(item)] = self._cluster.after(wait)
        self._cluster.engine.at(self._cluster.after(wait), "replicasets", key)
        before = condition(item, "ReplicaFailure")
        since = before["lastTransitionTime"] if before else rfc3339(self._cluster.now())
        return {
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": since,
            "reason": "FailedCreate",
            "message": message,
        }

    def _remove(self, item: Json, pods: list[Json]) -> None:
        for pod in pods:
            self._cluster.writer.delete(PODS, pod)
            text = f"Deleted pod: {name_of(pod)}"
            self._cluster.events.record(item, "Normal", "SuccessfulDelete", text, component=_COMPONENT)

    def _report(self, key: Key, failure: Json | None) -> None:
        item = self._cluster.store.get(REPLICA_SETS, *key)
        if item is None:
            return
        pods = owned_pods(self._cluster, item)
        active = [pod for pod in pods if is_active(pod)]
        wait = item["spec"].get("minReadySeconds", 0)
        available = [pod for pod in active if is_available(self._cluster, pod, wait)]
        ready = [pod for pod in active if pod_ready(pod)]
        status: Json = {
            "replicas": len(active),
            **counted(fullyLabeledReplicas=len(active), readyReplicas=len(ready), availableReplicas=len(available)),
            "terminatingReplicas": sum(1 for pod in pods if is_deleting(pod)),
            "observedGeneration": item["metadata"]["generation"],
        }
        if failure:
            status["conditions"] = [failure]
        put_status(self._cluster, REPLICA_SETS, item, status)
        if len(ready) > len(available):
            self._cluster.engine.at(self._cluster.after(wait), "replicasets", key)


def _rank(pod: Json) -> tuple[bool, bool, bool, int, str]:
    """Which pod goes first: without a node, not started, not ready, restarted most, youngest."""
    restarts = sum(status["restartCount"] for status in dig(pod, "status", "containerStatuses") or [])
    created = pod["metadata"]["creationTimestamp"]
    inverted = "".join(chr(255 - ord(letter)) for letter in created)
    return (
        bool(dig(pod, "spec", "nodeName")),
        dig(pod, "status", "phase") == "Running",
        pod_ready(pod),
        -restarts,
        inverted,
    )
