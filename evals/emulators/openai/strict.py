"""The subset of JSON Schema that `strict: true` takes (platform.openai.com/docs/guides/structured-outputs)."""

from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 10
MAX_PROPERTIES = 5000
MAX_ENUM_VALUES = 1000
FORBIDDEN = (
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "uniqueItems",
    "contains",
    "minProperties",
    "maxProperties",
)


def strict_problem(schema: Any) -> str | None:
    """The first rule a schema breaks, worded with its context as the API does; None when it is fine."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or "anyOf" in schema:
        kind = schema.get("type") if isinstance(schema, dict) else None
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    return next(_problems(schema, ()), None) or _size_problem(schema)


def _problems(schema: Any, context: tuple[str, ...]) -> Iterator[str]:
    where = f"In context={context}, "
    if not isinstance(schema, dict):
        yield f"{where}schema must be an object."
        return
    yield from (f"{where}'{name}' is not permitted." for name in FORBIDDEN if name in schema)
    if "default" in schema:
        yield f"{where}'default' is not permitted."
    if "$ref" in schema and len(schema) > 1:
        yield f"{where}$ref cannot have keywords {set(schema) - {'$ref'}}."
    elif not {"type", "enum", "const", "anyOf", "$ref"} & set(schema):
        yield f"{where}schema must have a 'type' key."
    if schema.get("type") == "object" or "properties" in schema:
        yield from _object_problems(schema, where)
    if schema.get("type") == "array" and "items" not in schema:
        yield f"{where}array schema missing items."
    for name, part in _parts(schema):
        yield from _problems(part, (*context, *name))


def _object_problems(schema: dict[str, Any], where: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{where}'additionalProperties' is required to be supplied and to be false."
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if missing := [name for name in properties if name not in required]:
        yield (
            f"{where}'required' is required to be supplied and to be an array including every key in properties. "
            f"Missing '{missing[0]}'."
        )
    if extra := [name for name in required if name not in properties]:
        yield f"{where}Extra required key '{extra[0]}' supplied."


def _parts(schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for group in ("properties", "$defs", "definitions"):
        for name, part in schema.get(group, {}).items():
            yield (group, name), part
    if "items" in schema:
        yield ("items",), schema["items"]
    for index, part in enumerate(schema.get("anyOf", [])):
        yield ("anyOf", str(index)), part


def _size_problem(schema: dict[str, Any]) -> str | None:
    depth, properties, values = _measure(schema)
    if depth > MAX_DEPTH:
        return f"{depth} levels of nesting exceed the limit of {MAX_DEPTH}."
    if properties > MAX_PROPERTIES:
        return f"{properties} properties exceed the limit of {MAX_PROPERTIES}."
    return f"{values} enum values exceed the limit of {MAX_ENUM_VALUES}." if values > MAX_ENUM_VALUES else None


def _measure(schema: Any) -> tuple[int, int, int]:
    """Levels of objects, properties and enum values, references not followed."""
    if not isinstance(schema, dict):
        return 0, 0, 0
    inner = [_measure(part) for _, part in _parts(schema)]
    own = 1 if schema.get("type") == "object" else 0
    return (
        own + max((depth for depth, _, _ in inner), default=0),
        len(schema.get("properties", {})) + sum(count for _, count, _ in inner),
        len(schema.get("enum", [])) + sum(count for _, _, count in inner),
    )
