"""A small scheduler: filters nodes as kube-scheduler does, spreads pods, explains what does not fit."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import CLAIMS, NODES, PODS, STORAGE_CLASSES
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.events import SCHEDULER
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.node_filters import Placement, node_refusal
from evals.emulators.kubernetes.objects import Json, condition, copy_json, dig, is_deleting, labels_of, name_of
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import rfc3339
from evals.emulators.kubernetes.writes import WriteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_STATUS = WriteOptions(Manager("kube-scheduler", subresource="status"))
_FLUSH_SECONDS = 300.0  # unschedulable pods are tried again this often even when nothing changed
_TOPOLOGY = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
_HELPLESS = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"


class Scheduler:
    """Gives pods a node, or says why there is none."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._waiting: set[Key] = set()
        self._placement = Placement()
        self.watches: Watches = {
            "pods": self._of_pod,
            "nodes": self._retry,
            "persistentvolumeclaims": self._retry,
            "storageclasses.storage.k8s.io": self._retry,
        }

    def reconcile(self, key: Key) -> None:
        pod = self._cluster.store.get(PODS, *key)
        if pod is None or dig(pod, "spec", "nodeName") or is_deleting(pod):
            self._waiting.discard(key)
            return
        if pod["spec"].get("schedulingGates"):
            return
        nodes = self._cluster.store.items(NODES)
        blocked = self._claims_problem(pod)
        placement = self._placement
        refusals = {name_of(node): node_refusal(pod, node, placement) for node in nodes}
        fitting = [node for node in nodes if refusals[name_of(node)] is None]
        if blocked or not fitting:
            self._refuse(key, pod, self._message(len(nodes), blocked, refusals))
            return
        self._bind(key, pod, min(fitting, key=lambda node: (placement.load(node), name_of(node))))

    def _claims_problem(self, pod: Json) -> str:
        for volume in pod["spec"].get("volumes") or []:
            name = dig(volume, "persistentVolumeClaim", "claimName")
            if not name:
                continue
            claim = self._cluster.store.get(CLAIMS, pod["metadata"]["namespace"], name)
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if dig(claim, "status", "phase") != "Bound" and not self._binds_later(claim):
                return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def _binds_later(self, claim: Json) -> bool:
        name = dig(claim, "spec", "storageClassName") or ""
        found = self._cluster.store.get(STORAGE_CLASSES, "", name)
        return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"

    def _message(self, total: int, blocked: str, refusals: dict[str, tuple[str, bool] | None]) -> str:
        head = f"0/{total} nodes are available: "
        if not total:
            return "no nodes available to schedule pods"
        if blocked:
            return f"{head}{blocked}. preemption: {head}{total} {_HELPLESS}."
        reasons = Counter(refusal[0] for refusal in refusals.values() if refusal)
        hopeless = Counter(_NO_VICTIMS if refusal[1] else _HELPLESS for refusal in refusals.values() if refusal)
        return f"{head}{_listing(reasons)}. no new claims to deallocate, preemption: {head}{_listing(hopeless)}."

    def _refuse(self, key: Key, pod: Json, message: str) -> None:
        self._waiting.add(key)
        now = rfc3339(self._cluster.now())
        before = condition(pod, "PodScheduled")
        self._cluster.events.record(pod, "Warning", "FailedScheduling", message, component=SCHEDULER)
        self._cluster.engine.at(self._cluster.after(_FLUSH_SECONDS), "scheduler", key)
        if before is not None and before.get("message") == message:
            return
        item = {
            "type": "PodScheduled",
            "status": "False",
            "observedGeneration": pod["metadata"].get("generation", 1),
            "lastProbeTime": None,
            "lastTransitionTime": before["lastTransitionTime"] if before else now,
            "reason": "Unschedulable",
            "message": message,
        }
        changed = {**pod, "status": {**pod["status"], "conditions": [item]}}
        self._cluster.writer.update(PODS, pod, changed, _STATUS)

    def _bind(self, key: Key, pod: Json, node: Json) -> None:
        self._waiting.discard(key)
        changed: Json = copy_json(pod)
        changed["spec"]["nodeName"] = name_of(node)
        zone = {label: labels_of(node)[label] for label in _TOPOLOGY if label in labels_of(node)}
        if zone:
            changed["metadata"].setdefault("labels", {}).update(zone)
        now = rfc3339(self._cluster.now())
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        changed["status"] = {**changed["status"], "conditions": [scheduled]}
        text = f"Successfully assigned {'/'.join(key)} to {name_of(node)}"
        self._cluster.events.record(pod, "Normal", "Scheduled", text, component=SCHEDULER)
        self._cluster.store.put(PODS, changed)  # a binding changes spec and status at once, which no client may

    def _of_pod(self, change: Change) -> Iterable[Key]:
        pod = change.object
        key = (pod["metadata"]["namespace"], name_of(pod))
        self._placement.follow(change.previous, None if change.type == "DELETED" else pod)
        if change.type == "DELETED":
            self._waiting.discard(key)
            return list(self._waiting)
        return [key] if change.type == "ADDED" and not dig(pod, "spec", "nodeName") else []

    def _retry(self, change: Change) -> Iterable[Key]:
        del change
        return list(self._waiting)


def _listing(reasons: Counter[str]) -> str:
    return ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
