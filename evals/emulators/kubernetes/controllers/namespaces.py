"""Namespaces: the default service account and root certificate of a new one, the content of one that goes."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import CONFIGMAPS, NAMESPACES, SERVICE_ACCOUNTS
from evals.emulators.kubernetes.controllers.shared import STATUS, own_key
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, is_deleting, namespace_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import rfc3339
from evals.emulators.kubernetes.writes import DeleteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nZW11bGF0b3I=\n-----END CERTIFICATE-----\n"


class NamespaceController:
    """Deletes everything in a namespace that is terminating; what a finalizer holds is named in its conditions."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {"*": self._of_content}
        self.watches["namespaces"] = own_key

    def _of_content(self, change: Change) -> Iterable[Key]:
        if change.type != "DELETED":
            return []
        namespace = self._cluster.store.get(NAMESPACES, "", namespace_of(change.object))
        return [("", namespace_of(change.object))] if namespace and is_deleting(namespace) else []

    def reconcile(self, key: Key) -> None:
        namespace = self._cluster.store.get(NAMESPACES, *key)
        if namespace is None:
            return
        if is_deleting(namespace):
            self._empty(namespace)
        else:
            self._furnish(key[1])

    def _furnish(self, namespace: str) -> None:
        if self._cluster.store.get(SERVICE_ACCOUNTS, namespace, "default") is None:
            self._cluster.writer.create(SERVICE_ACCOUNTS, namespace, {"metadata": {"name": "default"}})
        if self._cluster.store.get(CONFIGMAPS, namespace, "kube-root-ca.crt") is None:
            body = {"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": _CERTIFICATE}}
            self._cluster.writer.create(CONFIGMAPS, namespace, body)

    def _empty(self, namespace: Json) -> None:
        name = namespace["metadata"]["name"]
        content = [
            (resource, obj)
            for resource in self._cluster.registry.shelves()
            if resource.namespaced
            for obj in self._cluster.store.items(resource, name)
        ]
        for resource, obj in content:
            if not is_deleting(obj):
                self._cluster.writer.delete(resource, obj, DeleteOptions(grace_seconds=None))
        left = [(resource, obj) for resource, obj in content if self._is_there(resource, obj)]
        current = self._cluster.store.get(NAMESPACES, "", name)
        if current is None:
            return
        if left:
            self._report(current, left)
        else:
            self._cluster.writer.remove(NAMESPACES, current)

    def _is_there(self, resource: Resource, obj: Json) -> bool:
        return self._cluster.store.get(resource, namespace_of(obj), obj["metadata"]["name"]) is not None

    def _report(self, namespace: Json, left: list[tuple[Resource, Json]]) -> None:
        counts = Counter(f"{r.plural}.{r.group}" for r, _ in left)
        finalizers = Counter(name for _, obj in left for name in obj["metadata"].get("finalizers") or [])
        remaining = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(counts.items()))
        held = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(finalizers.items()))
        now = rfc3339(self._cluster.now())
        rows = [
            ("DeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
            (
                "DeletionGroupVersionParsingFailure",
                "False",
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
            ),
            (
                "DeletionContentFailure",
                "False",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
            ("ContentRemaining", "True", "SomeResourcesRemain", f"Some resources are remaining: {remaining}"),
            _finalizer_row(held),
        ]
        before = {item["type"]: item for item in namespace["status"].get("conditions") or []}
        conditions = [_condition(before, row, now) for row in rows]
        status = {**namespace["status"], "conditions": conditions}
        if status != namespace["status"]:
            self._cluster.writer.update(NAMESPACES, namespace, {**namespace, "status": status}, STATUS)


def _finalizer_row(held: str) -> tuple[str, str, str, str]:
    if held:
        text = f"Some content in the namespace has finalizers remaining: {held}"
        return "FinalizersRemaining", "True", "SomeFinalizersRemain", text
    return "FinalizersRemaining", "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"


def _condition(before: dict[str, Json], row: tuple[str, str, str, str], now: str) -> Json:
    name, status, reason, message = row
    kind = f"Namespace{name}"
    old = before.get(kind)
    since = old["lastTransitionTime"] if old and old["status"] == status else now
    return {"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
