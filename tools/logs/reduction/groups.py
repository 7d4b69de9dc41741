"""Entries that differ only in values, counted."""

from datetime import datetime

from tools.logs.models import LogLine
from tools.logs.reduction.entries import Entry
from tools.logs.reduction.levels import Level
from tools.logs.reduction.timeline import Timeline

MAX_SUBJECTS = 64  # pods or containers that are told apart
ANY = "<*>"


class Group:
    """Entries of one shape. `words`: the shape; a word that varied is `ANY`. `after`: how many came after the moment
    that the reduction looks at."""

    __slots__ = ("after", "containers", "count", "example", "first", "last", "level", "pods", "timeline", "words")

    def __init__(self, level: Level, words: list[str], example: Entry) -> None:
        self.level = level
        self.words = words
        self.example = example
        self.count = 0
        self.after = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.pods: set[str] = set()
        self.containers: set[str] = set()
        self.timeline = Timeline()

    def add(self, entry: Entry, since: datetime | None) -> None:
        """Count one entry."""
        line = entry.line
        self.count += 1
        self._place(line)
        at = line.at
        if at is None:
            self.example = entry
            return
        if self.last is None or at >= self.last:
            self.last, self.example = at, entry
        if self.first is None or at < self.first:
            self.first = at
        self.timeline.add(int(at.timestamp()))
        if since is not None and at >= since:
            self.after += 1

    def absorb(self, other: "Group") -> None:
        """Count all entries of another group too."""
        self.count += other.count
        self.after += other.after
        self.timeline.absorb(other.timeline)
        self.pods = _few(self.pods | other.pods)
        self.containers = _few(self.containers | other.containers)
        self.first = min((at for at in (self.first, other.first) if at), default=None)
        if other.last is not None and (self.last is None or other.last > self.last):
            self.last, self.example = other.last, other.example

    def pattern(self) -> str:
        """The shape as one text."""
        return " ".join(self.words)

    def _place(self, line: LogLine) -> None:
        if line.pod not in self.pods and len(self.pods) < MAX_SUBJECTS:
            self.pods.add(line.pod)
        if line.container not in self.containers and len(self.containers) < MAX_SUBJECTS:
            self.containers.add(line.container)


def _few(names: set[str]) -> set[str]:
    return set(sorted(names)[:MAX_SUBJECTS])
