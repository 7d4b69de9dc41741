"""How often something happened over time, in bounded memory (pure)."""

from collections.abc import Iterator
from datetime import datetime

MAX_BUCKETS = 128
FINEST_SECONDS = 10


class Timeline:
    """Counts by time. Buckets begin at `FINEST_SECONDS` and double in width as often as needed to stay few."""

    __slots__ = ("_counts", "_width")

    def __init__(self) -> None:
        self._width = FINEST_SECONDS
        self._counts: dict[int, int] = {}

    def add(self, seconds: int, count: int = 1) -> None:
        """Count something that happened so many seconds after 1970."""
        bucket = seconds // self._width
        self._counts[bucket] = self._counts.get(bucket, 0) + count
        while len(self._counts) > MAX_BUCKETS:
            self._coarsen(self._width * 2)

    def absorb(self, other: "Timeline") -> None:
        """Count all that another timeline counted."""
        for at, count in other.items():
            self.add(at, count)

    def items(self) -> Iterator[tuple[int, int]]:
        """(middle of a bucket in seconds after 1970, count), in no order."""
        half = self._width // 2
        return ((bucket * self._width + half, count) for bucket, count in self._counts.items())

    def spread(self, first: datetime, last: datetime, parts: int) -> tuple[int, ...]:
        """Counts in `parts` equal stretches from `first` to `last`, oldest first."""
        start, length = first.timestamp(), max(1.0, last.timestamp() - first.timestamp())
        counts = [0] * parts
        for at, count in self.items():
            counts[min(parts - 1, max(0, int((at - start) / length * parts)))] += count
        return tuple(counts)

    def _coarsen(self, width: int) -> None:
        old, self._width, self._counts = list(self.items()), width, {}
        for at, count in old:
            self._counts[at // width] = self._counts.get(at // width, 0) + count
