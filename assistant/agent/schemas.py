"""Argument models as the strict JSON schemas that providers accept."""

from typing import Any

from pydantic import BaseModel

from assistant.agent.models.port import ToolSchema

_KEPT = (
    "type", "enum", "const", "description", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
)  # fmt: skip

MAX_DESCRIPTION = 200


class SchemaError(TypeError):
    """An argument model cannot be shown to a model: it is unbounded or uses a shape that strict mode refuses."""


def tool_schema(name: str, summary: str, args: type[BaseModel]) -> ToolSchema:
    """The strict schema of a callable. Raises SchemaError."""
    return ToolSchema(name, summary, strict_schema(args))


def strict_schema(args: type[BaseModel]) -> dict[str, Any]:
    """All properties required, nullable instead of optional, no defaults, no extras, no titles, references inlined.

    Key order follows the fields: equal models give equal bytes. Raises SchemaError.
    """
    schema = args.model_json_schema()
    return _strict(schema, schema.get("$defs", {}), args.__name__)


def _strict(schema: dict[str, Any], defs: dict[str, Any], where: str) -> dict[str, Any]:
    if "$ref" in schema:
        target = defs[schema["$ref"].rsplit("/", 1)[-1]]
        return _strict({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, defs, where)
    if "anyOf" in schema:
        return _union(schema, defs, where)
    kept = {key: schema[key] for key in _KEPT if key in schema}
    match schema.get("type"):
        case "object":
            return {"type": "object", **_object(schema, defs, where)}
        case "array":
            return kept | {"items": _strict(schema["items"], defs, f"{where}[]")}
        case _:
            return kept


def _object(schema: dict[str, Any], defs: dict[str, Any], where: str) -> dict[str, Any]:
    if schema.get("additionalProperties"):
        raise SchemaError(f"{where}: a map has unknown keys; use a list of key and value")
    required = set(schema.get("required", ()))
    properties = {
        name: _property(part, defs, f"{where}.{name}", nullable=name not in required)
        for name, part in schema.get("properties", {}).items()
    }
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


def _property(part: dict[str, Any], defs: dict[str, Any], where: str, *, nullable: bool) -> dict[str, Any]:
    strict = _strict(part, defs, where)
    return _or_null(strict) if nullable else strict


def _union(schema: dict[str, Any], defs: dict[str, Any], where: str) -> dict[str, Any]:
    shared = {"description": schema["description"]} if "description" in schema else {}
    parts = [_strict(part, defs, where) for part in schema["anyOf"] if part.get("type") != "null"]
    nullable = len(parts) < len(schema["anyOf"])
    strict = {**parts[0], **shared} if len(parts) == 1 else {"anyOf": parts, **shared}
    return _or_null(strict) if nullable else strict


def _or_null(strict: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in strict:
        nulls = [part for part in strict["anyOf"] if part.get("type") == "null"]
        return strict if nulls else {**strict, "anyOf": [*strict["anyOf"], {"type": "null"}]}
    kind = strict.get("type")
    if kind is None or isinstance(kind, list):
        return strict
    nullable = {**strict, "type": [kind, "null"]}
    return {**nullable, "enum": [*strict["enum"], None]} if "enum" in strict else nullable


def lint(schema: dict[str, Any], where: str = "") -> list[str]:
    """What providers or small models would trip over: one sentence per fault, none when the schema is strict."""
    faults = _faults(schema, where)
    for name, part in schema.get("properties", {}).items():
        faults += lint(part, f"{where}.{name}")
    for part in schema.get("anyOf", ()):
        faults += lint(part, where)
    return faults + (lint(schema["items"], f"{where}[]") if "items" in schema else [])


def _faults(schema: dict[str, Any], where: str) -> list[str]:
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    closed = "enum" in schema or "const" in schema
    rules = {
        "a string has no maxLength": "string" in kinds and not closed and "maxLength" not in schema,
        "an array has no maxItems": "array" in kinds and "maxItems" not in schema,
        "an object allows extra keys": "object" in kinds and schema.get("additionalProperties") is not False,
        "not every property is required": set(schema.get("required", ())) != set(schema.get("properties", {})),
        "a default is shown": "default" in schema,
        "a title is shown": "title" in schema,
        "a description is too long": len(schema.get("description", "")) > MAX_DESCRIPTION,
    }
    return [f"{where or 'schema'}: {fault}" for fault, holds in rules.items() if holds]
