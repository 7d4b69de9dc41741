"""Field selectors: which fields each kind can be selected by, and what the server says of the others."""

import re

from evals.emulators.kubernetes.errors import bad_request
from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.resources import Resource

_EVERY = ("metadata.name", "metadata.namespace")
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "events": (*(f"involvedObject.{name}" for name in _INVOLVED), "reason", "reportingComponent", "source", "type"),
    "events.events.k8s.io": (*(f"regarding.{name}" for name in _INVOLVED), "reason", "reportingController", "type"),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "secrets": ("type",),
    "jobs.batch": ("status.successful",),
    "replicasets.apps": ("status.replicas",),
    "replicationcontrollers": ("status.replicas",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
}
_TERM = re.compile(r"^\s*([^=!]+?)\s*(==|!=|=)\s*(.*?)\s*$")


class FieldSelector:
    """The parsed terms of a `fieldSelector`. Raises ApiError 400 with the server's words."""

    def __init__(self, text: str, resource: Resource) -> None:
        self._terms = [_term(part, resource) for part in text.split(",") if part]

    def matches(self, obj: Json) -> bool:
        return all((_field(obj, field) == value) == wanted for field, value, wanted in self._terms)

    def exact(self, field: str) -> str | None:
        """The value a field must have, when the selector says so."""
        return next((value for name, value, wanted in self._terms if name == field and wanted), None)


def _term(part: str, resource: Resource) -> tuple[str, str, bool]:
    found = _TERM.match(part)
    if found is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    field, operator, value = found.groups()
    own = _FIELDS.get(resource.qualified)
    if field not in _EVERY and field not in (own or ()):
        raise bad_request(_unknown(field, typed=own is not None))
    return field, value, operator != "!="


def _unknown(field: str, *, typed: bool) -> str:
    if typed:
        return f"field label not supported: {field}"
    return f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field(obj: Json, field: str) -> str:
    if field == "source":
        return str(dig(obj, "source", "component") or obj.get("reportingComponent") or "")
    if field == "status.successful":
        field = "status.succeeded"
    value = dig(obj, *field.split("."))
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "false" if field in ("spec.unschedulable", "spec.hostNetwork") else _absent(field)
    return str(value)


def _absent(field: str) -> str:
    return "0" if field in ("status.replicas", "status.succeeded") else ""
