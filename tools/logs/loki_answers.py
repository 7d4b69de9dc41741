"""What Loki answers, as lines and patterns (pure)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tools.logs.logql import Labels, Wanted
from tools.logs.models import CountedPattern, LogLine
from tools.logs.reduction.cleaning import clean

MAX_ENTRY_LINES = 500  # of an entry that a collector made of several lines
UNKNOWN = "unknown"

_NEVER = datetime.min.replace(tzinfo=UTC)


def window(start: datetime, end: datetime) -> list[tuple[str, str]]:
    """Parameters of a time range: nanoseconds after 1970. Entries at `start` are in it, entries at `end` are not."""
    return [("start", _nanoseconds(start)), ("end", _nanoseconds(end))]


def lines_of(data: Any, labels: Labels, wanted: Wanted) -> tuple[LogLine, ...]:
    """Lines of all streams of a log query that was asked newest first: oldest first, those of an entry in its order."""
    streams = data.get("result") if isinstance(data, dict) else None
    lines = [line for stream in streams or [] for line in _of_stream(stream, labels, wanted)]
    return tuple(sorted(lines, key=lambda line: line.at or _NEVER))


def entries_in(data: Any) -> int:
    """How many entries a log query answered; one may be several lines."""
    streams = data.get("result") if isinstance(data, dict) else None
    return sum(len(stream.get("values") or []) for stream in streams or [] if isinstance(stream, dict))


def patterns_of(data: Any) -> tuple[CountedPattern, ...]:
    """Patterns, the most frequent first."""
    counted = [pattern for one in data if (pattern := _pattern(one))] if isinstance(data, list) else []
    return tuple(sorted(counted, key=lambda one: (-one.count, one.text)))


def _of_stream(stream: Any, labels: Labels, wanted: Wanted) -> Iterator[LogLine]:
    if not isinstance(stream, dict):
        return
    names = stream.get("stream") or {}
    pod = names.get(labels.pod) or (wanted.pods[0] if len(wanted.pods) == 1 else UNKNOWN)
    container = names.get(labels.container) or wanted.container or UNKNOWN
    for entry in reversed(stream.get("values") or []):
        at, text = _at(entry[0]), str(entry[1])
        for part in text.rstrip("\n").split("\n")[:MAX_ENTRY_LINES]:
            yield LogLine(pod=str(pod), container=str(container), text=clean(part), at=at)


def _pattern(one: Any) -> CountedPattern | None:
    samples: Sequence[Sequence[int]] = one.get("samples") or [] if isinstance(one, dict) else []
    if not samples or not isinstance(one.get("pattern"), str):
        return None
    times = sorted(int(sample[0]) for sample in samples)
    return CountedPattern(
        text=one["pattern"],
        count=sum(int(sample[1]) for sample in samples),
        first_at=datetime.fromtimestamp(times[0], UTC),
        last_at=datetime.fromtimestamp(times[-1], UTC),
    )


def _nanoseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1_000_000) * 1000)


def _at(nanoseconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(nanoseconds) / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return None
