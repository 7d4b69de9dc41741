"""What a reduction returns, and in which order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tools.logs.models import LogLine
from tools.logs.reduction.entries import Entry
from tools.logs.reduction.groups import Group
from tools.logs.reduction.levels import Level

BUCKETS = 12
RISE = 3.0  # times as many in the same time
ENOUGH = 5  # a few more of anything are no rise


class Trend(StrEnum):
    """How the number of lines went since the moment that is looked at. `STEADY` also when there is no such moment."""

    NEW = "new"
    RISING = "rising"
    STEADY = "steady"


@dataclass(frozen=True)
class Template:
    """Lines that differ only in values. `example` is the newest of them, verbatim.

    `counts`: how many in `BUCKETS` equal stretches of the reduction's time, oldest first; empty without times.
    `pods`, `containers`: where, sorted, at most 64. Times are None when the source gave none.
    """

    pattern: str
    level: Level
    count: int
    first_at: datetime | None
    last_at: datetime | None
    example: Entry
    trend: Trend = Trend.STEADY
    counts: tuple[int, ...] = ()
    pods: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Other:
    """Entries of a level that no shown template stands for."""

    level: Level
    count: int


@dataclass(frozen=True)
class Reduction:
    """Complaints that are new or rising first, then errors, then what else is new or rising, then the rest; worst and
    most frequent first among equals.

    Every entry is counted in a template or in `others`, worst level first: `truncated` says that there are such.
    `around`: raw lines around the first error, of its container. `matched`: lines of all entries. `lines`: all read.
    """

    templates: tuple[Template, ...]
    lines: int
    matched: int
    others: tuple[Other, ...] = ()
    around: tuple[LogLine, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether some entries are only counted."""
        return bool(self.others)


@dataclass(frozen=True)
class Span:
    """The time that all lines cover, and the moment that divides it, if any."""

    first: datetime | None
    last: datetime | None
    since: datetime | None = None

    def divides(self) -> bool:
        """Whether there are lines on both sides: else nothing can be called new."""
        return bool(self.since and self.first and self.last and self.first < self.since <= self.last)


def arrange(
    groups: Iterable[Group], span: Span, *, limit: int, others: Mapping[Level, int]
) -> tuple[tuple[Template, ...], tuple[Other, ...]]:
    """The first `limit` templates, and what is left counted by level."""
    ranked = sorted((_template(group, span) for group in groups), key=_rank)
    left = {level: others.get(level, 0) for level in Level}
    for template in ranked[limit:]:
        left[template.level] += template.count
    counted = tuple(Other(level, left[level]) for level in sorted(Level, reverse=True) if left[level])
    return tuple(ranked[:limit]), counted


def _template(group: Group, span: Span) -> Template:
    covered = span.first is not None and span.last is not None
    return Template(
        pattern=group.pattern(),
        level=group.level,
        count=group.count,
        first_at=group.first,
        last_at=group.last,
        example=group.example,
        trend=_trend(group, span),
        counts=group.timeline.spread(span.first, span.last, BUCKETS) if covered and span.first and span.last else (),
        pods=tuple(sorted(group.pods)),
        containers=tuple(sorted(group.containers)),
    )


def _trend(group: Group, span: Span) -> Trend:
    if not span.divides() or not group.after or span.since is None or span.first is None or span.last is None:
        return Trend.STEADY
    if group.first is not None and group.first >= span.since:
        return Trend.NEW
    before = (group.count - group.after) / max(1.0, (span.since - span.first).total_seconds())
    after = group.after / max(1.0, (span.last - span.since).total_seconds())
    return Trend.RISING if group.after >= ENOUGH and after >= RISE * before else Trend.STEADY


def _rank(template: Template) -> tuple[int, int, int, str]:
    changed = template.trend is not Trend.STEADY
    if changed and template.level >= Level.WARNING:
        place = 0
    elif template.level is Level.ERROR:
        place = 1
    else:
        place = 2 if changed and template.level is Level.INFO else 3
    return (place, -template.level, -template.count, template.pattern)
