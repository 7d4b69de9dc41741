"""Logs of containers from the cluster itself (GET pods/{name}/log)."""

from datetime import UTC, datetime

from tools.cluster.kubernetes import KubernetesCluster
from tools.cluster.models.resources import PODS
from tools.errors import InvalidArgs
from tools.logs.models import LogChunk, LogLine
from tools.logs.port import LogQuery, PastQuery
from tools.logs.reduction.cleaning import clean

_NOT_THERE = (
    "is waiting to start",
    "previous terminated container",
    "is not available",
    "does not have a host assigned",
)
_ROTATED = b"unable to retrieve container logs for "  # the kubelet says so with status 200
SHORTEST_TAIL = 10


class PodLogStore:
    """Implements LogStore over one person's view of a cluster."""

    def __init__(self, cluster: KubernetesCluster) -> None:
        self._cluster = cluster

    async def read(self, query: LogQuery) -> LogChunk:
        """Lines of one container, oldest first, with the runtime's time stamps.

        `truncated`: the tail cut older lines. The byte limit of the API keeps the oldest bytes, so a tail that does not
        fit is read again with fewer lines: the newest are never lost to it. A container that has not started, or has
        no previous run, gives `missing`.
        Raises NotFound (no such pod), InvalidArgs (no such container), Forbidden, Unavailable.
        """
        try:
            body, tail = await self._fitting(query)
        except InvalidArgs as exc:
            if any(text in exc.message for text in _NOT_THERE):
                return LogChunk(lines=(), missing=exc.message.partition(": ")[2] or exc.message)
            raise
        if body.startswith(_ROTATED):
            return LogChunk(lines=(), missing=clean(body.decode("utf-8", "replace")))
        lines = parse_lines(body, query)
        return LogChunk(lines=lines, truncated=len(lines) >= tail or len(body) >= query.max_bytes)

    async def past(self, query: PastQuery) -> LogChunk:  # noqa: ARG002  # the cluster has no memory of gone pods
        """Nothing: the logs of a pod go away with it."""
        return LogChunk(lines=())

    async def _fitting(self, query: LogQuery) -> tuple[bytes, int]:
        """The log text and the number of lines that were asked for when it fitted into the byte limit."""
        tail = query.tail
        while True:
            body = await self._cluster.text(PODS, query.namespace, query.pod, "log", _parameters(query, tail))
            if len(body) < query.max_bytes or tail <= SHORTEST_TAIL:
                return body, tail
            tail = max(SHORTEST_TAIL, tail // 5)


def parse_lines(body: bytes, query: LogQuery) -> tuple[LogLine, ...]:
    """Log text with a time stamp before each line, as the kubelet writes it, as clean lines."""
    texts = body.decode("utf-8", "replace").split("\n")
    return tuple(_line(text, query) for text in texts if text)


def _line(text: str, query: LogQuery) -> LogLine:
    stamp, _, rest = text.partition(" ")
    at = _stamp(stamp)
    shown = clean(rest if at else text)
    return LogLine(pod=query.pod, container=query.container, text=shown, at=at, previous=query.previous)


def _stamp(text: str) -> datetime | None:
    """RFC 3339 with up to nanoseconds; None when the word is no time."""
    if not text[:4].isdigit():
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _parameters(query: LogQuery, tail: int) -> list[tuple[str, str]]:
    parameters = [
        ("container", query.container),
        ("timestamps", "true"),
        ("tailLines", str(tail)),
        ("limitBytes", str(query.max_bytes)),
    ]
    if query.previous:
        parameters.append(("previous", "true"))
    if query.since is not None:
        parameters.append(("sinceSeconds", str(max(1, int(query.since.total_seconds())))))
    return parameters
