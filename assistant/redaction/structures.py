"""Secrets in JSON and in models: by kind of Kubernetes object, by key, by sibling, and in every text."""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeVar

from annotated_types import MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from assistant.redaction.markers import marker
from assistant.redaction.names import is_secret_name, is_secret_path
from assistant.redaction.text import redact_text

M = TypeVar("M", bound=BaseModel)

MAX_DEPTH = 60
TOO_DEEP = "[redacted: nested too deeply to check]"

_NAMING = ("name", "key", "path", "field")
_VALUES = frozenset(("value", "before", "after", "old", "new"))
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redact_json(value: Any) -> Any:
    """A copy of JSON-like data without secrets. Never raises; redacting again changes nothing."""
    return _clean(value, "", 0)


def redact_model(model: M) -> M:
    """The same model, every string in it free of secrets; names, numbers and times stay as they are.

    A text whose marker is longer than the secret was is shortened to the field's `max_length`.
    """
    cleaned: M = _clean_model(model, 0)
    return cleaned


def _clean(value: Any, kind: str, depth: int) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else redact_text(value)
    if depth > MAX_DEPTH:
        return TOO_DEEP if isinstance(value, list | tuple | dict | BaseModel) else value
    if isinstance(value, BaseModel):
        return _clean_model(value, depth)
    if isinstance(value, Mapping):
        return _clean_map(value, kind, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(_clean_items(value, kind, depth))
    return value


def _clean_items(items: Iterable[Any], kind: str, depth: int) -> list[Any]:
    cleaned: list[Any] = []
    after_option = False
    for item in items:
        secret = after_option and isinstance(item, str) and not item.startswith("-")
        cleaned.append(marker(item) if secret else _clean(item, kind, depth + 1))
        after_option = isinstance(item, str) and item.startswith("-") and is_secret_name(item)
    return cleaned


def _clean_map(value: Mapping[Any, Any], kind: str, depth: int) -> dict[Any, Any]:
    own_kind = value.get("kind") if isinstance(value.get("kind"), str) else kind
    sibling = _names_secret(value)
    return {key: _clean_entry(key, part, own_kind or "", depth, sibling=sibling) for key, part in value.items()}


def _clean_entry(key: Any, part: Any, kind: str, depth: int, *, sibling: bool) -> Any:
    if kind == "Secret" and key in ("data", "stringData") and isinstance(part, Mapping):
        return {name: _masked(inner) for name, inner in part.items()}
    if key == "items" and kind.endswith("List"):
        return _clean(part, kind.removesuffix("List"), depth + 1)
    if key == _LAST_APPLIED and isinstance(part, str):
        return _clean_document(part, depth)
    if isinstance(key, str) and (is_secret_name(key) or (sibling and key in _VALUES)):
        return _masked(part, depth)
    return _clean(part, "", depth + 1)


def _clean_document(text: str, depth: int) -> str:
    try:
        return json.dumps(_clean(json.loads(text), "", depth + 1), separators=(",", ":"))
    except (ValueError, RecursionError):
        return redact_text(text)


def _masked(part: Any, depth: int = 0) -> Any:
    """Scalars become markers; true, false and null say nothing; objects are looked into."""
    if isinstance(part, Enum) or part is None or isinstance(part, bool):
        return part
    if isinstance(part, str | int | float):
        return _mask_text(str(part))
    if isinstance(part, list | tuple) and all(isinstance(item, str) for item in part):
        return type(part)(_mask_text(item) for item in part)
    return _clean(part, "", depth + 1)


def _mask_text(text: str) -> str:
    return text if text.startswith(("$(", "${", "{{")) else marker(text)


def _names_secret(value: Mapping[Any, Any]) -> bool:
    named = [value[key] for key in _NAMING if isinstance(value.get(key), str)]
    return any(is_secret_name(name) or is_secret_path(name) for name in named)


def _clean_model(model: M, depth: int) -> M:
    values = dict(model)
    sibling = _names_secret(values)
    cleaned = {
        name: _fitting(_clean_entry(name, part, str(values.get("kind", "")), depth, sibling=sibling), part, field)
        for name, part in values.items()
        if (field := type(model).model_fields.get(name)) is not None
    }
    changed = {name: part for name, part in cleaned.items() if part is not values[name]}
    return model.model_copy(update=changed) if changed else model


def _fitting(cleaned: Any, before: Any, field: FieldInfo) -> Any:
    """A number under a secret-looking field name stays a number; a text keeps to its field's length."""
    if not isinstance(cleaned, str):
        return cleaned
    if not isinstance(before, str):
        return before
    limit = next((item.max_length for item in field.metadata if isinstance(item, MaxLen)), None)
    return cleaned[:limit] if limit else cleaned
