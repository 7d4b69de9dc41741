"""What tools need of a log source."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tools.logs.models import LogChunk


@dataclass(frozen=True)
class LogQuery:
    """Which lines of one container. `tail`: newest lines kept; `max_bytes` bounds what is read."""

    namespace: str
    pod: str
    container: str
    previous: bool = False
    since: timedelta | None = None
    tail: int = 500
    max_bytes: int = 1_000_000


class LogStore(Protocol):
    """Reads log lines as one person. Raises NotFound, Forbidden, Unavailable.

    A container that has not started, or has no previous run, is not an error: `LogChunk.missing` says it.
    """

    async def read(self, query: LogQuery) -> LogChunk:
        """Lines of one container, oldest first."""
        ...
