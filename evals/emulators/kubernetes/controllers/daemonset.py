"""DaemonSet -> one pod on each node that takes it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import DAEMON_SETS, NODES, PODS
from evals.emulators.kubernetes.controllers.shared import (
    counted,
    delete_pod,
    is_active,
    key_of,
    own_key,
    owned_pods,
    owner_key,
    pod_from_template,
    put_status,
)
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.names import template_hash
from evals.emulators.kubernetes.node_filters import Placement, node_refusal
from evals.emulators.kubernetes.objects import Json, dig, is_deleting, labels_of, name_of, pod_ready
from evals.emulators.kubernetes.store import Change, Key

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_LABEL = "controller-revision-hash"
_COMPONENT = "daemonset-controller"
_TOLERATED = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


class DaemonSetController:
    """Each pod is bound to its node by a required affinity to the node's name, as the real controller does."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {DAEMON_SETS.shelf: own_key, "pods": owner_key("DaemonSet"), "nodes": self._all}

    def _all(self, change: Change) -> Iterable[Key]:
        before = (change.previous or {}).get("spec"), dig(change.previous, "metadata", "labels")
        if (change.object.get("spec"), labels_of(change.object)) == before and change.type == "MODIFIED":
            return []
        return [key_of(item) for item in self._cluster.store.items(DAEMON_SETS)]

    def reconcile(self, key: Key) -> None:
        item = self._cluster.store.get(DAEMON_SETS, *key)
        if item is None or is_deleting(item):
            return
        revision = template_hash(item["spec"]["template"])
        nodes = [node for node in self._cluster.store.items(NODES) if self._takes(item, node)]
        pods = {_target(pod): pod for pod in owned_pods(self._cluster, item)}
        for node in nodes:
            if name_of(node) not in pods:
                self._create(item, node, revision)
        self._remove(item, pods, {name_of(node) for node in nodes}, revision)
        self._report(key, len(nodes), revision)

    def _takes(self, item: Json, node: Json) -> bool:
        pod = self._pod(item, node, "")
        pod["metadata"]["namespace"] = item["metadata"]["namespace"]
        refusal = node_refusal(pod, node, Placement())
        return refusal is None or refusal[1]

    def _pod(self, item: Json, node: Json, revision: str) -> Json:
        pod = pod_from_template(item, item["spec"]["template"])
        pod["metadata"].setdefault("labels", {})[_LABEL] = revision
        pod["metadata"]["generateName"] = f"{name_of(item)}-"
        field = {"key": "metadata.name", "operator": "In", "values": [name_of(node)]}
        required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        affinity = pod["spec"].setdefault("affinity", {}).setdefault("nodeAffinity", {})
        own = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms")
        if own:
            required = {"nodeSelectorTerms": [{**term, "matchFields": [field]} for term in own]}
        affinity["requiredDuringSchedulingIgnoredDuringExecution"] = required
        tolerations = pod["spec"].setdefault("tolerations", [])
        tolerations += [{"key": f"node.kubernetes.io/{name}", "operator": "Exists"} for name in _TOLERATED]
        return pod

    def _create(self, item: Json, node: Json, revision: str) -> None:
        try:
            pod = self._cluster.writer.create(PODS, item["metadata"]["namespace"], self._pod(item, node, revision))
        except ApiError as exc:
            text = f"Error creating: {exc.message}"
            self._cluster.events.record(item, "Warning", "FailedCreate", text, component=_COMPONENT)
            return
        text = f"Created pod: {name_of(pod)}"
        self._cluster.events.record(item, "Normal", "SuccessfulCreate", text, component=_COMPONENT)

    def _remove(self, item: Json, pods: dict[str, Json], wanted: set[str], revision: str) -> None:
        stale = [pod for node, pod in pods.items() if node not in wanted]
        settled = all(pod_ready(pod) and is_active(pod) for pod in pods.values())
        old = [pod for pod in pods.values() if labels_of(pod).get(_LABEL) != revision and is_active(pod)]
        broken = [pod for pod in old if not pod_ready(pod)]
        if dig(item, "spec", "updateStrategy", "type") != "OnDelete":
            stale += broken or (old[:1] if settled else [])
        for pod in stale:
            if not is_deleting(pod):
                delete_pod(self._cluster, pod)
                text = f"Deleted pod: {name_of(pod)}"
                self._cluster.events.record(item, "Normal", "SuccessfulDelete", text, component=_COMPONENT)

    def _report(self, key: Key, wanted: int, revision: str) -> None:
        item = self._cluster.store.get(DAEMON_SETS, *key)
        if item is None:
            return
        pods = [pod for pod in owned_pods(self._cluster, item) if is_active(pod)]
        ready = sum(1 for pod in pods if pod_ready(pod))
        updated = sum(1 for pod in pods if labels_of(pod).get(_LABEL) == revision)
        status: Json = {
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": wanted,
            "numberReady": ready,
            "observedGeneration": item["metadata"]["generation"],
            **counted(updatedNumberScheduled=updated, numberAvailable=ready, numberUnavailable=wanted - ready),
        }
        put_status(self._cluster, DAEMON_SETS, item, status)


def _target(pod: Json) -> str:
    path = (
        "spec",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        0,
    )
    return str(dig(pod, *path, "matchFields", 0, "values", 0))
