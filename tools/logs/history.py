"""Lines that the pods of a workload no longer have, from a log store where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.cluster.models.pods import Pod
from tools.contract import ObjectRef
from tools.errors import ToolError
from tools.logs.gather import Gathered
from tools.logs.models import LogChunk, LogLine
from tools.logs.port import LogStore, PastQuery

SLACK = timedelta(minutes=1)  # clocks of nodes differ
RUNS_KEPT = 1  # ended runs of a container whose log the cluster keeps

Begins = dict[tuple[str, str], datetime]


@dataclass(frozen=True)
class Window:
    """The time asked about, and the text looked for."""

    start: datetime
    end: datetime
    contains: str | None = None


async def history(
    logs: LogStore, workload: ObjectRef, pods: Sequence[Pod], gathered: Gathered, window: Window
) -> list[LogChunk]:
    """Lines of pods that are gone, and of present pods from before what they still have; no line twice.

    What the log store refuses becomes a note: the pods' own logs are shown all the same.
    """
    present = tuple(sorted({query.pod for query in gathered.queries}))  # one that could not be read is asked for too
    begins = _begins(gathered)
    queries = [PastQuery(workload, window.start, window.end, without=present, contains=window.contains)]
    read = [pod for pod in pods if pod.name in present]
    short = {pod.name: until for pod in read if (until := _lacks_until(pod, begins, gathered, window))}
    if short:
        names, end = tuple(sorted(short)), max(short.values())
        queries.append(PastQuery(workload, window.start, end, pods=names, contains=window.contains))
    return [_before(await _past(logs, query), begins) for query in queries]


async def _past(logs: LogStore, query: PastQuery) -> LogChunk:
    try:
        return await logs.past(query)
    except ToolError as exc:
        return LogChunk(lines=(), note=exc.message)


def _begins(gathered: Gathered) -> Begins:
    """The oldest line that was read of each container."""
    begins: Begins = {}
    for chunk in gathered.chunks:
        for line in chunk.lines[:1]:
            if line.at is not None:
                begins[line.pod, line.container] = min(line.at, begins.get((line.pod, line.container), line.at))
    return begins


def _lacks_until(pod: Pod, begins: Begins, gathered: Gathered, window: Window) -> datetime | None:
    """The oldest line that a container of the pod still has, when it logged in the window before that."""
    born = pod.metadata.creation_timestamp
    since = max(window.start, born) if born else window.start
    until = max((at for (name, _), at in begins.items() if name == pod.name), default=window.end)
    read = zip(gathered.queries, gathered.chunks, strict=True)
    cut = any(chunk.truncated for query, chunk in read if query.pod == pod.name)
    restarts = max((status.restart_count for status in pod.status.container_statuses), default=0)
    whole = restarts <= RUNS_KEPT and not cut and until < window.end
    return None if whole or until <= since + SLACK else until


def _before(chunk: LogChunk, begins: Begins) -> LogChunk:
    def is_older(line: LogLine) -> bool:
        begin = begins.get((line.pod, line.container))
        return begin is None or line.at is None or line.at < begin

    return chunk.model_copy(update={"lines": tuple(line for line in chunk.lines if is_older(line))})
