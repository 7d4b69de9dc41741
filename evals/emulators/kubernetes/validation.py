"""Validation of written objects: names, required fields, selectors, what may not change."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from evals.emulators.kubernetes.errors import Cause, invalid
from evals.emulators.kubernetes.objects import Json, dig, labels_of, name_of
from evals.emulators.kubernetes.pod_validation import pod_spec_causes
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.selectors import matches

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_LABEL_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_LABEL_VALUE}')"
)
_WORKLOADS = ("deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps")
_PATH_NAMED = "rbac.authorization.k8s.io"


def compact(value: Any) -> str:
    """A value as messages quote it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def required(field: str, detail: str = "") -> Cause:
    return Cause("FieldValueRequired", f"Required value: {detail}" if detail else "Required value", field)


def wrong(field: str, value: Any, detail: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {compact(value)}: {detail}", field)


def validate(resource: Resource, obj: Json, old: Json | None) -> None:
    """Refuse an object that the server would refuse. Raises ApiError 422 with every cause."""
    causes = [*_metadata_causes(resource, obj)]
    if not resource.custom:
        for check in _CHECKS.get(resource.qualified, []):
            causes += check(obj)
        if old is not None:
            causes += _immutable_causes(resource, old, obj)
    if causes:
        raise invalid(resource, name_of(obj), causes)


def _metadata_causes(resource: Resource, obj: Json) -> Iterator[Cause]:
    name = name_of(obj)
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif resource.group == _PATH_NAMED:
        if "/" in name or "%" in name or name in (".", ".."):
            yield wrong("metadata.name", name, "may not contain '/' or '%'")
    else:
        yield from _name_causes(resource, name)
    for key, value in labels_of(obj).items():
        if not isinstance(value, str) or len(value) > 63 or not re.fullmatch(_LABEL_VALUE, value):
            yield wrong("metadata.labels", value, f"{_LABEL_VALUE_TEXT}" if key else "")


def _name_causes(resource: Resource, name: str) -> Iterator[Cause]:
    is_label = resource.qualified in ("services", "namespaces")
    limit = 63 if is_label else 253
    if len(name) > limit:
        yield Cause("FieldValueTooLong", f"Too long: may not be more than {limit} bytes", "metadata.name")
    if not re.fullmatch(_LABEL if is_label else _SUBDOMAIN, name):
        yield wrong("metadata.name", name, _LABEL_TEXT if is_label else _SUBDOMAIN_TEXT)


def _workload_causes(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    selector = spec.get("selector")
    labels = dig(spec, "template", "metadata", "labels") or {}
    if not selector:
        yield required("spec.selector")
    elif not matches(selector, labels):
        yield wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    replicas = spec.get("replicas")
    if isinstance(replicas, int) and replicas < 0:
        yield wrong("spec.replicas", replicas, "must be greater than or equal to 0")
    claims = [name_of(claim) for claim in spec.get("volumeClaimTemplates") or []]
    yield from pod_spec_causes("spec.template.spec", dig(spec, "template", "spec") or {}, claims)
    policy = dig(spec, "template", "spec", "restartPolicy")
    if policy != "Always":
        message = f'Unsupported value: "{policy}": supported values: "Always"'
        yield Cause("FieldValueNotSupported", message, "spec.template.spec.restartPolicy")


def _pod_causes(obj: Json) -> Iterator[Cause]:
    yield from pod_spec_causes("spec", obj.get("spec") or {})


def _job_causes(obj: Json) -> Iterator[Cause]:
    yield from pod_spec_causes("spec.template.spec", dig(obj, "spec", "template", "spec") or {})
    policy = dig(obj, "spec", "template", "spec", "restartPolicy")
    if policy not in ("OnFailure", "Never"):
        message = f'Unsupported value: "{policy}": supported values: "OnFailure", "Never"'
        yield Cause("FieldValueNotSupported", message, "spec.template.spec.restartPolicy")


def _service_causes(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    for index, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{index}].name")
        if not 1 <= int(port.get("port") or 0) <= 65535:
            yield wrong(f"spec.ports[{index}].port", port.get("port"), "must be between 1 and 65535, inclusive")


def _role_binding_causes(obj: Json) -> Iterator[Cause]:
    if not dig(obj, "roleRef", "name"):
        yield required("roleRef.name")


def _claim_causes(obj: Json) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    if not dig(spec, "resources", "requests", "storage"):
        yield required("spec.resources[storage]")


_CHECKS: dict[str, list[Callable[[Json], Iterator[Cause]]]] = {
    **{name: [_workload_causes] for name in _WORKLOADS},
    "clusterrolebindings.rbac.authorization.k8s.io": [_role_binding_causes],
    "jobs.batch": [_job_causes],
    "persistentvolumeclaims": [_claim_causes],
    "pods": [_pod_causes],
    "rolebindings.rbac.authorization.k8s.io": [_role_binding_causes],
    "services": [_service_causes],
}

_STATEFUL_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_STATEFUL_TEXT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_POD_TEXT = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_IMMUTABLE = {
    "deployments.apps": ("selector",),
    "replicasets.apps": ("selector",),
    "daemonsets.apps": ("selector",),
    "jobs.batch": ("selector", "template", "completionMode"),
}


def _immutable_causes(resource: Resource, old: Json, new: Json) -> Iterator[Cause]:
    for field in _IMMUTABLE.get(resource.qualified, ()):
        if dig(old, "spec", field) != dig(new, "spec", field):
            yield wrong(f"spec.{field}", dig(new, "spec", field), "field is immutable")
    if resource.qualified == "statefulsets.apps" and _without(old, _STATEFUL_MUTABLE) != _without(
        new, _STATEFUL_MUTABLE
    ):
        yield Cause("FieldValueForbidden", f"Forbidden: {_STATEFUL_TEXT}", "spec")
    if resource.qualified == "pods" and _fixed_pod_part(old) != _fixed_pod_part(new):
        yield Cause("FieldValueForbidden", f"Forbidden: {_POD_TEXT}", "spec")
    if "roleRef" in old and old["roleRef"] != new.get("roleRef"):
        yield wrong("roleRef", new.get("roleRef"), "cannot change roleRef")
    if old.get("immutable") and (old.get("data") != new.get("data") or not new.get("immutable")):
        yield Cause("FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", "data")


def _without(obj: Json, fields: tuple[str, ...]) -> Json:
    return {key: value for key, value in (obj.get("spec") or {}).items() if key not in fields}


def _fixed_pod_part(pod: Json) -> Json:
    spec = _without(pod, ("activeDeadlineSeconds", "tolerations", "nodeName", "terminationGracePeriodSeconds"))
    for field in ("containers", "initContainers"):
        spec[field] = [{**container, "image": ""} for container in spec.get(field) or []]
    return spec
