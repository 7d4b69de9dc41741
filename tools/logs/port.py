"""What tools need of a log source."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tools.contract import ObjectRef
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


@dataclass(frozen=True)
class PastQuery:
    """Which lines of a workload's pods that the cluster may no longer have: from `start` to before `end` (aware UTC).

    `pods`: only these; empty means every pod of the workload, as far as its name tells, but those in `without`.
    `contains`: only lines with this text, in any case. `limit`: newest lines kept.
    """

    workload: ObjectRef
    start: datetime
    end: datetime
    pods: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    contains: str | None = None
    limit: int = 2000


class LogStore(Protocol):
    """Reads log lines as one person. Raises NotFound, Forbidden, Unavailable.

    A container that has not started, or has no previous run, is not an error: `LogChunk.missing` says it.
    """

    async def read(self, query: LogQuery) -> LogChunk:
        """Lines of one container, oldest first."""
        ...

    async def past(self, query: PastQuery) -> LogChunk:
        """Lines that only a log store still has, oldest first; empty, without a word, where there is no log store."""
        ...
