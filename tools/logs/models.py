"""Log lines as they leave a source."""

from datetime import datetime

from pydantic import BaseModel


class LogLine(BaseModel, frozen=True):
    """One line. `at` is the time the runtime stamped it (UTC), None when the source gives none.

    `previous`: written by the container's last, terminated run.
    """

    pod: str
    container: str
    text: str
    at: datetime | None = None
    previous: bool = False


class CountedPattern(BaseModel, frozen=True):
    """Lines that a log store itself counted as alike; `text` has "<_>" for what varies. Times are UTC."""

    text: str
    count: int
    first_at: datetime
    last_at: datetime


class LogChunk(BaseModel, frozen=True):
    """Lines of one container, oldest first; of several when a log store answers for pods that are gone.

    `truncated`: older lines exist. `missing`: why there are none. `note`: what could not be read beside these lines.
    `patterns`: what a log store says of lines that are too many to be read.
    """

    lines: tuple[LogLine, ...]
    truncated: bool = False
    missing: str = ""
    note: str = ""
    patterns: tuple[CountedPattern, ...] = ()
