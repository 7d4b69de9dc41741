"""Lists: selectors, pages that stay consistent, what a page token may look like."""

import base64
import binascii
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from evals.emulators.kubernetes.errors import bad_request, expired, too_large_version
from evals.emulators.kubernetes.events import to_new_api
from evals.emulators.kubernetes.field_selectors import FieldSelector
from evals.emulators.kubernetes.objects import Json, labels_of, name_of, namespace_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.selectors import label_selector
from evals.emulators.kubernetes.store import Store

SNAPSHOTS = 50  # lists in the middle of being paged through; an older token is answered 410
_FORMAT = "meta.k8s.io/v1"
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True)
class Selection:
    """Which objects of a resource are meant."""

    resource: Resource
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    name: str = ""

    def matcher(self) -> "Matcher":
        """The parsed selectors. Raises ApiError 400."""
        return Matcher(self)

    @property
    def is_filtered(self) -> bool:
        return bool(self.labels or self.fields)


class Matcher:
    """Selectors parsed once, applied to many objects."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._labels = label_selector(selection.labels) if selection.labels else None
        self._fields = FieldSelector(selection.fields, selection.resource) if selection.fields else None

    def matches(self, obj: Json) -> bool:
        if self._selection.namespace and namespace_of(obj) != self._selection.namespace:
            return False
        if self._labels is not None and not self._labels(labels_of(obj)):
            return False
        return self._fields is None or self._fields.matches(shown_as(self._selection.resource, obj))


def shown_as(resource: Resource, obj: Json) -> Json:
    """A stored object in the group and version of a resource."""
    if resource.group == "events.k8s.io":
        return to_new_api(obj)
    if obj.get("apiVersion") == resource.api_version:
        return obj
    return {**obj, "apiVersion": resource.api_version}


@dataclass(frozen=True)
class Page:
    """A part of a list: `token` continues it, `remaining` counts what follows where the server would say so."""

    items: list[Json]
    version: int
    token: str = ""
    remaining: int | None = None


class Lister:
    """Answers lists; a list of several pages shows the state at its first page."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._snapshots: OrderedDict[tuple[int, Selection], list[Json]] = OrderedDict()

    def page(self, selection: Selection, limit: int = 0, token: str = "") -> Page:
        """One page. Raises ApiError: 400 for a bad selector or token, 410 for an old token."""
        matcher = selection.matcher()
        if not token:
            namespace = selection.namespace or None
            items = [obj for obj in self._store.items(selection.resource, namespace) if matcher.matches(obj)]
            return self._cut(selection, (self._store.version, items), limit)
        version, start = decode_token(token)
        items = self._snapshots.get((version, selection), [])
        if (version, selection) not in self._snapshots:
            raise expired(_EXPIRED)
        rest = [obj for obj in items if _key(selection, obj) >= start]
        return self._cut(selection, (version, rest), limit)

    def _cut(self, selection: Selection, state: tuple[int, list[Json]], limit: int) -> Page:
        version, items = state
        if not limit or len(items) <= limit:
            return Page(items, version)
        self._snapshots.setdefault((version, selection), items)
        while len(self._snapshots) > SNAPSHOTS:
            self._snapshots.popitem(last=False)
        token = encode_token(version, _key(selection, items[limit - 1]) + "\0")
        remaining = None if selection.is_filtered else len(items) - limit
        return Page(items[:limit], version, token, remaining)

    def check_version(self, text: str) -> None:
        """Refuse a resourceVersion that is not a number or lies ahead. Raises ApiError 400, 504."""
        if not text:
            return
        if not text.isdigit():
            raise bad_request(f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
        if int(text) > self._store.version:
            raise too_large_version(int(text), self._store.version)


def _key(selection: Selection, obj: Json) -> str:
    """Where a page token stands: the object's place below what was listed."""
    if selection.namespace or not selection.resource.namespaced:
        return name_of(obj)
    return f"{namespace_of(obj)}/{name_of(obj)}"


def encode_token(version: int, start: str) -> str:
    raw = orjson.dumps({"v": _FORMAT, "rv": version, "start": start})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_token(token: str) -> tuple[int, str]:
    """Version and start of a page token. Raises ApiError 400 with the server's words."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as exc:
        raise bad_request(f"invalid continue token: continue key is not valid: {exc}") from exc
    try:
        found = orjson.loads(raw)
        version, start = int(found["rv"]), str(found["start"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as exc:
        letter = raw[:1].decode("latin-1")
        why = f"invalid character '{letter}' looking for beginning of value"
        raise bad_request(f"invalid continue token: continue key is not valid: {why}") from exc
    return version, start
