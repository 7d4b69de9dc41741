"""Events that were received, so that a repeated delivery is not handled twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from assistant.storage.engine import Database
from assistant.storage.tables import seen_events
from assistant.storage.upsert import insert_new


class SeenEvents:
    """Keys of events: an event has several ("event:Ev1", "message:T1:C1:1700.1"), any of which makes it known.

    To lose nothing in a crash: ask `seen`, store the work under an id that makes a repeat a no-op, then `record`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, keys: Sequence[str]) -> bool:
        """Whether any of these keys was recorded before."""
        async with self._database.read() as connection:
            query = select(seen_events.c.key).where(seen_events.c.key.in_(keys)).limit(1)
            return await connection.scalar(query) is not None

    async def record(self, keys: Sequence[str], at: datetime) -> bool:
        """Remember an event. True when no key was known: exactly one of several simultaneous calls gets it."""
        async with self._database.write() as connection:
            # Sorted, so that two transactions lock the same keys in the same order.
            new = [await insert_new(connection, seen_events, {"key": key, "seen_at": at}) for key in sorted(set(keys))]
        return all(new)

    async def forget_before(self, moment: datetime) -> int:
        """Drop old keys; returns how many. Slack repeats an event for about an hour."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(seen_events).where(seen_events.c.seen_at < moment))).rowcount
