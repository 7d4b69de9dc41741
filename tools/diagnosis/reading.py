"""Read a cluster with bounded concurrency: what may not be read becomes a gap, never a crash."""

import asyncio
from dataclasses import dataclass, field

from tools.cluster.models.meta import Resource, T
from tools.cluster.port import ClusterReader
from tools.diagnosis.observations import ContainerLog, Gap
from tools.errors import Forbidden, InvalidArgs, NotFound, Unavailable
from tools.logs.port import LogQuery, LogStore

MAX_CALLS = 80  # requests of one diagnosis, whatever the size of the cluster
CONCURRENT = 8  # requests of one diagnosis under way: gentle on the API server's priority and fairness
TAIL = 200  # newest lines of a log that are read
LOG_BYTES = 256_000


@dataclass
class Reading:
    """Reads for one diagnosis. `calls` counts requests; `gaps`, `read` and `truncated` tell what was seen.

    `budget`: the reading whose count and concurrency this one shares.
    """

    cluster: ClusterReader
    logs: LogStore
    namespace: str
    gaps: list[Gap] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    truncated: set[str] = field(default_factory=set)
    calls: int = 0
    budget: "Reading | None" = None
    _limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENT))

    def __post_init__(self) -> None:
        if self.budget:
            self._limit = self.budget._limit

    async def list(
        self,
        name: str,
        resource: Resource[T],
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 100,
        namespace: str | None = None,
    ) -> tuple[T, ...]:
        """Objects that match, or none and a gap. `name` is the field of Observations they go to."""
        if self._spent(name):
            return ()
        where = self.namespace if namespace is None else namespace or None  # "" means all namespaces
        where = where if resource.namespaced else None
        try:
            async with self._limit:
                page = await self.cluster.list(resource, where, labels=labels, fields=fields, limit=limit)
        except (Forbidden, Unavailable, NotFound, InvalidArgs) as problem:
            self._miss(name, resource.plural, problem)
            return ()
        self.read.add(name)
        if page.truncated:
            self.truncated.add(name)
        return page.items

    async def get(self, name: str, resource: Resource[T], object_name: str, namespace: str | None = None) -> T | None:
        """One object; None when it does not exist, or could not be read (then a gap says so)."""
        if self._spent(name):
            return None
        where = (namespace or self.namespace) if resource.namespaced else None
        try:
            async with self._limit:
                found = await self.cluster.get(resource, where, object_name)
        except NotFound:
            self.read.add(name)
            return None
        except (Forbidden, Unavailable, InvalidArgs) as problem:
            self._miss(name, resource.plural, problem)
            return None
        self.read.add(name)
        return found

    async def optional(
        self, resource: Resource[T], *, labels: str = "", namespace: str | None = None, limit: int = 100
    ) -> tuple[T, ...] | None:
        """Objects of a kind that need not exist in the cluster, nor be open to the person; None when it is not."""
        if self._spent(resource.plural):
            return None
        where = (self.namespace if namespace is None else namespace) if resource.namespaced else None
        try:
            async with self._limit:
                return (await self.cluster.list(resource, where, labels=labels, limit=limit)).items
        except (Forbidden, NotFound, Unavailable, InvalidArgs):
            return None

    async def look_up(self, resource: Resource[T], name: str, namespace: str | None = None) -> tuple[T | None, bool]:
        """(object, known): one object that need not exist. Not known: it may be there, but could not be read."""
        if self._spent(resource.plural):
            return None, False
        where = (namespace or self.namespace) if resource.namespaced else None
        try:
            async with self._limit:
                return await self.cluster.get(resource, where, name), True
        except NotFound:
            return None, True
        except (Forbidden, Unavailable, InvalidArgs):
            return None, False

    async def log(self, pod: str, container: str, *, previous: bool) -> ContainerLog:
        """The newest lines of one run of a container."""
        if self._spent("logs"):
            return ContainerLog(pod, container, previous, (), missing="not read")
        query = LogQuery(self.namespace, pod, container, previous=previous, tail=TAIL, max_bytes=LOG_BYTES)
        try:
            async with self._limit:
                chunk = await self.logs.read(query)
        except (Forbidden, Unavailable) as problem:
            self._miss("logs", "logs", problem)
            return ContainerLog(pod, container, previous, (), missing=problem.message)
        except (NotFound, InvalidArgs) as problem:
            return ContainerLog(pod, container, previous, (), missing=problem.message)
        self.read.add("logs")
        return ContainerLog(pod, container, previous, chunk.lines, chunk.missing)

    def failed(self, name: str) -> bool:
        """Whether that part could not be read."""
        return any(gap.name == name for gap in self.gaps)

    def _spent(self, name: str) -> bool:
        """Count one request; whether there were too many already."""
        if self.budget:
            return self.budget._spent(name)
        self.calls += 1
        if self.calls > MAX_CALLS:
            self.gaps.append(Gap(name, f"reading stopped after {MAX_CALLS} requests"))
        return self.calls > MAX_CALLS

    def _miss(self, name: str, plural: str, problem: Forbidden | Unavailable | NotFound | InvalidArgs) -> None:
        if isinstance(problem, Forbidden):
            why = f"not allowed to read {plural}: {problem.missing or problem.message}"
        else:
            why = f"{plural} could not be read: {problem.message}"
        self.gaps.append(Gap(name, why))
