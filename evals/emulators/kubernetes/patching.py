"""Patches of an object: JSON merge patch, JSON patch and strategic merge patch."""

from collections.abc import Callable
from typing import Any

import orjson

from evals.emulators.kubernetes.errors import ApiError, bad_request
from evals.emulators.kubernetes.merge_keys import is_set, patch_key
from evals.emulators.kubernetes.objects import Json, copy_json
from evals.emulators.kubernetes.resources import Resource

Names = tuple[str, ...]

_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
_RETAIN = "$retainKeys"
_DIRECTIVE = "$patch"


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return copy_json(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def json_patch(target: Json, operations: list[Json]) -> Json:
    """RFC 6902. Raises ApiError 422 when an operation does not fit, as the server does."""
    document = copy_json(target)
    for operation in operations:
        try:
            document = _OPERATIONS[operation["op"]](document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as exc:
            message = "the server rejected our request due to an error in our request"
            raise ApiError(422, "Invalid", message, {}) from exc
    if not isinstance(document, dict):
        raise bad_request("a JSON patch must leave an object")
    return document


def _tokens(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _parent(document: Any, pointer: str) -> tuple[Any, Any]:
    *path, last = _tokens(pointer)
    for token in path:
        document = document[int(token) if isinstance(document, list) else token]
    if isinstance(document, list) and last != "-":
        return document, int(last)
    return document, last


def _value(document: Any, pointer: str) -> Any:
    parent, last = _parent(document, pointer)
    return parent[last]


def _add(document: Any, operation: Json) -> Any:
    parent, last = _parent(document, operation["path"])
    value = copy_json(operation["value"])
    if isinstance(parent, dict):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    elif last <= len(parent):
        parent.insert(last, value)
    else:
        raise IndexError(last)
    return document


def _remove(document: Any, operation: Json) -> Any:
    parent, last = _parent(document, operation["path"])
    del parent[last]
    return document


def _replace(document: Any, operation: Json) -> Any:
    parent, last = _parent(document, operation["path"])
    parent[last]
    parent[last] = copy_json(operation["value"])
    return document


def _test(document: Any, operation: Json) -> Any:
    if _value(document, operation["path"]) != operation.get("value"):
        raise ValueError("test failed")
    return document


def _move(document: Any, operation: Json) -> Any:
    value = _value(document, operation["from"])
    document = _remove(document, {"path": operation["from"]})
    return _add(document, {"path": operation["path"], "value": value})


def _copy(document: Any, operation: Json) -> Any:
    return _add(document, {"path": operation["path"], "value": _value(document, operation["from"])})


_OPERATIONS: dict[str, Callable[[Any, Json], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
    "move": _move,
    "copy": _copy,
}


def strategic_merge_patch(resource: Resource, target: Json, patch: Json) -> Json:
    """Kubernetes' own patch: lists merge by their keys, `$patch`, `$retainKeys` and `$setElementOrder` steer it."""
    return _strategic(resource, (), target, patch)


def _strategic(resource: Resource, path: Names, target: Json, patch: Json) -> Json:
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return copy_json({key: value for key, value in patch.items() if key != _DIRECTIVE})  # type: ignore[no-any-return]
    if directive == "delete":
        return {}
    kept = patch.get(_RETAIN)
    result = {key: value for key, value in target.items() if kept is None or key in kept}
    for key, value in patch.items():
        if not key.startswith("$"):
            _strategic_member(resource, (*path, key), result, value)
    _primitive_deletions(result, patch)
    _reorder(resource, path, result, patch)
    return result


def _strategic_member(resource: Resource, path: Names, result: Json, value: Any) -> None:
    key = path[-1]
    if value is None:
        result.pop(key, None)
    elif isinstance(value, dict):
        current = result.get(key)
        merged = _strategic(resource, path, current if isinstance(current, dict) else {}, value)
        if value.get(_DIRECTIVE) == "delete":
            result.pop(key, None)
        else:
            result[key] = merged
    elif isinstance(value, list):
        result[key] = _strategic_list(resource, path, result.get(key) or [], value)
    else:
        result[key] = value


def _strategic_list(resource: Resource, path: Names, target: list[Any], patch: list[Any]) -> list[Any]:
    if is_set(path):
        return target + [value for value in patch if value not in target]
    key = patch_key(resource, path)
    items = [item for item in patch if item != {_DIRECTIVE: "replace"}]
    if key is None or len(items) < len(patch):
        return list(copy_json(items))
    result = list(target)
    for item in items:
        _merge_item(resource, path, result, (key, item))
    return result


def _merge_item(resource: Resource, path: Names, result: list[Any], keyed: tuple[str, Json]) -> None:
    key, item = keyed
    if key not in item:
        raise bad_request(f"map: {orjson.dumps(item).decode()} does not contain declared merge key: {key}")
    at = next((index for index, old in enumerate(result) if old.get(key) == item[key]), None)
    if item.get(_DIRECTIVE) == "delete":
        result[:] = [old for old in result if old.get(key) != item[key]]
    elif at is None:
        result.append(_strategic(resource, path, {}, item))
    else:
        result[at] = _strategic(resource, path, result[at], item)


def _primitive_deletions(result: Json, patch: Json) -> None:
    for name, values in patch.items():
        if name.startswith(_DELETE_PRIMITIVES):
            key = name.removeprefix(_DELETE_PRIMITIVES)
            result[key] = [value for value in result.get(key) or [] if value not in values]


def _reorder(resource: Resource, path: Names, result: Json, patch: Json) -> None:
    for name, order in patch.items():
        key = name.removeprefix(_ORDER)
        merge_key = patch_key(resource, (*path, key))
        if name.startswith(_ORDER) and merge_key and isinstance(result.get(key), list):
            wanted = [item.get(merge_key) for item in order]
            ranked = {value: index for index, value in enumerate(wanted)}
            result[key].sort(key=lambda item: ranked.get(item.get(merge_key), len(ranked)))


def _ranking(merge_key: str, wanted: list[Any]) -> Callable[[Json], int]:
    ranked = {value: index for index, value in enumerate(wanted)}
    return lambda item: ranked.get(item.get(merge_key), len(ranked))
