"""Logs from Loki (HTTP API /loki/api/v1), with the assistant's own rights."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tools.clock import Clock
from tools.errors import InvalidArgs, NotFound, ToolError, Unavailable
from tools.http import HttpApi
from tools.logs.logql import Labels, Wanted, pods_like, query, quoted, selector
from tools.logs.loki_answers import entries_in, lines_of, patterns_of, window
from tools.logs.models import CountedPattern, LogChunk
from tools.logs.port import LogQuery, PastQuery

API = "/loki/api/v1"
MAX_ENTRIES = 5_000  # what a server allows by default (max_entries_limit_per_query)
WIDE = timedelta(hours=1)  # from here on the size is asked first
MAX_BYTES = 2_000_000_000  # of log that one query may make the server read
LABELS_FOR = timedelta(minutes=10)  # how long the names of labels are believed
DEFAULT_SINCE = timedelta(hours=1)
MAX_PATTERNS = 5

_ALLOWED = re.compile(r"max entries limit per query exceeded.*\(\d+ > (?P<limit>\d+)\)")


def loki_url(url: str) -> str:
    """The address of the server: `url` may end with the path of the API."""
    return url.rstrip("/").removesuffix(API)


class LokiLogStore:
    """Implements LogStore over a Loki. It knows no persons: check their rights before (`CombinedLogStore` does).

    One is shared by all. Raises Unavailable, Forbidden (its own token is refused), InvalidArgs.
    """

    def __init__(self, api: HttpApi, *, clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        self._api = api
        self._clock = clock
        self._max_bytes = max_bytes
        self._labels: tuple[datetime, Labels] | None = None

    async def read(self, query: LogQuery) -> LogChunk:
        """Lines of one container, oldest first, without telling its runs apart (GET /query_range).

        So a previous run alone cannot be had: `missing` says it.
        """
        if query.previous:
            return LogChunk(lines=(), missing="The log store does not tell the runs of a container apart.")
        now = self._clock()
        wanted = Wanted(query.namespace, pods=(query.pod,), container=query.container)
        return await self._lines(wanted, now - (query.since or DEFAULT_SINCE), now, query.tail)

    async def past(self, query: PastQuery) -> LogChunk:
        """Lines of a workload's pods, oldest first (GET /query_range).

        When the time is long, the size is asked first (GET /index/stats): too much is not read. Then `missing` says
        what to narrow, and `patterns` (GET /patterns) what is known of it all the same.
        """
        wanted = Wanted(
            query.workload.namespace or "",
            pods=query.pods,
            without=query.without,
            pods_like="" if query.pods else pods_like(query.workload),
            contains=query.contains,
        )
        if query.end - query.start > WIDE and (size := await self._bytes(wanted, query)) > self._max_bytes:
            said = f"The log store holds {size / 1e9:.1f} GB for that time: ask for fewer minutes"
            return LogChunk(lines=(), missing=f"{said}.", patterns=await self._patterns(wanted, query))
        chunk = await self._lines(wanted, query.start, query.end, query.limit)
        return chunk if chunk.lines else chunk.model_copy(update={"missing": await self._why_empty(wanted, query)})

    async def _lines(self, wanted: Wanted, start: datetime, end: datetime, limit: int) -> LogChunk:
        labels = await self._known_labels()
        entries = min(limit, MAX_ENTRIES)
        params = [("query", query(wanted, labels)), *window(start, end), ("direction", "backward")]
        try:
            answer = await self._get("/query_range", [*params, ("limit", str(entries))])
        except InvalidArgs as exc:  # this server allows fewer
            allowed = _ALLOWED.search(exc.message)
            if allowed is None:
                raise
            entries = int(allowed["limit"])
            answer = await self._get("/query_range", [*params, ("limit", str(entries))])
        lines = lines_of(answer, labels, wanted)
        return LogChunk(lines=lines, truncated=entries_in(answer) >= entries)

    async def _bytes(self, wanted: Wanted, query: PastQuery) -> int:
        """How much a query would read; 0 when the server cannot tell (before Loki 2.9)."""
        labels = await self._known_labels()
        try:
            stats = await self._api.get(f"{API}/index/stats", self._of_streams(wanted, labels, query))
        except NotFound:
            return 0
        size = stats.get("bytes", 0) if isinstance(stats, dict) else 0
        return size if isinstance(size, int) else 0

    async def _patterns(self, wanted: Wanted, query: PastQuery) -> tuple[CountedPattern, ...]:
        """The most frequent patterns; none when the server does not detect any or a text is looked for."""
        if wanted.contains:
            return ()
        labels = await self._known_labels()
        try:
            found = await self._get("/patterns", self._of_streams(wanted, labels, query))
        except ToolError:  # a feature of its own that may be off: what is missing is said anyway
            return ()
        return patterns_of(found)[:MAX_PATTERNS]

    def _of_streams(self, wanted: Wanted, labels: Labels, query: PastQuery) -> list[tuple[str, str]]:
        return [("query", selector(wanted, labels)), *window(query.start, query.end)]

    async def _why_empty(self, wanted: Wanted, query: PastQuery) -> str:
        """Why there is no line: a namespace that the log store does not know is worth saying, silence is not."""
        labels = await self._known_labels()
        path = f"/label/{labels.namespace}/values"
        only = ("query", "{" + f"{labels.namespace}={quoted(wanted.namespace)}" + "}")
        values = await self._get(path, [only, *window(query.start, query.end)])
        known = isinstance(values, list) and wanted.namespace in values
        return "" if known else f"The log store has nothing of namespace {wanted.namespace} in that time."

    async def _known_labels(self) -> Labels:
        """Names of labels in the last day (GET /labels), asked again after a while."""
        now = self._clock()
        if self._labels is None or now - self._labels[0] > LABELS_FOR:
            names = await self._get("/labels", window(now - timedelta(days=1), now))
            listed = [str(name) for name in names] if isinstance(names, list) else []
            self._labels = (now, Labels.known(listed))
        return self._labels[1]

    async def _get(self, path: str, params: Sequence[tuple[str, str]]) -> Any:
        """The `data` of an answer."""
        answer = await self._api.get(f"{API}{path}", params)
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise Unavailable("The log store answered what Loki does not: check its address.", "logs")
        return answer.get("data")
