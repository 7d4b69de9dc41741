"""Keeps what a tool returned within a size, and says what was cut."""

import json
from typing import Any

MAX_CHARS = 7_000  # about 2,000 tokens: several results fit beside the conversation in a small context
KEPT_STRING = 240
KEPT_ITEMS = 3


def bounded(body: dict[str, Any], max_chars: int = MAX_CHARS) -> dict[str, Any]:
    """`body` itself when its JSON fits, else a copy with the longest lists and then the longest strings shortened.

    The copy's "cut" lists what was shortened, such as "rows: 40 of 92 shown". Order is kept: the first items stay.
    """
    if _size(body) <= max_chars:
        return body
    copy: dict[str, Any] = json.loads(json.dumps(body))
    cuts: dict[str, str] = {}
    while _size(copy) + 200 > max_chars and _cut_longest_list(copy, cuts):
        pass
    if _size(copy) + 200 > max_chars:
        copy = _short_strings(copy)
        cuts["text"] = f"texts end after {KEPT_STRING} characters"
    return copy | {"cut": "; ".join(cuts.values())}


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _cut_longest_list(body: dict[str, Any], cuts: dict[str, str]) -> bool:
    lists = [(path, items) for path, items in _lists(body, "") if len(items) > KEPT_ITEMS]
    if not lists:
        return False
    path, items = max(lists, key=lambda found: _size(found[1]))
    whole = int(cuts[path].rsplit(" of ", 1)[1].split()[0]) if path in cuts else len(items)
    del items[max(KEPT_ITEMS, len(items) * 2 // 3) :]
    cuts[path] = f"{path}: {len(items)} of {whole} shown"
    return True


def _lists(value: Any, path: str) -> list[tuple[str, list[Any]]]:
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in _lists(part, f"{path}.{key}".lstrip("."))]
    if isinstance(value, list):
        inner = [found for index, part in enumerate(value) for found in _lists(part, f"{path}[{index}]")]
        return [(path, value), *inner]
    return []


def _short_strings(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short_strings(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_short_strings(part) for part in value]
    if isinstance(value, str) and len(value) > KEPT_STRING:
        return value[:KEPT_STRING] + "…"
    return value
