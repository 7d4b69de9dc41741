"""Watches: changes of a selection as one JSON object a line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from evals.emulators.kubernetes.errors import ApiError, expired
from evals.emulators.kubernetes.listing import Selection, shown_as
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.store import Change, Store

DEFAULT_SECONDS = 1800.0
_INITIAL_END = "k8s.io/initial-events-end"


@dataclass(frozen=True)
class WatchOptions:
    """The query of a watch. An empty or zero `version` begins with the objects that are there."""

    version: str = ""
    seconds: float = DEFAULT_SECONDS
    bookmarks: bool = False
    initial_events: bool = False


async def watch(store: Store, selection: Selection, options: WatchOptions) -> AsyncIterator[Json]:
    """Events until the time is over. A version that is too old is answered by one ERROR event with a 410 Status."""
    matcher = selection.matcher()
    queue: asyncio.Queue[Change] = asyncio.Queue()
    stop = store.listen(queue.put_nowait)
    try:
        try:
            begun = _begin(store, selection, options)
        except ApiError as exc:
            yield {"type": "ERROR", "object": exc.status_body()}
            return
        for first in begun:
            yield first
        async with asyncio.timeout(options.seconds):
            while True:
                event = _event(selection, matcher.matches, await queue.get())
                if event is not None:
                    yield event
    except TimeoutError:
        if options.bookmarks:
            yield _bookmark(selection, store.version, {})
    finally:
        stop()


def _begin(store: Store, selection: Selection, options: WatchOptions) -> list[Json]:
    matcher = selection.matcher()
    if options.version not in ("", "0") and not options.initial_events:
        version = int(options.version)
        if store.is_forgotten(version):
            raise expired(f"too old resource version: {version} ({store.version})")
        events = (_event(selection, matcher.matches, change) for change in store.since(version))
        return [event for event in events if event is not None]
    items = [obj for obj in store.items(selection.resource, selection.namespace or None) if matcher.matches(obj)]
    added = [{"type": "ADDED", "object": shown_as(selection.resource, obj)} for obj in items]
    if options.initial_events and options.bookmarks:
        added.append(_bookmark(selection, store.version, {"annotations": {_INITIAL_END: "true"}}))
    return added


def _event(selection: Selection, matches: Callable[[Json], bool], change: Change) -> Json | None:
    """The event a change is for this selection: coming to match is ADDED, ceasing to match is DELETED."""
    if change.resource.shelf != selection.resource.shelf:
        return None
    after = change.type != "DELETED" and matches(change.object)
    before = change.previous is not None and matches(change.previous)
    if not after and not before:
        return None
    kind = "MODIFIED" if before and after else ("ADDED" if after else "DELETED")
    obj = shown_as(selection.resource, change.object)
    return {"type": kind, "object": obj}


def _bookmark(selection: Selection, version: int, metadata: Json) -> Json:
    resource = selection.resource
    head = {"kind": resource.kind, "apiVersion": resource.api_version}
    return {"type": "BOOKMARK", "object": {**head, "metadata": {"resourceVersion": str(version), **metadata}}}
