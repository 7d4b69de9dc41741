"""A reduction as evidence, in about 1,000 tokens (pure)."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel

from tools.contract import Evidence, ObjectRef, Source
from tools.logs.models import CountedPattern, LogChunk, LogLine
from tools.logs.reduction.cleaning import CUT_MARK
from tools.logs.reduction.levels import Level, level_of
from tools.logs.reduction.templates import Reduction, Template, Trend

BUDGET = 3_000  # characters of JSON: about 1,000 tokens with the fields around
OVERHEAD = 100  # characters of the names of fields around one piece of evidence
MAX_TEMPLATES = 8
MAX_TEXT = 300
MAX_TRACE = 450  # with exception, root cause and place
MAX_AROUND = 500
MAX_LINES = 3
NEWEST = 50  # lines looked at for some that are not shown yet
STRETCHES = 6  # of `over_time`
CLOCK_IS_ENOUGH = timedelta(hours=12)

_NEVER = datetime.min.replace(tzinfo=UTC)


class LogTemplate(BaseModel, frozen=True):
    """Lines that differ only in values: the newest as evidence, whose `where` says how often and when.

    `trend`: "new" or "rising" since the last rollout, else None. `over_time`: counts of equal stretches of the time
    that was read, oldest first.
    """

    level: str
    count: int
    trend: str | None
    over_time: tuple[int, ...]
    evidence: Evidence


class Shown(NamedTuple):
    """What fits. `more`: lines by level that are only counted, worst first. `matched`: lines in all."""

    templates: tuple[LogTemplate, ...]
    lines: tuple[Evidence, ...]
    around: Evidence | None
    more: dict[str, int]
    matched: int


def show(
    reduction: Reduction, chunks: Sequence[LogChunk], *, workload: ObjectRef, wanted: str | None, now: datetime
) -> Shown:
    """The first templates, lines around the first error and newest other lines, each as evidence. `now` stands in when
    the runtime gave no time."""
    namespace = workload.namespace or ""
    every = [_row(template, namespace, now) for template in reduction.templates]
    every[0:0] = [_counted(pattern, workload) for chunk in chunks for pattern in chunk.patterns]
    rows, left = _fitting(every)
    seen = {row.evidence.text for row in rows}
    around = _around(reduction.around, seen, namespace, now)
    left -= _size(around) if around else 0
    newest = _newest(chunks, wanted, seen | set((around.text if around else "").split("\n")))
    lines, _ = _fitting_lines([_line(line, namespace, now) for line in newest], left)
    more = {other.level.name.lower(): other.count for other in reduction.others}
    for row in every[len(rows) :]:
        more[row.level] = more.get(row.level, 0) + row.count
    return Shown(rows, lines, around, more, reduction.matched)


def _fitting(rows: Sequence[LogTemplate]) -> tuple[tuple[LogTemplate, ...], int]:
    left = BUDGET
    kept: list[LogTemplate] = []
    for row in rows[:MAX_TEMPLATES]:
        left -= _size(row.evidence) + OVERHEAD // 2
        if left < 0 and kept:
            break
        kept.append(row)
    return tuple(kept), left


def _fitting_lines(lines: Sequence[Evidence], left: int) -> tuple[tuple[Evidence, ...], int]:
    kept: list[Evidence] = []
    for line in lines[:MAX_LINES]:
        left -= _size(line)
        if left < 0:
            break
        kept.append(line)
    return tuple(kept), left


def _size(evidence: Evidence) -> int:
    return OVERHEAD + len(evidence.subject) + len(evidence.where) + len(evidence.text)


def _row(template: Template, namespace: str, now: datetime) -> LogTemplate:
    line = template.example.line
    pods = f" in {len(template.pods)} pods" if len(template.pods) > 1 else ""
    often = how_often(template.count, template.first_at, template.last_at)
    evidence = Evidence(
        source=Source.LOG,
        subject=f"Pod {namespace}/{line.pod}",
        where=f"{_log(line)}, {often}{pods}",
        text=shortened(template.example.text(), MAX_TRACE if template.example.heads else MAX_TEXT),
        at=template.last_at or now,
    )
    trend = None if template.trend is Trend.STEADY else template.trend.value
    counts = template.counts if template.count > 1 else ()
    return LogTemplate(
        level=template.level.name.lower(),
        count=template.count,
        trend=trend,
        over_time=tuple(_summed(counts)),
        evidence=evidence,
    )


def _counted(pattern: CountedPattern, workload: ObjectRef) -> LogTemplate:
    evidence = Evidence(
        source=Source.LOG,
        subject=str(workload),
        where=f"log store, {how_often(pattern.count, pattern.first_at, pattern.last_at)}",
        text=shortened(pattern.text),
        at=pattern.last_at,
    )
    return LogTemplate(
        level=level_of(pattern.text).name.lower(), count=pattern.count, trend=None, over_time=(), evidence=evidence
    )


def how_often(count: int, first: datetime | None, last: datetime | None) -> str:
    """ "14 times between 10:02 and 10:31", "once at 10:02"; with dates when it spans half a day. Times are UTC."""
    times = "once" if count == 1 else f"{count} times"
    if first is None or last is None:
        return times
    form = "%H:%M" if last - first < CLOCK_IS_ENOUGH else "%Y-%m-%d %H:%M"
    start, end = first.strftime(form), last.strftime(form)
    return f"{times} at {start}" if start == end else f"{times} between {start} and {end}"


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """At most so many characters: the beginning, and the end of a trace (its cause and place), cut between words."""
    if len(text) <= limit:
        return text
    tail = text[text.rindex(" … ") :] if " … " in text else ""
    tail = tail if len(tail) <= limit // 2 else ""
    room = limit - len(tail) - 1
    head = text[:room]
    space = head.rfind(" ", room - 60)  # a word cut in two could hide a secret from those who look for it
    return (head[:space] if space > 0 else head) + "…" + tail


def _around(lines: Sequence[LogLine], seen: set[str], namespace: str, now: datetime) -> Evidence | None:
    """Lines around the first error as one text; None when all that is not an error is shown anyway."""
    if all(level_of(line.text) is Level.ERROR or any(line.text in text for text in seen) for line in lines):
        return None
    share = MAX_AROUND // len(lines)
    first = next((line for line in lines if line.at), lines[0])
    when = f" at {first.at:%H:%M:%S}" if first.at else ""
    text = "\n".join(shortened(line.text, share) for line in lines)
    return Evidence(
        source=Source.LOG,
        subject=f"Pod {namespace}/{first.pod}",
        where=f"{_log(first)}, lines around the first error{when}",
        text=text,
        at=first.at or now,
    )


def _newest(chunks: Iterable[LogChunk], wanted: str | None, seen: set[str]) -> Iterator[LogLine]:
    """Newest lines, each text once and none that is shown already."""
    sought = (wanted or "").casefold()
    lines = (line for chunk in chunks for line in chunk.lines[-NEWEST:] if not wanted or sought in line.text.casefold())
    said = set(seen)
    for line in heapq.nlargest(NEWEST, lines, key=lambda line: line.at or _NEVER):
        text = line.text.strip()
        if text and not line.text[0].isspace() and not any(text in other for other in said):
            said.add(text)
            yield line


def _line(line: LogLine, namespace: str, now: datetime) -> Evidence:
    return Evidence(
        source=Source.LOG,
        subject=f"Pod {namespace}/{line.pod}",
        where=_log(line),
        text=shortened(line.text.removesuffix(CUT_MARK)),
        at=line.at or now,
    )


def _log(line: LogLine) -> str:
    return f"log {line.container}" + (" (previous run)" if line.previous else "")


def _summed(counts: Sequence[int]) -> Iterator[int]:
    """Counts of `STRETCHES` stretches from those of twice as many or more."""
    width = max(1, len(counts) // STRETCHES)
    return (sum(counts[start : start + width]) for start in range(0, len(counts), width))
