"""Many log lines as few templates: stack traces folded, values masked, what is alike counted (pure)."""

from collections.abc import Iterable
from datetime import datetime

from tools.logs.models import LogLine
from tools.logs.reduction.context import Context
from tools.logs.reduction.entries import Entry, entry_of
from tools.logs.reduction.facts import Facts, Reader
from tools.logs.reduction.levels import Level, level_by_status, level_of, status_class
from tools.logs.reduction.probes import SHAPE, is_probe
from tools.logs.reduction.shapes import Shapes
from tools.logs.reduction.templates import Reduction, Span, arrange

MAX_TEMPLATES = 40
MAX_OPEN = 1_000  # containers whose last entry may still grow

Stream = tuple[str, str, bool]


class Reducer:
    """Takes lines a few at a time, oldest first within each container; containers may be mixed.

    `since`: the moment (a rollout, the onset) after which templates count as new or rising. `wanted`: only entries that
    contain this text, in any case, in any of their lines. Memory does not grow with the number of lines.
    """

    def __init__(self, *, since: datetime | None = None, wanted: str | None = None) -> None:
        self._wanted = wanted.casefold() if wanted else ""
        self._since = since
        self._reader = Reader()
        self._shapes = Shapes(since)
        self._context = Context()
        self._open: dict[Stream, Entry] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._lines = 0
        self._matched = 0

    def add(self, lines: Iterable[LogLine]) -> None:
        """Count these lines too."""
        facts_of, opened = self._reader.facts, self._open
        for line in lines:
            text = line.text
            if not text or text.isspace():
                continue
            facts = facts_of(text)
            stream = (line.pod, line.container, line.previous)
            entry = opened.get(stream)
            hit = self._seen(line)
            if entry is not None and entry.takes(line, facts):
                self._note_hit(entry, text, hit=hit)
                continue
            if entry is not None:
                self._close(entry)
            elif len(opened) >= MAX_OPEN:
                self._close_all()
            opened[stream] = self._begin(line, facts, hit=hit)
            self._context.see(stream, line, error=hit and facts.level is Level.ERROR)

    def result(self, *, limit: int = MAX_TEMPLATES) -> Reduction:
        """At most `limit` templates of all lines so far."""
        self._close_all()
        span = Span(self._first, self._last, self._since)
        groups = self._shapes.mined(limit)
        templates, others = arrange(groups, span, limit=limit, others=self._shapes.others)
        return Reduction(templates, self._lines, self._matched, others, self._context.lines())

    def _seen(self, line: LogLine) -> bool:
        """Count a line; whether it contains what is looked for."""
        self._lines += 1
        at = line.at
        if at is not None:
            if self._last is None or at > self._last:
                self._last = at
            if self._first is None or at < self._first:
                self._first = at
        hit = not self._wanted or self._wanted in line.text.casefold()
        self._matched += hit
        return hit

    def _begin(self, line: LogLine, facts: Facts, *, hit: bool) -> Entry:
        entry = entry_of(line, facts)
        entry.wanted = hit
        return entry

    def _note_hit(self, entry: Entry, text: str, *, hit: bool) -> None:
        if self._wanted and hit and not entry.wanted:
            entry.wanted, entry.hit = True, text.strip()

    def _close_all(self) -> None:
        for entry in self._open.values():
            self._close(entry)
        self._open.clear()

    def _close(self, entry: Entry) -> None:
        if not entry.wanted:
            return
        if entry.hit and entry.tells(self._wanted):
            entry.hit = ""
        facts = entry.facts
        level, shape = facts.level, facts.shape
        for head in entry.heads:
            told = self._reader.facts(head)
            level, shape = max(level, told.level), f"{shape} {told.shape}"
        if facts.http and (status := status_class(entry.line.text)) in {"4", "5"}:
            level, shape = max(level, level_by_status(status)), f"{shape} {status}xx"
        if facts.http and level <= Level.INFO and is_probe(shape):
            level, shape = Level.DEBUG, SHAPE
        self._shapes.add(level, shape, entry)


def reduce(
    lines: Iterable[LogLine], *, limit: int = MAX_TEMPLATES, since: datetime | None = None, wanted: str | None = None
) -> Reduction:
    """Group lines into at most `limit` templates: `Reducer` in one call."""
    reducer = Reducer(since=since, wanted=wanted)
    reducer.add(lines)
    return reducer.result(limit=limit)


__all__ = ["Level", "Reducer", "Reduction", "level_of", "reduce"]
