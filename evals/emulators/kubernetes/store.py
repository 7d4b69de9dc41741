"""The objects of the cluster: one monotonic resourceVersion, a history for watches, an index by owner."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from evals.emulators.kubernetes.objects import Json, meta, name_of, namespace_of
from evals.emulators.kubernetes.resources import Resource

HISTORY_LIMIT = 20_000  # changes kept for watches; a 5,000-pod namespace coming up makes about this many

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]
Key = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One write: the object after it (for DELETED, its last state) and before it."""

    version: int
    type: ChangeType
    resource: Resource
    object: Json
    previous: Json | None


class Store:
    """Objects by shelf and key. Stored objects are never changed in place: copy, change, `put`."""

    def __init__(self) -> None:
        self.version = 0
        self._shelves: dict[str, dict[Key, Json]] = {}
        self._owned: dict[str, dict[tuple[str, Key], Resource]] = {}
        self._history: deque[Change] = deque()
        self._forgotten = 0
        self._listeners: list[Callable[[Change], None]] = []

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` at every change from now on; the result stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def get(self, resource: Resource, namespace: str, name: str) -> Json | None:
        return self._shelves.get(resource.shelf, {}).get((namespace, name))

    def items(self, resource: Resource, namespace: str | None = None) -> list[Json]:
        """Objects of a resource in key order; `namespace` None is all of them."""
        shelf = self._shelves.get(resource.shelf, {})
        keys = [key for key in shelf if namespace is None or key[0] == namespace]
        return [shelf[key] for key in sorted(keys, key="/".join)]

    def owned(self, uid: str) -> list[tuple[Resource, Json]]:
        """Objects with an owner reference to a uid, in key order."""
        entries = sorted(self._owned.get(uid, {}).items(), key=lambda entry: entry[0])
        return [(resource, self._shelves[resource.shelf][key]) for (_, key), resource in entries]

    def put(self, resource: Resource, obj: Json) -> Json:
        """Store an object under the next resourceVersion and tell the listeners."""
        key = (namespace_of(obj), name_of(obj))
        shelf = self._shelves.setdefault(resource.shelf, {})
        previous = shelf.get(key)
        self.version += 1
        meta(obj)["resourceVersion"] = str(self.version)
        if previous is not None:
            self._unindex(resource, previous)
        shelf[key] = obj
        for uid in _owner_uids(obj):
            self._owned.setdefault(uid, {})[resource.shelf, key] = resource
        self._record(Change(self.version, "MODIFIED" if previous else "ADDED", resource, obj, previous))
        return obj

    def remove(self, resource: Resource, obj: Json) -> Json:
        """Drop an object. Its last state carries the version of the deletion, as watches show it."""
        key = (namespace_of(obj), name_of(obj))
        previous = self._shelves[resource.shelf].pop(key)
        self._unindex(resource, previous)
        self.version += 1
        last = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}
        self._record(Change(self.version, "DELETED", resource, last, previous))
        return last

    def since(self, version: int) -> Iterator[Change]:
        """Changes after a version. Check `is_forgotten` first."""
        return (change for change in list(self._history) if change.version > version)

    def is_forgotten(self, version: int) -> bool:
        """Whether changes after this version have been compacted away."""
        return version < self._forgotten

    def compact(self) -> None:
        """Forget the history: every watch from an older version is answered 410."""
        self._forgotten = self.version
        self._history.clear()

    def _record(self, change: Change) -> None:
        self._history.append(change)
        if len(self._history) > HISTORY_LIMIT:
            self._forgotten = self._history.popleft().version
        for listener in list(self._listeners):
            listener(change)

    def _unindex(self, resource: Resource, obj: Json) -> None:
        entry = (resource.shelf, (namespace_of(obj), name_of(obj)))
        for uid in _owner_uids(obj):
            self._owned.get(uid, {}).pop(entry, None)


def _owner_uids(obj: Json) -> list[str]:
    return [str(reference.get("uid")) for reference in obj["metadata"].get("ownerReferences") or []]
