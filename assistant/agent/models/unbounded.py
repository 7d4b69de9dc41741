"""Schemas for servers that compile them into a grammar."""

from typing import Any

MAX_STRING = 200  # a grammar repeats a rule per character: llama.cpp refuses about 2,000 in all and slows down before
MAX_ITEMS = 6

_BOUNDS = ("minLength", "maxLength", "minItems", "maxItems", "pattern")


def without_bounds(schema: Any) -> Any:
    """The schema without lengths: the tool checks them anyway."""
    if isinstance(schema, dict):
        return {key: without_bounds(part) for key, part in schema.items() if key not in _BOUNDS}
    return [without_bounds(part) for part in schema] if isinstance(schema, list) else schema


def with_small_bounds(schema: Any) -> Any:
    """The schema with lengths that a grammar can hold: unbounded text lets a small model write blanks for ever."""
    if isinstance(schema, list):
        return [with_small_bounds(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    small = {key: with_small_bounds(part) for key, part in schema.items() if key not in ("minLength", "pattern")}
    for key, limit in (("maxLength", MAX_STRING), ("maxItems", MAX_ITEMS)):
        if isinstance(small.get(key), int):
            small[key] = min(small[key], limit)
    return small
