"""Raw lines around the first error."""

from collections import defaultdict, deque
from collections.abc import Hashable

from tools.logs.models import LogLine

BEFORE = 3
AFTER = 3


class Context:
    """Keeps the lines around the oldest error seen, of its own container. Lines must come oldest first in each.

    Lines of a trace are left out: they would hide what happened before and after.
    """

    def __init__(self) -> None:
        self._recent: defaultdict[Hashable, deque[LogLine]] = defaultdict(lambda: deque(maxlen=BEFORE))
        self._around: list[LogLine] = []
        self._error: LogLine | None = None
        self._stream: Hashable = None
        self._left = 0

    def see(self, stream: Hashable, line: LogLine, *, error: bool) -> None:
        """The next line of a container that is not hidden in a trace; `error` when it is one that counts."""
        if error and self._is_first(line):
            self._error, self._stream, self._left = line, stream, AFTER
            self._around = [*self._recent[stream], line]
        elif self._left and stream == self._stream:
            self._left -= 1
            self._around.append(line)
        self._recent[stream].append(line)

    def lines(self) -> tuple[LogLine, ...]:
        """The error with the lines before and after it; empty when there was none."""
        return tuple(self._around)

    def _is_first(self, line: LogLine) -> bool:
        if self._error is None:
            return True
        return line.at is not None and self._error.at is not None and line.at < self._error.at
