"""Stored conversations in Postgres, set up by one replica at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import URL

from assistant.storage.engine import CONNECT_TIMEOUT_SECONDS

POOL_SIZE = 4
SETUP_LOCK = 6_402_177_362  # any fixed number: the name of our advisory lock
SETUP_POLL_SECONDS = 0.2
SETUP_TIMEOUT_SECONDS = 120


@asynccontextmanager
async def open_postgres(url: URL, serializer: SerializerProtocol) -> AsyncIterator[AsyncPostgresSaver]:
    """The store in that database, set up; closed at the end."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=POOL_SIZE,
        open=False,
        timeout=CONNECT_TIMEOUT_SECONDS,
        # prepare_threshold None: prepared statements do not survive PgBouncer's transaction mode
        kwargs={"autocommit": True, "prepare_threshold": None, "row_factory": dict_row},
    )
    async with pool:
        saver = AsyncPostgresSaver(pool, serde=serializer)
        await _set_up(pool, saver)
        yield saver


async def _set_up(pool: AsyncConnectionPool[AsyncConnection[DictRow]], saver: AsyncPostgresSaver) -> None:
    """One replica at a time. The lock is polled: waiting for it would block the index builds of the one that has it."""
    async with pool.connection() as connection, asyncio.timeout(SETUP_TIMEOUT_SECONDS):
        while not await _locked(connection):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(SETUP_POLL_SECONDS)
        try:
            await saver.setup()
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (SETUP_LOCK,))


async def _locked(connection: AsyncConnection[DictRow]) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s) AS locked", (SETUP_LOCK,))
    row = await cursor.fetchone()
    return bool(row and row["locked"])
