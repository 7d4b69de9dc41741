"""Sets of fields as managedFields keeps them: built from objects, compared, written as fieldsV1."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from evals.emulators.kubernetes.merge_keys import apply_keys, is_atomic_item, is_atomic_map, is_set
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.resources import Resource

FieldPath = tuple[str, ...]  # elements "f:spec", 'k:{"name":"web"}', 'v:"x"'
FieldSet = frozenset[FieldPath]

_MISSING = object()
_OWN_METADATA = {
    "name",
    "namespace",
    "uid",
    "selfLink",
    "generation",
    "resourceVersion",
    "managedFields",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
}
_PROTOCOL_DEFAULT = "TCP"


def owned_part(obj: Json) -> Json:
    """The part of an object that managers own: no apiVersion, kind, nor what only the server writes."""
    kept = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind")}
    metadata = obj.get("metadata") or {}
    own = {key: value for key, value in metadata.items() if key not in _OWN_METADATA}
    kept.pop("metadata", None)
    return {"metadata": own, **kept} if own else kept


def item_key(keys: tuple[str, ...], item: Json) -> str:
    """The path element of a list item: its keys in alphabetical order."""
    found = {key: item.get(key, _PROTOCOL_DEFAULT if key == "protocol" else None) for key in sorted(keys)}
    return "k:" + orjson.dumps({key: value for key, value in found.items() if value is not None}).decode()


def value_key(value: Any) -> str:
    return "v:" + orjson.dumps(value).decode()


def names_in(path: FieldPath) -> tuple[str, ...]:
    """The field names of a path, without list items."""
    return tuple(element[2:] for element in path if element.startswith("f:"))


def children(resource: Resource, path: FieldPath, value: Any) -> dict[str, Any] | None:
    """The members of a map or keyed list by path element; None when the value is a leaf."""
    if not isinstance(value, dict | list):
        return None
    names = names_in(path)
    if isinstance(value, dict):
        if is_atomic_map(resource, names) or (path and is_atomic_item(names) and path[-1].startswith("k:")):
            return None
        return {f"f:{key}": member for key, member in value.items()}
    if is_set(names):
        return {value_key(member): member for member in value}
    keys = apply_keys(resource, names)
    if keys and all(isinstance(member, dict) for member in value):
        return {item_key(keys, member): member for member in value}
    return None


@dataclass
class Comparison:
    """Paths by which one object differs from another."""

    added: set[FieldPath] = field(default_factory=set)
    changed: set[FieldPath] = field(default_factory=set)
    removed: set[FieldPath] = field(default_factory=set)

    @property
    def written(self) -> FieldSet:
        return frozenset(self.added | self.changed)


def compare(resource: Resource, old: Json, new: Json) -> Comparison:
    """How the owned part of an object changed."""
    result = Comparison()
    before = {"metadata": {}, **owned_part(old)}
    _compare(resource, (), before, {"metadata": {}, **owned_part(new)}, result)
    return result


def _compare(resource: Resource, path: FieldPath, old: Any, new: Any, result: Comparison) -> None:
    if old is not _MISSING and new is not _MISSING and old == new:
        return
    before = {} if old is _MISSING or old is None else children(resource, path, old)
    after = {} if new is _MISSING or new is None else children(resource, path, new)
    is_leaf = before is None or after is None or (old in (_MISSING, None) and new in (_MISSING, None))
    if path and (is_leaf or old is _MISSING or new is _MISSING):
        _note(path, old, new, result)
    if before is None or after is None:
        return
    for element in {**before, **after}:
        _compare(resource, (*path, element), before.get(element, _MISSING), after.get(element, _MISSING), result)


def _note(path: FieldPath, old: Any, new: Any, result: Comparison) -> None:
    if old is _MISSING:
        result.added.add(path)
    elif new is _MISSING:
        result.removed.add(path)
    elif old != new:
        result.changed.add(path)


def fields_of(resource: Resource, obj: Json) -> FieldSet:
    """Every field that an applied configuration names."""
    found: set[FieldPath] = set()
    _collect(resource, (), owned_part(obj), found)
    return frozenset(found)


def _collect(resource: Resource, path: FieldPath, value: Any, found: set[FieldPath]) -> None:
    members = children(resource, path, value)
    if members is None or (value == {} and path):
        found.add(path)
        return
    if path and not path[-1].startswith("f:"):
        found.add(path)
    for element, member in members.items():
        _collect(resource, (*path, element), member, found)


def encode(fields: FieldSet) -> Json:
    """fieldsV1 of a set; a field that has members and is owned itself gets the key "."."""
    root: Json = {}
    for path in sorted(fields):
        node = root
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _trim(root)


def _trim(node: Json) -> Json:
    if list(node) == ["."]:
        return {}
    return {key: _trim(member) if key != "." else {} for key, member in node.items()}


def decode(fields: Json) -> FieldSet:
    """The set that a fieldsV1 stands for."""
    found: set[FieldPath] = set()
    _decode((), fields, found)
    return frozenset(found)


def _decode(path: FieldPath, node: Json, found: set[FieldPath]) -> None:
    if not node or "." in node:
        found.add(path)
    for element, member in node.items():
        if element != ".":
            _decode((*path, element), member, found)


def path_text(path: FieldPath) -> str:
    """A path as conflict messages write it: .spec.template.spec.containers[name="web"].image."""
    return "".join(_element_text(element) for element in path)


def _element_text(element: str) -> str:
    kind, rest = element[:2], element[2:]
    if kind == "f:":
        return f".{rest}"
    value = orjson.loads(rest)
    if kind == "v:":
        return f"[={orjson.dumps(value).decode()}]"
    return "[" + ",".join(f"{key}={orjson.dumps(member).decode()}" for key, member in value.items()) + "]"
