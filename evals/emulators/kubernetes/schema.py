"""The fields of the built-in kinds, read from the models of the official client."""

import importlib
import re
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin

from evals.emulators.kubernetes.resources import Resource

_MODELS = "kubernetes.aio.client.models"
_PREFIXES = {
    "events.k8s.io": "Events",
    "": "Core",
}
Scalar = Literal["string", "integer", "number", "boolean", "any"]


@dataclass(frozen=True)
class FieldType:
    """The type of a field: a scalar, a model, or a list or map of one."""

    scalar: Scalar = "any"
    model: str = ""
    container: Literal["", "list", "map"] = ""
    required: bool = False


def model_for(resource: Resource) -> str | None:
    """The model of a built-in kind, or None when there is none or it is a custom kind."""
    if resource.custom:
        return None
    version = resource.version[0].upper() + resource.version[1:]
    plain = f"{version}{resource.kind}"
    named = {"Event": f"{_PREFIXES.get(resource.group, '')}{plain}"}.get(resource.kind, plain)
    return named if fields_of_model(named) else None


@lru_cache(maxsize=None)  # noqa: UP033  (cache() would hide that it never empties)
def fields_of_model(model: str) -> dict[str, FieldType]:
    """JSON name to type of every field of a model; empty for an unknown model."""
    try:
        module = importlib.import_module(f"{_MODELS}.{_snake(model)}")
    except ModuleNotFoundError:
        return {}
    fields: dict[str, FieldType] = {}
    for name, info in getattr(module, model).model_fields.items():
        choices = getattr(info.validation_alias, "choices", None)
        fields[str(choices[0]) if choices else name] = _field_type(info.annotation, required=info.is_required())
    return fields


def _snake(model: str) -> str:
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", model)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def _field_type(annotation: Any, *, required: bool) -> FieldType:
    annotation = _bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        inner = _field_type(arguments[0], required=False)
        return FieldType(inner.scalar, inner.model, "list", required)
    if origin is dict:
        inner = _field_type(arguments[1], required=False)
        return FieldType(inner.scalar, inner.model, "map", required)
    return FieldType(_scalar(annotation), _model_name(annotation), "", required)


def _bare(annotation: Any) -> Any:
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) is typing.Union and type(None) in get_args(annotation):
            rest = [part for part in get_args(annotation) if part is not type(None)]
            if len(rest) != 1:
                return Any
            annotation = rest[0]
        else:
            return annotation


def _scalar(annotation: Any) -> Scalar:
    known: dict[Any, Scalar] = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return known.get(annotation, "any")


def _model_name(annotation: Any) -> str:
    module = getattr(annotation, "__module__", "")
    return annotation.__name__ if module.startswith(_MODELS) else ""
