"""Read the logs of many containers at once, a few at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tools.cluster.models.pods import ContainerStatus, Pod
from tools.cluster.pod_health import trouble_of
from tools.cluster.together import together
from tools.errors import InvalidArgs, NotFound, ToolError, Unavailable
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, LogStore

MAX_PODS = 10
CONCURRENT_READS = 6  # each is a connection from the API server to a kubelet
MAX_LINES = 40_000  # of all containers together: bounds the time to reduce them
MAX_BYTES = 24_000_000  # of all containers together: bounds the memory
FEWEST_LINES = 200
FEWEST_BYTES = 256_000
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Scope:
    """Which runs of the containers to read. `previous` True: only the last terminated runs."""

    since: timedelta
    tail: int
    previous: bool = False


@dataclass(frozen=True)
class Gathered:
    """One chunk for each run of a container that was read, lines oldest first, and the query of each.

    `notes`: what was not read, and why. `cut`: older lines, or lines of more pods, exist.
    """

    chunks: tuple[LogChunk, ...]
    queries: tuple[LogQuery, ...] = ()
    notes: tuple[str, ...] = ()
    cut: bool = False


async def gather(logs: LogStore, pods: Sequence[Pod], scope: Scope) -> Gathered:
    """Logs of the containers of at most `MAX_PODS` pods, those in trouble and the newest first.

    A restarted container's previous run is read too. One silent node does not fail the rest; Unavailable is raised
    when no container could be read. Raises Forbidden.
    """
    chosen = sorted(pods, key=_urgency)[:MAX_PODS]
    queries = _within_bounds([query for pod in chosen for query in _queries(pod, scope)])
    gate = asyncio.Semaphore(CONCURRENT_READS)
    outcomes = await together([_read(logs, query, gate) for query in queries])
    failures = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    if failures and len(failures) == len(outcomes):
        raise failures[0]
    read = [(query, one) for query, one in zip(queries, outcomes, strict=True) if isinstance(one, LogChunk)]
    notes = [note for _, chunk in read for note in (chunk.missing, chunk.note) if note]
    notes += [outcome.message for outcome in outcomes if isinstance(outcome, ToolError)]
    if len(pods) > len(chosen):
        notes.append(f"{len(pods) - len(chosen)} more pods were not read.")
    return Gathered(
        chunks=tuple(chunk for _, chunk in read),
        queries=tuple(query for query, _ in read),
        notes=tuple(dict.fromkeys(notes)),
        cut=len(pods) > len(chosen) or any(chunk.truncated for _, chunk in read),
    )


async def _read(logs: LogStore, query: LogQuery, gate: asyncio.Semaphore) -> LogChunk | ToolError:
    async with gate:
        try:
            return await logs.read(query)
        except (NotFound, Unavailable, InvalidArgs) as exc:  # this pod is gone, or its node silent: the others count
            return exc


def _urgency(pod: Pod) -> tuple[bool, float]:
    born = pod.metadata.creation_timestamp
    return trouble_of(pod) is None and pod.is_ready(), -(born.timestamp() if born else 0.0)


def _queries(pod: Pod, scope: Scope) -> list[LogQuery]:
    queries: list[LogQuery] = []
    failed_inits = [status for status in pod.status.init_container_statuses if not _done(status)]
    for status in (*failed_inits, *pod.status.container_statuses):
        ended_before = status.restart_count > 0 or status.last_state.terminated is not None
        if ended_before or scope.previous:
            queries.append(_query(pod, status, scope, previous=True))
        backing_off = ended_before and status.state.waiting is not None  # then both logs are of the same run
        if not scope.previous and not backing_off:
            queries.append(_query(pod, status, scope, previous=False))
    return queries


def _within_bounds(queries: list[LogQuery]) -> list[LogQuery]:
    """The queries with an equal share each of what may be read together."""
    share = max(1, len(queries))
    tail, size = max(FEWEST_LINES, MAX_LINES // share), min(MOST_BYTES, max(FEWEST_BYTES, MAX_BYTES // share))
    return [replace(query, tail=min(query.tail, tail), max_bytes=size) for query in queries]


def _done(status: ContainerStatus) -> bool:
    ended = status.state.terminated
    return ended is not None and ended.exit_code == 0


def _query(pod: Pod, status: ContainerStatus, scope: Scope, *, previous: bool) -> LogQuery:
    return LogQuery(
        namespace=pod.namespace or "",
        pod=pod.name,
        container=status.name,
        previous=previous,
        since=None if previous else scope.since,  # the last run may have ended before the window
        tail=scope.tail,
    )
