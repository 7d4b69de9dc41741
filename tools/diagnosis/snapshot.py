"""A namespace read once: many diagnoses of its workloads then cost no further listing."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tools.cluster.models.meta import Resource, T
from tools.cluster.models.resources import (
    AUTOSCALERS,
    CLAIMS,
    CONTROLLER_REVISIONS,
    CRON_JOBS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    EVENTS,
    JOBS,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    PODS,
    QUOTAS,
    REPLICA_SETS,
    SERVICES,
    STATEFUL_SETS,
)
from tools.cluster.port import Access, ClusterReader, Page
from tools.diagnosis.selecting import Equal, equal_field, equal_label, field_tests, label_tests, value_at
from tools.errors import Forbidden, NotFound, ToolError, Unavailable

MAX_REQUESTS = 200  # to the API server, logs not counted
MAX_OBJECTS = 2000  # of one kind: in a larger namespace the rest is asked for by selector
WHOLE = frozenset(
    resource.plural
    for resource in (
        *(DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS, REPLICA_SETS, CONTROLLER_REVISIONS, PODS),
        *(EVENTS, SERVICES, ENDPOINT_SLICES, CLAIMS, AUTOSCALERS, QUOTAS, LIMIT_RANGES, NETWORK_POLICIES),
    )
)
"""Kinds that are listed whole, at the first need of one. ConfigMaps are not: their values are large."""
FEW = WHOLE - frozenset((PODS.plural, EVENTS.plural, REPLICA_SETS.plural, CONTROLLER_REVISIONS.plural, JOBS.plural))
"""Of these, kinds of which there are few: for questions about a few workloads of a large namespace."""

X = TypeVar("X")
Read = Callable[[], Awaitable[X]]


@dataclass
class Listing:
    """All objects of a kind in one namespace, found again by a label or a field."""

    page: Page[Any]
    _by: dict[tuple[str, str], dict[str, list[Any]]] = field(default_factory=dict)

    def named(self, name: str) -> Any | None:
        """The object of that name, or None."""
        return next(iter(self._with("field", ("metadata.name", name))), None)

    def matching(self, labels: str, fields: str) -> list[Any]:
        """Objects that match both selectors, in the server's order."""
        by_field, by_label = equal_field(fields), equal_label(labels)
        near: Sequence[Any] = self.page.items
        if by_field:
            near = self._with("field", by_field)
        elif by_label:
            near = self._with("label", by_label)
        tests = (*label_tests(labels), *field_tests(fields))
        return [item for item in near if all(test(item) for test in tests)]

    def _with(self, what: str, equal: Equal) -> list[Any]:
        key, value = equal
        index = self._by.get((what, key))
        if index is None:
            index = self._by[(what, key)] = defaultdict(list)
            for item in self.page.items:
                index[value_at(item, key) if what == "field" else item.metadata.labels.get(key, "")].append(item)
        return index.get(value, [])


class Snapshot:
    """A `ClusterReader` that lists kinds in `whole` once in the given namespaces and answers selectors from memory.

    What is not listed whole, lies elsewhere, or was cut at `MAX_OBJECTS` is read from the cluster, the same thing once.
    After `MAX_REQUESTS` it raises Unavailable. `requests` counts those sent.
    """

    def __init__(self, cluster: ClusterReader, namespaces: Sequence[str], whole: frozenset[str] = WHOLE) -> None:
        self._cluster = cluster
        self._whole = whole
        self._namespaces = frozenset(namespaces)
        self._answers: dict[tuple[Any, ...], asyncio.Future[Any]] = {}
        self._listings: dict[tuple[str, str], Listing] = {}
        self.requests = 0

    @property
    def cluster(self) -> str:
        """The name this cluster has in settings."""
        return self._cluster.cluster

    def list_whole_only(self, kinds: frozenset[str]) -> None:
        """From now on list only these kinds whole: in a large namespace a few workloads cost less by selector."""
        self._whole = kinds

    async def get(self, resource: Resource[T], namespace: str | None, name: str) -> T:
        """One object. Raises NotFound without a request when a whole listing has none of that name."""
        listing = await self._listing(resource, namespace)
        if listing is None or listing.page.truncated:
            return await self._once(
                ("get", resource.plural, namespace, name), lambda: self._cluster.get(resource, namespace, name)
            )
        found: T | None = listing.named(name)
        if found is None:
            raise NotFound(f"There is no {resource.kind} {name} in {namespace}.")
        return found

    async def list(
        self, resource: Resource[T], namespace: str | None, *, labels: str = "", fields: str = "", limit: int = 1000
    ) -> Page[T]:
        """Objects that match both selectors."""
        listing = await self._listing(resource, namespace)
        if listing is None or (listing.page.truncated and (labels or fields)):
            return await self._once(
                ("list", resource.plural, namespace, labels, fields, limit),
                lambda: self._cluster.list(resource, namespace, labels=labels, fields=fields, limit=limit),
            )
        found = listing.matching(labels, fields)
        return Page(tuple(found[:limit]), truncated=listing.page.truncated or len(found) > limit)

    async def whole(self, resource: Resource[T], namespace: str) -> Page[T]:
        """Every object of a kind, at most `MAX_OBJECTS`."""
        return await self.list(resource, namespace, limit=MAX_OBJECTS)

    async def listed(self, resource: Resource[T], namespace: str, labels: str) -> tuple[T, ...]:
        """Objects of a whole listing that match, without a request for those that it was cut before; none may do."""
        try:
            listing = await self._listing(resource, namespace)
        except (Forbidden, Unavailable):
            return ()
        return tuple(listing.matching(labels, "")) if listing else ()

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        """One object as raw JSON, without managedFields."""
        return await self._once(
            ("raw", resource.plural, namespace, name), lambda: self._cluster.raw(resource, namespace, name)
        )

    async def can_i(self, verb: str, resource: Resource[T], namespace: str | None, name: str = "") -> Access:
        """Whether the acting person may."""
        return await self._once(
            ("can", verb, resource.plural, namespace, name),
            lambda: self._cluster.can_i(verb, resource, namespace, name),
        )

    async def server_version(self) -> str:
        """gitVersion of the server."""
        return await self._once(("version",), self._cluster.server_version)

    async def _listing(self, resource: Resource[T], namespace: str | None) -> Listing | None:
        """The listing of that kind there; None when such are not listed whole."""
        if resource.plural not in self._whole or namespace not in self._namespaces or namespace is None:
            return None
        page = await self._once(
            ("whole", resource.plural, namespace),
            lambda: self._cluster.list(resource, namespace, limit=MAX_OBJECTS),
        )
        return self._listings.setdefault((resource.plural, namespace), Listing(page))

    async def _once(self, key: tuple[Any, ...], read: Read[X]) -> X:
        """The answer of a read, or the error it ended with, also for those who ask while it is under way."""
        if key in self._answers:
            return cast(X, await asyncio.shield(self._answers[key]))
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(await self._counted(read))
        except ToolError as problem:
            answer.set_exception(problem)
        finally:
            if not answer.done():  # it broke or was cancelled: whoever asks next reads anew
                self._answers.pop(key)
                answer.cancel()
        return cast(X, await answer)

    async def _counted(self, read: Read[X]) -> X:
        self.requests += 1
        if self.requests > MAX_REQUESTS:
            raise Unavailable(f"Reading stopped after {MAX_REQUESTS} requests.", "cluster")
        return await read()
