"""Reading request bodies: unknown and duplicate fields, wrong types, in the server's words."""

from collections.abc import Iterator
from typing import Any

from evals.emulators.kubernetes.errors import ApiError, bad_request
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.quantities import parse_quantity
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.schema import FieldType, fields_of_model, model_for

_GO_TYPES = {"string": "string", "integer": "int32", "number": "float64", "boolean": "bool"}
_QUANTITIES = (
    "limits",
    "requests",
    "capacity",
    "allocatable",
    "hard",
    "used",
    "default",
    "defaultRequest",
    "min",
    "max",
)


_NULLABLE = ("lastProbeTime", "eventTime", "firstTimestamp", "lastTimestamp")  # times that Go writes as null


def check_fields(resource: Resource, obj: Json, mode: str) -> list[str]:
    """Drop unknown fields as the server does; the result is the warnings. Raises ApiError 400 in mode Strict."""
    model = model_for(resource)
    if model is None:
        return []
    unknown = list(_walk(resource, "", model, obj))
    if not unknown or mode == "Ignore":
        return []
    texts = [f'unknown field "{path}"' for path in unknown]
    if mode == "Strict":
        raise _undecodable(resource, f"strict decoding error: {', '.join(texts)}")
    return texts


def _undecodable(resource: Resource, why: str) -> ApiError:
    kind = resource.kind
    return bad_request(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}')


def _walk(resource: Resource, path: str, model: str, obj: Json) -> Iterator[str]:
    fields = fields_of_model(model)
    for key in list(obj):
        at = f"{path}.{key}" if path else key
        if obj[key] is None and key not in _NULLABLE:
            del obj[key]
        elif key in fields:
            yield from _member(resource, at, fields[key], obj[key])
        elif fields:
            del obj[key]
            yield at


def _member(resource: Resource, path: str, kind: FieldType, value: Any) -> Iterator[str]:
    if value is None:
        return
    _check_type(resource, path, kind, value)
    if path.rsplit(".", 1)[-1] in _QUANTITIES and kind.container == "map":
        _check_quantities(resource, value)
    if not kind.model:
        return
    for at, item in _members(path, kind, value):
        yield from _walk(resource, at, kind.model, item)


def _members(path: str, kind: FieldType, value: Any) -> list[tuple[str, Json]]:
    if kind.container == "list":
        return [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    if kind.container == "map":
        return [(f"{path}.{key}", item) for key, item in value.items()]
    return [(path, value)] if isinstance(value, dict) else []


def _check_type(resource: Resource, path: str, kind: FieldType, value: Any) -> None:
    if _fits(kind, value):
        return
    wanted = {"list": f"[]{kind.model or kind.scalar}", "map": "map[string]"}.get(kind.container)
    go_type = wanted or kind.model or _GO_TYPES.get(kind.scalar, "object")
    field = f"{resource.kind}.{path}"
    why = f"json: cannot unmarshal {_json_type(value)} into Go struct field {field} of type {go_type}"
    raise _undecodable(resource, why)


def _fits(kind: FieldType, value: Any) -> bool:
    if kind.container:
        return isinstance(value, list if kind.container == "list" else dict)
    if kind.model:
        return isinstance(value, dict) or not fields_of_model(kind.model)
    if kind.scalar == "boolean":
        return isinstance(value, bool)
    if kind.scalar in ("integer", "number"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind.scalar == "any" or isinstance(value, str)


def _json_type(value: Any) -> str:
    names = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _check_quantities(resource: Resource, amounts: Json) -> None:
    for amount in amounts.values():
        try:
            parse_quantity(amount)
        except ValueError as exc:
            raise _undecodable(resource, str(exc)) from exc
