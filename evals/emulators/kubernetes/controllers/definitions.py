"""CustomResourceDefinitions: their kinds are served as soon as they are there."""

from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import DEFINITIONS
from evals.emulators.kubernetes.controllers.shared import own_key, put_status
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.resources import Registry, Resource, Subresource
from evals.emulators.kubernetes.store import Key
from evals.emulators.kubernetes.timing import rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster


class DefinitionController:
    """Registers the versions a definition serves, and takes them back when it goes."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._served: dict[str, list[Resource]] = {}
        self.watches: Watches = {DEFINITIONS.shelf: own_key}

    def reconcile(self, key: Key) -> None:
        definition = self._cluster.store.get(DEFINITIONS, *key)
        for resource in self._served.pop(key[1], []):
            self._cluster.registry.unregister(resource)
        if definition is None:
            return
        self._served[key[1]] = register(self._cluster.registry, definition)
        self._report(definition)

    def _report(self, definition: Json) -> None:
        if dig(definition, "status", "conditions"):
            return
        now = rfc3339(self._cluster.now())
        rows = [("NamesAccepted", "NoConflicts", "no conflicts found")]
        rows.append(("Established", "InitialNamesAccepted", "the initial names have been accepted"))
        conditions = [
            {"type": kind, "status": "True", "lastTransitionTime": now, "reason": reason, "message": message}
            for kind, reason, message in rows
        ]
        versions = [item["name"] for item in definition["spec"].get("versions") or []]
        status = {
            "conditions": conditions,
            "acceptedNames": dict(definition["spec"]["names"]),
            "storedVersions": versions[:1],
        }
        put_status(self._cluster, DEFINITIONS, definition, status)


def register(registry: Registry, definition: Json) -> list[Resource]:
    """Serve the kinds of a definition; the result is what was registered."""
    spec = definition["spec"]
    names, group = spec["names"], spec["group"]
    namespaced = spec.get("scope") != "Cluster"
    served = [version for version in spec.get("versions") or [] if version.get("served", True)]
    found = [_resource(group, version, names, namespaced=namespaced) for version in served]
    for resource in found:
        registry.register(resource)
    return found


def _resource(group: str, version: Json, names: Json, *, namespaced: bool) -> Resource:
    declared = version.get("subresources") or {}
    subresources = [Subresource("status", names["kind"])] if "status" in declared else []
    if "scale" in declared:
        subresources.append(Subresource("scale", "Scale", group="autoscaling", version="v1"))
    return Resource(
        group,
        version["name"],
        names["plural"],
        names["kind"],
        namespaced=namespaced,
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=tuple(subresources),
        storage=f"{names['plural']}.{group}",
        custom=True,
    )
