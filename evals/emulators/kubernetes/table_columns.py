"""The columns of the tables, by kind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evals.emulators.kubernetes.events import last_seen
from evals.emulators.kubernetes.objects import Json, condition, dig, is_deleting, labels_of, name_of
from evals.emulators.kubernetes.pod_table import pod_ready_count, pod_restarts, pod_state
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.selectors import selector_text
from evals.emulators.kubernetes.timing import human_duration, parse_time

NONE = "<none>"
Cell = Callable[[Json, datetime], Any]


@dataclass(frozen=True)
class Column:
    """A column; those of `priority` 1 appear with `-o wide`."""

    name: str
    cell: Cell
    priority: int = 0
    type: str = "string"


def columns_of(resource: Resource) -> list[Column]:
    """The columns of a resource: name, its own, age."""
    own = _OWN.get(resource.qualified, [])
    plain = [column for column in own if not column.priority]
    wide = [column for column in own if column.priority]
    if resource.qualified.startswith("events"):
        return own
    return [Column("Name", lambda obj, _: name_of(obj)), *plain, Column(_age_name(resource), _age), *wide]


def _age_name(resource: Resource) -> str:
    return (
        "Created At"
        if resource.group == "rbac.authorization.k8s.io" and resource.singular in ("role", "clusterrole")
        else "Age"
    )


def _age(obj: Json, now: datetime) -> str:
    created = dig(obj, "metadata", "creationTimestamp")
    return human_duration(now - parse_time(created)) if created else "<unknown>"


def _at(*path: str | int, default: Any = NONE) -> Cell:
    return lambda obj, _: found if (found := dig(obj, *path)) not in (None, "") else default


def _number(name: str, *path: str) -> Column:
    return Column(name, _at(*path, default=0), type="integer")


def _ready_of(total: str) -> Cell:
    return lambda obj, _: f"{dig(obj, 'status', 'readyReplicas') or 0}/{dig(obj, 'spec', total) or 0}"


def _containers(field: str) -> Cell:
    return lambda obj, _: ",".join(c[field] for c in dig(obj, "spec", "template", "spec", "containers") or [])


def _selector(obj: Json, now: datetime) -> str:
    del now
    return selector_text(dig(obj, "spec", "selector") or {}) or NONE


_TEMPLATE = [
    Column("Containers", _containers("name"), 1),
    Column("Images", _containers("image"), 1),
    Column("Selector", _selector, 1),
]


def _service_ports(obj: Json, now: datetime) -> str:
    del now
    ports = dig(obj, "spec", "ports") or []
    texts = [f"{p['port']}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p['protocol']}" for p in ports]
    return ",".join(texts) or NONE


def _plain_selector(obj: Json, now: datetime) -> str:
    del now
    return ",".join(f"{k}={v}" for k, v in sorted((dig(obj, "spec", "selector") or {}).items())) or NONE


def _node_status(obj: Json, now: datetime) -> str:
    del now
    ready = condition(obj, "Ready")
    word = {"True": "Ready", "False": "NotReady"}.get(ready["status"] if ready else "", "Unknown")
    return f"{word},SchedulingDisabled" if dig(obj, "spec", "unschedulable") else word


def _node_roles(obj: Json, now: datetime) -> str:
    del now
    prefix = "node-role.kubernetes.io/"
    return ",".join(sorted(key.removeprefix(prefix) for key in labels_of(obj) if key.startswith(prefix))) or NONE


def _address(kind: str) -> Cell:
    def find(obj: Json, now: datetime) -> str:
        del now
        return next((a["address"] for a in dig(obj, "status", "addresses") or [] if a["type"] == kind), NONE)

    return find


def _namespace_status(obj: Json, now: datetime) -> str:
    del now
    return "Terminating" if is_deleting(obj) else str(dig(obj, "status", "phase") or "Active")


def _event_age(obj: Json, now: datetime) -> str:
    return human_duration(now - last_seen(obj))


def _event_object(obj: Json, now: datetime) -> str:
    del now
    involved = obj.get("involvedObject") or obj.get("regarding") or {}
    return f"{str(involved.get('kind', '')).lower()}/{involved.get('name', '')}"


def _event_text(obj: Json, now: datetime) -> str:
    del now
    return str(obj.get("message") or obj.get("note") or "").strip()


def _job_status(obj: Json, now: datetime) -> str:
    del now
    for kind in ("Failed", "Complete"):
        if condition(obj, kind):
            return kind
    return "Suspended" if dig(obj, "spec", "suspend") else "Running"


def _completions(obj: Json, now: datetime) -> str:
    del now
    return f"{dig(obj, 'status', 'succeeded') or 0}/{dig(obj, 'spec', 'completions') or 1}"


def _data_count(obj: Json, now: datetime) -> int:
    del now
    return len(obj.get("data") or {}) + len(obj.get("binaryData") or {})


def _endpoints(obj: Json, now: datetime) -> str:
    del now
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or []
        for address in subset.get("addresses") or []
        for port in subset.get("ports") or []
    ]
    return ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "") or NONE


def _slice_endpoints(obj: Json, now: datetime) -> str:
    del now
    addresses = [address for end in obj.get("endpoints") or [] for address in end.get("addresses") or []]
    return ",".join(addresses[:3]) or "<unset>"


def _slice_ports(obj: Json, now: datetime) -> str:
    del now
    return ",".join(str(port.get("port")) for port in obj.get("ports") or []) or "<unset>"


def _quota_cell(prefix: str) -> Cell:
    def text(obj: Json, now: datetime) -> str:
        del now
        hard, used = dig(obj, "status", "hard") or {}, dig(obj, "status", "used") or {}
        keys = [key for key in sorted(hard) if key.startswith("limits.") == (prefix == "limits.")]
        return ", ".join(f"{key}: {used.get(key, 0)}/{hard[key]}" for key in keys)

    return text


def _role(obj: Json, now: datetime) -> str:
    del now
    return f"{dig(obj, 'roleRef', 'kind')}/{dig(obj, 'roleRef', 'name')}"


_OWN: dict[str, list[Column]] = {
    "pods": [
        Column("Ready", pod_ready_count),
        Column("Status", lambda obj, _: pod_state(obj)),
        Column("Restarts", pod_restarts),
        Column("IP", _at("status", "podIP"), 1),
        Column("Node", _at("spec", "nodeName"), 1),
        Column("Nominated Node", _at("status", "nominatedNodeName"), 1),
        Column("Readiness Gates", lambda *_: NONE, 1),
    ],
    "deployments.apps": [
        Column("Ready", _ready_of("replicas")),
        _number("Up-to-date", "status", "updatedReplicas"),
        _number("Available", "status", "availableReplicas"),
        *_TEMPLATE,
    ],
    "replicasets.apps": [
        _number("Desired", "spec", "replicas"),
        _number("Current", "status", "replicas"),
        _number("Ready", "status", "readyReplicas"),
        *_TEMPLATE,
    ],
    "statefulsets.apps": [Column("Ready", _ready_of("replicas")), *_TEMPLATE[:2]],
    "daemonsets.apps": [
        _number("Desired", "status", "desiredNumberScheduled"),
        _number("Current", "status", "currentNumberScheduled"),
        _number("Ready", "status", "numberReady"),
        _number("Up-to-date", "status", "updatedNumberScheduled"),
        _number("Available", "status", "numberAvailable"),
        *_TEMPLATE,
    ],
    "jobs.batch": [Column("Status", _job_status), Column("Completions", _completions), *_TEMPLATE],
    "cronjobs.batch": [
        Column("Schedule", _at("spec", "schedule")),
        Column("Timezone", _at("spec", "timeZone")),
        Column("Suspend", lambda obj, _: str(dig(obj, "spec", "suspend"))),
        Column("Active", lambda obj, _: len(dig(obj, "status", "active") or []), type="integer"),
    ],
    "services": [
        Column("Type", _at("spec", "type")),
        Column("Cluster-IP", _at("spec", "clusterIP")),
        Column("External-IP", _at("status", "loadBalancer", "ingress", 0, "ip")),
        Column("Port(s)", _service_ports),
        Column("Selector", _plain_selector, 1),
    ],
    "endpoints": [Column("Endpoints", _endpoints)],
    "endpointslices.discovery.k8s.io": [
        Column("AddressType", _at("addressType")),
        Column("Ports", _slice_ports),
        Column("Endpoints", _slice_endpoints),
    ],
    "nodes": [
        Column("Status", _node_status),
        Column("Roles", _node_roles),
        Column("Version", _at("status", "nodeInfo", "kubeletVersion")),
        Column("Internal-IP", _address("InternalIP"), 1),
        Column("External-IP", _address("ExternalIP"), 1),
        Column("OS-Image", _at("status", "nodeInfo", "osImage"), 1),
        Column("Kernel-Version", _at("status", "nodeInfo", "kernelVersion"), 1),
        Column("Container-Runtime", _at("status", "nodeInfo", "containerRuntimeVersion"), 1),
    ],
    "namespaces": [Column("Status", _namespace_status)],
    "configmaps": [Column("Data", _data_count)],
    "secrets": [Column("Type", _at("type")), Column("Data", _data_count)],
    "persistentvolumeclaims": [
        Column("Status", _at("status", "phase")),
        Column("Volume", _at("spec", "volumeName", default="")),
        Column("Capacity", _at("status", "capacity", "storage", default="")),
        Column("Access Modes", lambda obj, _: ",".join(dig(obj, "status", "accessModes") or [])),
        Column("StorageClass", _at("spec", "storageClassName", default="")),
    ],
    "resourcequotas": [Column("Request", _quota_cell("")), Column("Limit", _quota_cell("limits."))],
    "horizontalpodautoscalers.autoscaling": [
        Column("Reference", lambda o, _: "/".join(str(dig(o, "spec", "scaleTargetRef", k)) for k in ("kind", "name"))),
        _number("MinPods", "spec", "minReplicas"),
        _number("MaxPods", "spec", "maxReplicas"),
        _number("Replicas", "status", "currentReplicas"),
    ],
    "poddisruptionbudgets.policy": [
        Column("Min Available", _at("spec", "minAvailable", default="N/A")),
        Column("Max Unavailable", _at("spec", "maxUnavailable", default="N/A")),
        _number("Allowed Disruptions", "status", "disruptionsAllowed"),
    ],
    "rolebindings.rbac.authorization.k8s.io": [Column("Role", _role)],
    "clusterrolebindings.rbac.authorization.k8s.io": [Column("Role", _role)],
    "events": [
        Column("Last Seen", _event_age),
        Column("Type", _at("type")),
        Column("Reason", _at("reason")),
        Column("Object", _event_object),
        Column("Subobject", _at("involvedObject", "fieldPath", default=""), 1),
        Column("Source", _at("source", "component", default=""), 1),
        Column("Message", _event_text),
        Column("Count", _at("count", default=1), 1),
        Column("Name", lambda obj, _: name_of(obj), 1),
    ],
}
_OWN["events.events.k8s.io"] = _OWN["events"]
