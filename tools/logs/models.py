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


class LogChunk(BaseModel, frozen=True):
    """Lines of one container, oldest first. `truncated`: older lines exist. `missing`: why there are none."""

    lines: tuple[LogLine, ...]
    truncated: bool = False
    missing: str = ""
