"""Kubernetes objects as plain JSON: small readers used everywhere in the emulator."""

from typing import Any

import orjson

Json = dict[str, Any]


def copy_json(value: Any) -> Any:
    """A deep copy of JSON data."""
    return orjson.loads(orjson.dumps(value))


def meta(obj: Json) -> Json:
    """`metadata` of an object, created when absent."""
    found: Json = obj.setdefault("metadata", {})
    return found


def name_of(obj: Json) -> str:
    return str(obj["metadata"].get("name", ""))


def namespace_of(obj: Json) -> str:
    return str(obj["metadata"].get("namespace", ""))


def uid_of(obj: Json) -> str:
    return str(obj["metadata"].get("uid", ""))


def labels_of(obj: Json) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def annotations_of(obj: Json) -> dict[str, str]:
    return obj["metadata"].get("annotations") or {}


def is_deleting(obj: Json) -> bool:
    return "deletionTimestamp" in obj["metadata"]


def dig(value: Any, *path: str | int) -> Any:
    """The value at a path of keys and indexes, or None when any step is missing."""
    for step in path:
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def controller_of(obj: Json) -> Json | None:
    """The owner reference that controls an object, or None."""
    for reference in obj["metadata"].get("ownerReferences") or []:
        if reference.get("controller"):
            return dict(reference)
    return None


def condition(obj: Json, kind: str) -> Json | None:
    """The status condition of a type, or None."""
    for item in dig(obj, "status", "conditions") or []:
        if item.get("type") == kind:
            return dict(item)
    return None


def pod_ready(pod: Json) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def prune(obj: Json) -> Json:
    """The object without keys whose value is None."""
    return {key: value for key, value in obj.items() if value is not None}
