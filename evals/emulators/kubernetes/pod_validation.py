"""Validation of pod specs, of pods and of templates alike."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from evals.emulators.kubernetes.errors import Cause
from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.quantities import parse_quantity

_LABEL = re.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_POLICIES = ("Always", "IfNotPresent", "Never")
_NAME_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL.pattern}')"
)


def pod_spec_causes(path: str, spec: Json, claims: Iterable[str] = ()) -> Iterator[Cause]:
    """What is wrong with a pod spec at a path. `claims`: volumes that a StatefulSet's claim templates add."""
    containers = spec.get("containers") or []
    if not containers:
        yield Cause("FieldValueRequired", "Required value", f"{path}.containers")
    volumes = {*claims, *(volume.get("name") for volume in spec.get("volumes") or [])}
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(group) or []):
            at = f"{path}.{group}[{index}]"
            yield from _container_causes(at, container, volumes)
            yield from _duplicate(f"{at}.name", container.get("name"), seen)


def _duplicate(field: str, name: Any, seen: set[str]) -> Iterator[Cause]:
    if name in seen:
        yield Cause("FieldValueDuplicate", f"Duplicate value: {_quote(name)}", field)
    seen.add(str(name))


def _quote(value: Any) -> str:
    return orjson.dumps(value).decode()


def _container_causes(path: str, container: Json, volumes: set[Any]) -> Iterator[Cause]:
    name = container.get("name")
    if not name:
        yield Cause("FieldValueRequired", "Required value", f"{path}.name")
    elif not _LABEL.fullmatch(name) or len(name) > 63:
        yield Cause("FieldValueInvalid", f"Invalid value: {_quote(name)}: {_NAME_TEXT}", f"{path}.name")
    if not container.get("image"):
        yield Cause("FieldValueRequired", "Required value", f"{path}.image")
    if container.get("imagePullPolicy") not in _POLICIES:
        supported = ", ".join(_quote(policy) for policy in _POLICIES)
        message = f"Unsupported value: {_quote(container.get('imagePullPolicy'))}: supported values: {supported}"
        yield Cause("FieldValueNotSupported", message, f"{path}.imagePullPolicy")
    for index, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            field = f"{path}.volumeMounts[{index}].name"
            yield Cause("FieldValueNotFound", f"Not found: {_quote(mount.get('name'))}", field)
    yield from _resource_causes(path, container)
    yield from _port_causes(path, container)


def _port_causes(path: str, container: Json) -> Iterator[Cause]:
    for index, port in enumerate(container.get("ports") or []):
        number = port.get("containerPort")
        field = f"{path}.ports[{index}].containerPort"
        if not number:
            yield Cause("FieldValueRequired", "Required value", field)
        elif not 1 <= number <= 65535:
            detail = "must be between 1 and 65535, inclusive"
            yield Cause("FieldValueInvalid", f"Invalid value: {number}: {detail}", field)


def _resource_causes(path: str, container: Json) -> Iterator[Cause]:
    requests = dig(container, "resources", "requests") or {}
    limits = dig(container, "resources", "limits") or {}
    for resource, amount in requests.items():
        if resource in limits and parse_quantity(amount) > parse_quantity(limits[resource]):
            detail = f"must be less than or equal to {resource} limit of {limits[resource]}"
            message = f"Invalid value: {_quote(str(amount))}: {detail}"
            yield Cause("FieldValueInvalid", message, f"{path}.resources.requests")
