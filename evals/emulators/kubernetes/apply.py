"""Server-side apply: merge by the schema, ownership of fields, conflicts, removal of what is no longer applied."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.fieldsets import FieldPath, FieldSet, children, compare, fields_of, path_text
from evals.emulators.kubernetes.managed_fields import Manager, Ownership, ownerships, write
from evals.emulators.kubernetes.objects import Json, copy_json
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.timing import rfc3339


@dataclass(frozen=True)
class Apply:
    """One apply: who, at what time, and whether it takes fields from others."""

    manager: Manager
    now: datetime
    force: bool = False


def merge_applied(resource: Resource, live: Json, config: Json, request: Apply) -> Json:
    """The live object after an apply, with managedFields. Raises ApiError 409 when others own what would change."""
    entries = ownerships(live)
    own = next((entry for entry in entries if entry.manager == request.manager), None)
    others = [entry for entry in entries if entry.manager != request.manager]
    applied = fields_of(resource, config)
    merged: Json = _merge(resource, (), copy_json(live), config)
    if own is not None:
        _prune(resource, merged, own.fields - applied, others)
    written = compare(resource, live, merged).written
    others = _resolve(others, written & applied, force=request.force)
    time = own.time if own and own.fields == applied else rfc3339(request.now)
    merged["metadata"]["managedFields"] = write([*others, Ownership(request.manager, applied, time)])
    return merged


def _resolve(others: list[Ownership], written: FieldSet, *, force: bool) -> list[Ownership]:
    conflicts = {entry.manager: sorted(entry.fields & written) for entry in others if entry.fields & written}
    if conflicts and not force:
        raise _conflict_error(conflicts)
    return [replace(entry, fields=entry.fields - written) for entry in others]


def _conflict_error(conflicts: dict[Manager, list[FieldPath]]) -> ApiError:
    pairs = [(manager, path) for manager, paths in conflicts.items() for path in paths]
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {manager.text}",
            "field": path_text(path),
        }
        for manager, path in pairs
    ]
    if len(pairs) == 1:
        listing = f"1 conflict: conflict with {pairs[0][0].text}: {path_text(pairs[0][1])}"
    else:
        listing = f"{len(pairs)} conflicts: " + "\n".join(_listing(conflicts))
    return ApiError(409, "Conflict", f"Apply failed with {listing}", {"causes": causes})


def _listing(conflicts: dict[Manager, list[FieldPath]]) -> list[str]:
    lines: dict[str, list[str]] = defaultdict(list)
    for manager, paths in conflicts.items():
        lines[manager.text] += [f"- {path_text(path)}" for path in paths]
    return [line for text in sorted(lines) for line in (f"conflicts with {text}:", *lines[text])]


def _merge(resource: Resource, path: FieldPath, live: Any, config: Any) -> Any:
    wanted = children(resource, path, config)
    present = children(resource, path, live) if live is not None else None
    if wanted is None or present is None:
        return copy_json(config)
    result = dict(present)
    for element, member in wanted.items():
        result[element] = _merge(resource, (*path, element), present.get(element), member)
    return _assemble(config, result)


def _assemble(like: Any, members: dict[str, Any]) -> Any:
    if isinstance(like, list):
        return list(members.values())
    return {element[2:]: member for element, member in members.items()}


def _prune(resource: Resource, obj: Json, dropped: FieldSet, others: list[Ownership]) -> None:
    """Remove fields that were applied before, are not now, and that nobody else owns."""
    owned = frozenset().union(*(entry.fields for entry in others)) if others else frozenset()
    for path in sorted(dropped, key=len):  # an item of a list goes as a whole, before its key does
        if path not in owned and not any(other[: len(path)] == path for other in owned):
            _remove(resource, obj, path)


def _remove(resource: Resource, obj: Json, path: FieldPath) -> None:
    parent: Any = obj
    at: FieldPath = ()
    for element in path[:-1]:
        members = children(resource, at, parent) or {}
        if element not in members:
            return
        parent, at = members[element], (*at, element)
    members = children(resource, at, parent) or {}
    if path[-1] not in members:
        return
    if isinstance(parent, list):
        parent.remove(members[path[-1]])
    else:
        parent.pop(path[-1][2:], None)
