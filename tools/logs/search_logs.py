"""Search the log lines of one workload."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from tools.clock import Clock
from tools.cluster.find_pods import find_pods
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args, Evidence, ObjectRef, Result, Source
from tools.logs.fold import Entry, fold
from tools.logs.gather import Scope, gather
from tools.logs.models import LogLine
from tools.logs.port import LogStore
from tools.logs.reduce import mask, reduce

MAX_LINES = 40  # about 3k tokens beside the rest of a turn
EACH = 3  # of lines that differ only in values, when there are more than fit
MAX_TEMPLATES = 12
MAX_TEXT = 300
TAIL = 500
TAIL_TO_SEARCH = 5000  # a text to look for may lie further back

_NEVER = datetime.min.replace(tzinfo=UTC)


class SearchLogsArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    pattern: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Plain text to look for, any case.")
    ] = None
    since_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    previous: Annotated[bool, Field(description="Only the run before the last restart.")] = False


class LogPattern(BaseModel, frozen=True):
    """Lines that differ only in values. `first_at`, `last_at`: UTC, None when the runtime gave no times."""

    level: str
    count: int
    pattern: str
    first_at: datetime | None
    last_at: datetime | None


class SearchLogsResult(Result):
    """`lines` newest first. When more matched than fit, at most `EACH` of a kind are shown and `patterns` sum up all
    `matched` lines, worst first."""

    workload: ObjectRef
    found_by: str
    pattern: str | None
    matched: int
    lines: tuple[Evidence, ...]
    truncated: bool
    patterns: tuple[LogPattern, ...] = ()
    containers_read: int = 0
    notes: tuple[str, ...] = ()

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.workload,)


async def search_logs(
    args: SearchLogsArgs, *, logs: LogStore, cluster: ClusterReader, targets: Targets, clock: Clock
) -> SearchLogsResult:
    """Find recent log lines of a workload: all its pods and containers, with the last run of restarted ones.

    Newest first, at most `MAX_LINES` and then few of a kind, stack traces as one line when no text is looked for;
    `truncated` says that more matched or that older lines were not read. Times are UTC. Raises NotFound, Ambiguous,
    Forbidden, Unavailable (GET pods/{name}/log).
    """
    target = await targets.workload(args.workload, args.environment)
    pods = await find_pods(cluster, target.ref)
    tail = TAIL if args.pattern is None else TAIL_TO_SEARCH
    scope = Scope(timedelta(minutes=args.since_minutes), tail, args.previous)
    gathered = await gather(logs, pods.items, scope)
    matching = _matching(gathered.lines, args.pattern)
    entries = list(fold(matching)) if args.pattern is None else [Entry(line) for line in matching]
    newest = sorted(entries, key=lambda entry: entry.line.at or _NEVER, reverse=True)
    shown = newest if len(newest) <= MAX_LINES else _varied(newest)[:MAX_LINES]
    namespace = target.ref.namespace or ""
    return SearchLogsResult(
        workload=target.ref,
        found_by=target.how,
        pattern=args.pattern,
        matched=len(matching),
        lines=tuple(line_evidence(entry, namespace, clock()) for entry in shown),
        truncated=len(entries) > MAX_LINES or gathered.cut or pods.truncated,
        patterns=_patterns(matching) if len(entries) > MAX_LINES else (),
        containers_read=gathered.containers,
        notes=gathered.notes if pods.items else (f"{target.ref} has no pods now.",),
    )


def line_evidence(entry: Entry, namespace: str, now: datetime) -> Evidence:
    """One line (or folded trace) as evidence; `now` stands in when the runtime gave no time."""
    line = entry.line
    text = entry.text()
    return Evidence(
        source=Source.LOG,
        subject=f"Pod {namespace}/{line.pod}",
        where=f"log {line.container}" + (" (previous run)" if line.previous else ""),
        text=text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…",
        at=line.at or now,
    )


def _matching(lines: Sequence[LogLine], pattern: str | None) -> list[LogLine]:
    if pattern is None:
        return [line for line in lines if line.text]
    wanted = pattern.casefold()
    return [line for line in lines if wanted in line.text.casefold()]


def _varied(entries: Sequence[Entry]) -> list[Entry]:
    """At most `EACH` lines of a kind: the patterns tell how many there were."""
    seen: Counter[str] = Counter()
    kept: list[Entry] = []
    for entry in entries:
        kind = mask(entry.text())
        seen[kind] += 1
        if seen[kind] <= EACH:
            kept.append(entry)
    return kept


def _patterns(lines: Sequence[LogLine]) -> tuple[LogPattern, ...]:
    return tuple(
        LogPattern(
            level=template.level.name.lower(),
            count=template.count,
            pattern=template.pattern[:MAX_TEXT],
            first_at=template.first_at,
            last_at=template.last_at,
        )
        for template in reduce(lines, limit=MAX_TEMPLATES).templates
    )
