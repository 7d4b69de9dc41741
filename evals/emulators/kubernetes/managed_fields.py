"""Who owns which field: `metadata.managedFields` kept through updates and applies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from evals.emulators.kubernetes.fieldsets import FieldSet, compare, decode, encode
from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.timing import rfc3339

_POD_TEMPLATE: Json = {"metadata": {}, "spec": {"containers": None}}
# fields that the server's own types always carry, so that creating an object does not make anyone own them
_EMPTY: dict[str, Json] = {
    "Pod": {"spec": {"containers": None}, "status": {}},
    "Deployment": {"spec": {"template": _POD_TEMPLATE, "strategy": {}}, "status": {}},
    "ReplicaSet": {"spec": {"template": _POD_TEMPLATE}, "status": {}},
    "StatefulSet": {"spec": {"template": _POD_TEMPLATE, "updateStrategy": {}}, "status": {}},
    "DaemonSet": {"spec": {"template": _POD_TEMPLATE, "updateStrategy": {}}, "status": {}},
    "Job": {"spec": {"template": _POD_TEMPLATE}, "status": {}},
    "CronJob": {"spec": {"jobTemplate": {"metadata": {}, "spec": {"template": _POD_TEMPLATE}}}, "status": {}},
    "Service": {"spec": {}, "status": {"loadBalancer": {}}},
    "Event": {
        "involvedObject": {},
        "source": {},
        "eventTime": None,
        "firstTimestamp": None,
        "lastTimestamp": None,
        "reportingComponent": "",
        "reportingInstance": "",
    },
    "Namespace": {"spec": {"finalizers": ["kubernetes"]}, "status": {}},
}
_TYPED: Json = {"spec": {}, "status": {}}


@dataclass(frozen=True)
class Manager:
    """Who writes: the name a client gives itself, how it writes, and through which subresource."""

    name: str
    operation: str = "Update"
    subresource: str = ""
    api_version: str = ""

    @property
    def text(self) -> str:
        through = f' with subresource "{self.subresource}"' if self.subresource else ""
        return f'"{self.name}"{through} using {self.api_version}'


@dataclass(frozen=True)
class Ownership:
    """The fields of one manager and when they last changed."""

    manager: Manager
    fields: FieldSet
    time: str

    def as_json(self) -> Json:
        return prune(
            {
                "manager": self.manager.name,
                "operation": self.manager.operation,
                "apiVersion": self.manager.api_version,
                "time": self.time,
                "fieldsType": "FieldsV1",
                "fieldsV1": encode(self.fields),
                "subresource": self.manager.subresource or None,
            }
        )


def empty_object(resource: Resource) -> Json:
    """What an object is compared with when it is created."""
    return {} if resource.custom else _EMPTY.get(resource.kind, _TYPED)


def ownerships(obj: Json) -> list[Ownership]:
    return [_read(entry) for entry in (obj.get("metadata") or {}).get("managedFields") or []]


def _read(entry: Json) -> Ownership:
    manager = Manager(
        entry.get("manager", ""), entry["operation"], entry.get("subresource", ""), entry.get("apiVersion", "")
    )
    return Ownership(manager, decode(entry.get("fieldsV1") or {}), entry.get("time", ""))


def write(entries: Iterable[Ownership]) -> list[Json]:
    """managedFields in the server's order: applies first, then by time and name."""
    kept = [entry for entry in entries if entry.fields]
    kept.sort(key=lambda entry: (entry.manager.operation, entry.time, entry.manager.name, entry.manager.subresource))
    return [entry.as_json() for entry in kept]


def _writable(resource: Resource, manager: Manager, fields: FieldSet) -> FieldSet:
    """Without the part that the endpoint ignores: status for the object itself, spec for its status."""
    if not resource.has_status:
        return fields
    ignored = "f:spec" if manager.subresource == "status" else "f:status"
    return frozenset(path for path in fields if path[0] != ignored)


def after_update(resource: Resource, old: Json | None, new: Json, manager: Manager, now: datetime) -> list[Json]:
    """managedFields after `manager` turned `old` into `new`: it takes what it changed, the others lose that."""
    difference = compare(resource, empty_object(resource) if old is None else old, new)
    removed = frozenset(difference.removed)
    written = _writable(resource, manager, difference.written)
    before = ownerships(old) if old else []
    own = next((entry for entry in before if entry.manager == manager), Ownership(manager, frozenset(), ""))
    others = [entry for entry in before if entry.manager != manager]
    taken = (own.fields - removed) | written
    time = own.time if taken == own.fields else rfc3339(now)
    kept = [replace(entry, fields=entry.fields - written - removed) for entry in others]
    return write([*kept, Ownership(manager, taken, time)])
