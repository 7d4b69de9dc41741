"""What differs between two stored objects, as a person may see it (pure)."""

from collections.abc import Iterator
from typing import Any

import orjson

from tools.contract import Change

MAX_CHANGES = 40
MAX_VALUE_CHARACTERS = 300
HIDDEN = "(hidden)"

_SERVER_OWNED = frozenset(
    {"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink", "deletionTimestamp"}
)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # repeats the whole object, literals included
_MAPS = frozenset({"annotations", "labels"})  # shown key by key even when the whole map appears
_ABSENT = object()


def diff(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    """Fields of metadata and spec that differ, in path order; status and what the server stamps are left out.

    Literals of environment variables are never shown: only that one was set, changed or removed.
    At most `MAX_CHANGES`; a last entry says how many more there are.
    """
    changes = sorted(_walk("", _authored(before), _authored(after)), key=lambda change: change.path)
    cut = len(changes) - MAX_CHANGES
    rest = (Change(path=f"({cut} more fields)", before=None, after=None),) if cut > 0 else ()
    return (*changes[:MAX_CHANGES], *rest)


def _authored(body: dict[str, Any]) -> dict[str, Any]:
    kept = {key: part for key, part in body.items() if key != "status"}
    if isinstance(meta := kept.get("metadata"), dict):
        kept["metadata"] = {key: part for key, part in meta.items() if key not in _SERVER_OWNED}
    return kept


def _walk(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            absent = {} if key in _MAPS else _ABSENT
            yield from _walk(_join(path, key), before.get(key, absent), after.get(key, absent))
    elif (keyed := _by_name(before, after)) is not None:
        for name in keyed[0].keys() | keyed[1].keys():
            yield from _walk(f"{path}[{name}]", keyed[0].get(name, _ABSENT), keyed[1].get(name, _ABSENT))
    else:
        yield Change(path=path, before=_shown(path, before), after=_shown(path, after))


def _join(path: str, key: str) -> str:
    if not key.isidentifier():
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def _by_name(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both lists by the name of their items, when every item has one: containers, env, volumes."""
    sides = [[] if side is _ABSENT else side for side in (before, after)]
    if not all(
        isinstance(side, list) and all(isinstance(item, dict) and "name" in item for item in side) for side in sides
    ):
        return None
    old, new = ({str(item["name"]): item for item in side} for side in sides)
    return (old, new) if len(old) == len(sides[0]) and len(new) == len(sides[1]) and (old or new) else None


def _shown(path: str, value: Any) -> str | None:
    if value is _ABSENT or value is None:
        return None
    if _LAST_APPLIED in path or (".env[" in path and path.endswith("].value")):
        return HIDDEN
    safe = _literal_hidden(value) if ".env[" in path else _part(path.rpartition(".")[2], value)
    text = safe if isinstance(safe, str) else orjson.dumps(safe, option=orjson.OPT_SORT_KEYS).decode()
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[: MAX_VALUE_CHARACTERS - 1] + "…"


def _without_literals(value: Any) -> Any:
    """A copy in which no variable's literal and no last-applied copy is left, however deep."""
    if isinstance(value, list):
        return [_without_literals(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _part(key, part) for key, part in value.items()}


def _part(key: str, part: Any) -> Any:
    if key == _LAST_APPLIED:
        return HIDDEN
    if key == "env" and isinstance(part, list):
        return [_literal_hidden(variable) for variable in part]
    return _without_literals(part)


def _literal_hidden(variable: Any) -> Any:
    return {**variable, "value": HIDDEN} if isinstance(variable, dict) and "value" in variable else variable
