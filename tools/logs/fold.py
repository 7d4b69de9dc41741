"""Stack traces as one entry each (pure)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tools.logs.models import LogLine

_FRAME = re.compile(
    r"^(?:\s+\S|Caused by: |\.\.\. \d+ more|goroutine \d+ \[|[\w./*{}()\[\]-]+\([^)]*\)$|created by \S+$)"
)
_CAUSE = re.compile(r"^(?:Caused by: )?[\w.$]*(?:Error|Exception|Exit|Interrupt|Warning|Failure)\b.*")
_OPENS = re.compile(
    r"Traceback \(most recent call last\)|^panic: |^fatal error: |^\S*(?:Exception|Error)\b|^Exception in "
)


@dataclass
class Entry:
    """One line, or one trace: `line` is its first, `cause` the exception it ends in, `folded` how many lines it hid."""

    line: LogLine
    cause: str = ""
    folded: int = 0
    open: bool = field(default=False, repr=False)

    def text(self) -> str:
        """The line; for a trace with its cause and length."""
        if not self.folded:
            return self.line.text
        cause = f" … {self.cause}" if self.cause and self.cause != self.line.text else ""
        return f"{self.line.text}{cause} [+{self.folded} lines of trace]"


def fold(lines: Iterable[LogLine]) -> Iterator[Entry]:
    """Entries in order. Lines must be oldest first within a container."""
    current: Entry | None = None
    for line in lines:
        if current is not None and _continues(current, line):
            _absorb(current, line.text)
            continue
        if current is not None:
            yield current
        current = Entry(line, open=_OPENS.search(line.text) is not None)
    if current is not None:
        yield current


def _continues(entry: Entry, line: LogLine) -> bool:
    last = entry.line
    if (line.pod, line.container, line.previous) != (last.pod, last.container, last.previous):
        return False
    if line.text[:1].isspace():
        return True
    if not entry.open:
        return False
    return _FRAME.match(line.text) is not None or (
        entry.folded > 0 and not entry.cause and bool(_CAUSE.match(line.text))
    )


def _absorb(entry: Entry, text: str) -> None:
    entry.folded += 1
    if _CAUSE.match(text):
        entry.cause = text.removeprefix("Caused by: ")
