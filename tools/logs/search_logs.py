"""Search the log lines of one workload."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.find_pods import find_pods
from tools.cluster.models.pods import Pod
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args, Evidence, ObjectRef, Result
from tools.logs.gather import Gathered, Scope, gather
from tools.logs.history import Window, history
from tools.logs.models import LogChunk
from tools.logs.port import LogStore
from tools.logs.reduce import Reducer
from tools.logs.showing import LogTemplate, Shown, show

TAIL = 2_000
TAIL_TO_SEARCH = 5_000  # a text to look for may lie further back
MAX_NOTES = 4
MAX_NOTE = 200

_REVISION_LABELS = ("pod-template-hash", "controller-revision-hash")


class SearchLogsArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    pattern: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Plain text to look for, any case.")
    ] = None
    since_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    previous: Annotated[bool, Field(description="Only the run before the last restart.")] = False


class SearchLogsResult(Result):
    """`templates`: complaints that are new or rising first, then errors, then the rest. `lines`: newest other lines.

    `around`: raw lines around the first error. `more`: lines by level that only this number tells of. `rolled_out_at`:
    the last rollout, when it is in the time that was read.
    """

    workload: ObjectRef
    found_by: str
    pattern: str | None
    matched: int
    templates: tuple[LogTemplate, ...]
    lines: tuple[Evidence, ...]
    around: Evidence | None
    more: dict[str, int]
    truncated: bool
    rolled_out_at: datetime | None = None
    containers_read: int = 0
    notes: tuple[str, ...] = ()

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.workload,)


async def search_logs(
    args: SearchLogsArgs, *, logs: LogStore, cluster: ClusterReader, targets: Targets, clock: Clock
) -> SearchLogsResult:
    """Find what a workload logs: all its pods and containers, with the last run of restarted ones.

    Lines that differ only in values are one template with one example; a stack trace is one line. About 1,000 tokens.
    `truncated` says that older lines were not read or that some are only counted. Times are UTC. Raises NotFound,
    Ambiguous, Forbidden, Unavailable (GET pods/{name}/log, and a log store if there is one).
    """
    target = await targets.workload(args.workload, args.environment)
    pods = await find_pods(cluster, target.ref)
    now = clock()
    window = Window(now - timedelta(minutes=args.since_minutes), now, args.pattern)
    scope = Scope(now - window.start, TAIL if args.pattern is None else TAIL_TO_SEARCH, args.previous)
    gathered = await gather(logs, pods.items, scope)
    older = [] if args.previous else await history(logs, target.ref, pods.items, gathered, window)
    chunks = (*older, *gathered.chunks)
    rolled_out = _rolled_out(pods.items, window)
    shown = await _reduced(chunks, args.pattern, rolled_out, target.ref, now)
    return SearchLogsResult(
        workload=target.ref,
        found_by=target.how,
        pattern=args.pattern,
        matched=shown.matched,
        templates=shown.templates,
        lines=shown.lines,
        around=shown.around,
        more=shown.more,
        truncated=bool(shown.more) or gathered.cut or pods.truncated or any(one.truncated for one in older),
        rolled_out_at=rolled_out,
        containers_read=len(gathered.chunks),
        notes=_notes(target.ref, pods.items, gathered, older),
    )


async def _reduced(
    chunks: Sequence[LogChunk], wanted: str | None, since: datetime | None, workload: ObjectRef, now: datetime
) -> Shown:
    reducer = Reducer(since=since, wanted=wanted)
    for chunk in chunks:
        reducer.add(chunk.lines)
        await asyncio.sleep(0)  # a chunk may take some 50 ms: others get their turn between two
    return show(reducer.result(), chunks, workload=workload, wanted=wanted, now=now)


def _rolled_out(pods: Iterable[Pod], window: Window) -> datetime | None:
    """When the first pod of the newest revision was made, if that is in the window."""
    first: dict[str, datetime] = {}
    for pod in pods:
        revision = next((pod.metadata.labels[name] for name in _REVISION_LABELS if name in pod.metadata.labels), "")
        born = pod.metadata.creation_timestamp
        if revision and born:
            first[revision] = min(born, first.get(revision, born))
    newest = max(first.values(), default=None)
    return newest if newest and newest > window.start else None


def _notes(workload: ObjectRef, pods: Sequence[Pod], gathered: Gathered, older: Sequence[LogChunk]) -> tuple[str, ...]:
    said = [] if pods else [f"{workload} has no pods now."]
    said += [*gathered.notes, *(text for chunk in older for text in (chunk.note, chunk.missing) if text)]
    every = [text if len(text) <= MAX_NOTE else text[: MAX_NOTE - 1] + "…" for text in dict.fromkeys(said)]
    left = len(every) - MAX_NOTES
    return (*every[:MAX_NOTES], f"{left} more things were not read.") if left > 0 else tuple(every)
