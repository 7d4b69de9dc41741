"""The garbage collector: what belongs to a deleted object goes too, or is set free."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.controllers.shared import key_of
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, is_deleting, uid_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.writes import DeleteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector:
    """Keys are (shelf, uid): the uid of an object that is gone or going."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._going: dict[str, tuple[Resource, Json]] = {}
        self.watches: Watches = {"*": self._of_change}

    def reconcile(self, key: Key) -> None:
        _, uid = key
        going = self._going.pop(uid, None)
        if going is not None:
            self._finish(*going)
            return
        for resource, obj in self._cluster.store.owned(uid):
            if not is_deleting(obj):
                self._cluster.writer.delete(resource, obj)

    def _of_change(self, change: Change) -> Iterable[Key]:
        obj = change.object
        if change.type == "DELETED":
            yield change.resource.shelf, uid_of(obj)
            yield from self._waiting_owners(obj)
        elif is_deleting(obj) and set(obj["metadata"].get("finalizers") or []) & {_FOREGROUND, _ORPHAN}:
            self._going[uid_of(obj)] = change.resource, obj
            yield change.resource.shelf, uid_of(obj)

    def _waiting_owners(self, obj: Json) -> Iterable[Key]:
        """Owners in foreground deletion wait until their last dependent is gone."""
        for reference in obj["metadata"].get("ownerReferences") or []:
            resource = self._cluster.registry.of_kind(reference["apiVersion"], reference["kind"])
            namespace = obj["metadata"].get("namespace", "")
            owner = self._cluster.store.get(resource, namespace, reference["name"]) if resource else None
            if resource and owner and is_deleting(owner):
                self._going[uid_of(owner)] = resource, owner
                yield resource.shelf, uid_of(owner)

    def _finish(self, resource: Resource, obj: Json) -> None:
        current = self._cluster.store.get(resource, *key_of(obj))
        if current is None:
            return
        finalizers = current["metadata"].get("finalizers") or []
        dependents = self._cluster.store.owned(uid_of(current))
        if _ORPHAN in finalizers:
            for kind, dependent in dependents:
                self._set_free(kind, dependent, uid_of(current))
        elif _FOREGROUND in finalizers and dependents:
            for kind, dependent in dependents:
                if not is_deleting(dependent):
                    has_own = bool(self._cluster.store.owned(uid_of(dependent)))
                    options = DeleteOptions(propagation="Foreground" if has_own else "Background")
                    self._cluster.writer.delete(kind, dependent, options)
            return
        kept = [name for name in finalizers if name not in (_FOREGROUND, _ORPHAN)]
        if kept != finalizers:
            metadata = {**current["metadata"], "finalizers": kept}
            self._cluster.writer.update(resource, current, {**current, "metadata": metadata})

    def _set_free(self, resource: Resource, obj: Json, uid: str) -> None:
        references = [item for item in obj["metadata"].get("ownerReferences") or [] if item["uid"] != uid]
        metadata = {**obj["metadata"], "ownerReferences": references}
        self._cluster.writer.update(resource, obj, {**obj, "metadata": metadata})
