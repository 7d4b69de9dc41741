"""StatefulSet -> pods with ordinals, one after the other, and their claims."""

from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import CLAIMS, PODS, REVISIONS, STATEFUL_SETS
from evals.emulators.kubernetes.controllers.shared import (
    delete_pod,
    is_active,
    own_key,
    owned_pods,
    owner_key,
    owner_reference,
    pod_from_template,
    put_status,
)
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.names import template_hash
from evals.emulators.kubernetes.objects import Json, copy_json, dig, is_deleting, labels_of, name_of, pod_ready, uid_of
from evals.emulators.kubernetes.store import Key

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

REVISION_LABEL = "controller-revision-hash"
_COMPONENT = "statefulset-controller"
_RETRY_SECONDS = 5.0


class StatefulSetController:
    """Creates in order, deletes in reverse order, updates the highest ordinal first."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {STATEFUL_SETS.shelf: own_key, "pods": owner_key("StatefulSet")}

    def reconcile(self, key: Key) -> None:
        item = self._cluster.store.get(STATEFUL_SETS, *key)
        if item is None or is_deleting(item):
            return
        revision = self._revision(item)
        pods = {_ordinal(pod): pod for pod in owned_pods(self._cluster, item)}
        if not self._create_next(item, pods, revision):
            self._shrink_or_update(item, pods, revision)
        self._report(key, revision)

    def _revision(self, item: Json) -> str:
        """The name of the ControllerRevision of the current template; made when there is none."""
        template = item["spec"]["template"]
        name = f"{name_of(item)}-{template_hash(template)}"
        namespace = item["metadata"]["namespace"]
        if self._cluster.store.get(REVISIONS, namespace, name) is None:
            owned = self._cluster.store.owned(uid_of(item))
            numbers = [obj.get("revision", 0) for resource, obj in owned if resource.shelf == REVISIONS.shelf]
            body = {
                "metadata": {
                    "name": name,
                    "labels": dict(dig(item, "spec", "selector", "matchLabels") or {}),
                    "ownerReferences": [owner_reference(item)],
                },
                "data": {"spec": {"template": copy_json(template)}},
                "revision": max(numbers, default=0) + 1,
            }
            self._cluster.writer.create(REVISIONS, namespace, body)
        return name

    def _create_next(self, item: Json, pods: dict[int, Json], revision: str) -> bool:
        """Create missing pods; in order means that each waits for the one before it."""
        in_order = item["spec"].get("podManagementPolicy") != "Parallel"
        for ordinal in range(item["spec"]["replicas"]):
            pod = pods.get(ordinal)
            if pod is None:
                self._create(item, ordinal, revision)
                if in_order:
                    return True
            elif in_order and (not pod_ready(pod) or not is_active(pod)):
                return not self._is_outdated_and_broken(pod, revision)
        return False

    def _is_outdated_and_broken(self, pod: Json, revision: str) -> bool:
        return is_active(pod) and labels_of(pod).get(REVISION_LABEL) != revision and not pod_ready(pod)

    def _create(self, item: Json, ordinal: int, revision: str) -> None:
        namespace, name = item["metadata"]["namespace"], f"{name_of(item)}-{ordinal}"
        body = pod_from_template(item, item["spec"]["template"])
        metadata, spec = body["metadata"], body["spec"]
        metadata["name"] = name
        index = {"apps.kubernetes.io/pod-index": str(ordinal), "statefulset.kubernetes.io/pod-name": name}
        metadata["labels"] = {**(metadata.get("labels") or {}), REVISION_LABEL: revision, **index}
        spec.update(hostname=name, subdomain=item["spec"].get("serviceName", ""))
        for template in item["spec"].get("volumeClaimTemplates") or []:
            self._claim(item, template, name)
            claim = {"claimName": f"{name_of(template)}-{name}"}
            spec.setdefault("volumes", []).append({"name": name_of(template), "persistentVolumeClaim": claim})
        try:
            self._cluster.writer.create(PODS, namespace, body)
        except ApiError as exc:
            text = f"create Pod {name} in StatefulSet {name_of(item)} failed error: {exc.message}"
            self._cluster.events.record(item, "Warning", "FailedCreate", text, component=_COMPONENT)
            key = (namespace, name_of(item))
            self._cluster.engine.at(self._cluster.after(_RETRY_SECONDS), "statefulsets", key)
            return
        text = f"create Pod {name} in StatefulSet {name_of(item)} successful"
        self._cluster.events.record(item, "Normal", "SuccessfulCreate", text, component=_COMPONENT)

    def _claim(self, item: Json, template: Json, pod_name: str) -> None:
        namespace, name = item["metadata"]["namespace"], f"{name_of(template)}-{pod_name}"
        if self._cluster.store.get(CLAIMS, namespace, name) is None:
            labels = dict(dig(item, "spec", "selector", "matchLabels") or {})
            body = {"metadata": {"name": name, "labels": labels}, "spec": copy_json(template["spec"])}
            self._cluster.writer.create(CLAIMS, namespace, body)

    def _shrink_or_update(self, item: Json, pods: dict[int, Json], revision: str) -> None:
        surplus = [ordinal for ordinal in pods if ordinal >= item["spec"]["replicas"]]
        if surplus:
            self._delete(item, pods[max(surplus)])
            return
        strategy = item["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete" or any(is_deleting(pod) for pod in pods.values()):
            return
        partition = dig(strategy, "rollingUpdate", "partition") or 0
        for ordinal in sorted(pods, reverse=True):
            is_old = labels_of(pods[ordinal]).get(REVISION_LABEL) != revision
            if ordinal >= partition and is_old:
                self._delete(item, pods[ordinal])
                return
            if not pod_ready(pods[ordinal]):
                return

    def _delete(self, item: Json, pod: Json) -> None:
        if is_deleting(pod):
            return
        delete_pod(self._cluster, pod)
        text = f"delete Pod {name_of(pod)} in StatefulSet {name_of(item)} successful"
        self._cluster.events.record(item, "Normal", "SuccessfulDelete", text, component=_COMPONENT)

    def _report(self, key: Key, revision: str) -> None:
        item = self._cluster.store.get(STATEFUL_SETS, *key)
        if item is None:
            return
        pods = [pod for pod in owned_pods(self._cluster, item) if is_active(pod)]
        updated = [pod for pod in pods if labels_of(pod).get(REVISION_LABEL) == revision]
        ready = [pod for pod in pods if pod_ready(pod)]
        done = len(updated) == len(pods) == item["spec"]["replicas"] and len(ready) == len(pods)
        before = dig(item, "status", "currentRevision") or revision
        current = revision if done else before
        status: Json = {
            "observedGeneration": item["metadata"]["generation"],
            "replicas": len(pods),
            "readyReplicas": len(ready),
            "currentReplicas": sum(1 for pod in pods if labels_of(pod).get(REVISION_LABEL) == current),
            "updatedReplicas": len(updated),
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": len(ready),
        }
        optional = ("readyReplicas", "currentReplicas", "updatedReplicas")
        status = {name: value for name, value in status.items() if value or name not in optional}
        put_status(self._cluster, STATEFUL_SETS, item, status)


def _ordinal(pod: Json) -> int:
    return int(name_of(pod).rsplit("-", 1)[1])
