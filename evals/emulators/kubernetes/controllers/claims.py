"""PersistentVolumeClaims: bound to a new volume when their StorageClass has a provisioner, pending otherwise."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import CLAIMS, PODS, STORAGE_CLASSES, VOLUMES
from evals.emulators.kubernetes.controllers.shared import key_of, own_key, put_status
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, annotations_of, dig, is_deleting, name_of, uid_of
from evals.emulators.kubernetes.store import Change, Key

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_NONE = "kubernetes.io/no-provisioner"
_COMPONENT = "persistentvolume-controller"
_PROVISION_SECONDS = 0.5
_RETRY_SECONDS = 15.0


class ClaimController:
    """Plays the provisioner too. A claim that names an unknown class stays Pending, with the event that says so."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._started: set[str] = set()
        self.watches: Watches = {
            "persistentvolumeclaims": own_key,
            STORAGE_CLASSES.shelf: self._all_pending,
            "persistentvolumes": self._all_pending,
            "pods": self._of_pod,
        }

    def _all_pending(self, change: Change) -> Iterable[Key]:
        del change
        claims = self._cluster.store.items(CLAIMS)
        return [key_of(claim) for claim in claims if dig(claim, "status", "phase") == "Pending"]

    def _of_pod(self, change: Change) -> Iterable[Key]:
        pod = change.object
        for volume in pod["spec"].get("volumes") or []:
            name = dig(volume, "persistentVolumeClaim", "claimName")
            if name and dig(pod, "spec", "nodeName"):
                yield pod["metadata"]["namespace"], name

    def reconcile(self, key: Key) -> None:
        claim = self._cluster.store.get(CLAIMS, *key)
        if claim is None or is_deleting(claim) or dig(claim, "status", "phase") != "Pending":
            return
        volume = self._matching_volume(claim)
        if volume is not None:
            self._bind(claim, volume)
            return
        name = self._class_of(claim)
        found = self._cluster.store.get(STORAGE_CLASSES, "", name) if name else None
        if found is None:
            self._cannot(claim, key, name)
        elif found.get("volumeBindingMode") == "WaitForFirstConsumer" and not self._has_consumer(claim):
            text = "waiting for first consumer to be created before binding"
            self._cluster.events.record(claim, "Normal", "WaitForFirstConsumer", text, component=_COMPONENT)
        elif found.get("provisioner") != _NONE:
            self._provision(claim, key, found)

    def _class_of(self, claim: Json) -> str:
        given = claim["spec"].get("storageClassName")
        if given is not None:
            return str(given)
        classes = self._cluster.store.items(STORAGE_CLASSES)
        return next((name_of(item) for item in classes if annotations_of(item).get(_DEFAULT) == "true"), "")

    def _cannot(self, claim: Json, key: Key, name: str) -> None:
        reason, kind = "FailedBinding", "Normal"
        text = "no persistent volumes available for this claim and no storage class is set"
        if name:
            reason, kind = "ProvisioningFailed", "Warning"
            text = f'storageclass.storage.k8s.io "{name}" not found'
        self._cluster.events.record(claim, kind, reason, text, component=_COMPONENT)
        self._cluster.engine.at(self._cluster.after(_RETRY_SECONDS), "claims", key)

    def _has_consumer(self, claim: Json) -> bool:
        pods = self._cluster.store.items(PODS, claim["metadata"]["namespace"])
        return any(
            dig(volume, "persistentVolumeClaim", "claimName") == name_of(claim) and dig(pod, "spec", "nodeName")
            for pod in pods
            for volume in pod["spec"].get("volumes") or []
        )

    def _matching_volume(self, claim: Json) -> Json | None:
        wanted = claim["spec"].get("volumeName")
        for volume in self._cluster.store.items(VOLUMES):
            if dig(volume, "spec", "claimRef") or dig(volume, "status", "phase") == "Released":
                continue
            same_class = (dig(volume, "spec", "storageClassName") or "") == self._class_of(claim)
            if name_of(volume) == wanted or (not wanted and same_class):
                return volume
        return None

    def _provision(self, claim: Json, key: Key, storage_class: Json) -> None:
        if uid_of(claim) not in self._started:
            self._started.add(uid_of(claim))
            self._cluster.engine.at(self._cluster.after(_PROVISION_SECONDS), "claims", key)
            return
        name = f"pvc-{uid_of(claim)}"
        body = {
            "metadata": {"name": name},
            "spec": {
                "capacity": dict(dig(claim, "spec", "resources", "requests") or {}),
                "accessModes": claim["spec"]["accessModes"],
                "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
                "storageClassName": name_of(storage_class),
                "csi": {"driver": storage_class["provisioner"], "volumeHandle": name},
            },
        }
        self._bind(claim, self._cluster.writer.create(VOLUMES, "", body))
        text = f"Successfully provisioned volume {name}"
        self._cluster.events.record(claim, "Normal", "ProvisioningSucceeded", text, component=_COMPONENT)

    def _bind(self, claim: Json, volume: Json) -> None:
        current = self._cluster.store.get(CLAIMS, *key_of(claim))
        if current is None:
            return
        reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "uid": uid_of(claim)}
        reference |= {"namespace": claim["metadata"]["namespace"], "name": name_of(claim)}
        bound = self._cluster.writer.update(
            VOLUMES, volume, {**volume, "spec": {**volume["spec"], "claimRef": reference}}
        )
        put_status(self._cluster, VOLUMES, bound, {**(bound.get("status") or {}), "phase": "Bound"})
        spec = {**current["spec"], "volumeName": name_of(volume)}
        spec.setdefault("storageClassName", dig(volume, "spec", "storageClassName") or "")
        updated = self._cluster.writer.update(CLAIMS, current, {**current, "spec": spec})
        capacity = dict(dig(volume, "spec", "capacity") or {})
        status = {"phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": capacity}
        put_status(self._cluster, CLAIMS, updated, status)
