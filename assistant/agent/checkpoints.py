"""Opens, sets up and prunes the stored conversations. Only built-in types are read back from the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import URL

from assistant.storage.engine import BUSY_TIMEOUT_MS, CONNECT_TIMEOUT_SECONDS, async_url

Checkpointer = BaseCheckpointSaver[Any]

POOL_SIZE = 4
SETUP_LOCK = 6_402_177_362  # any fixed number: the name of our advisory lock
SETUP_POLL_SECONDS = 0.2
SETUP_TIMEOUT_SECONDS = 120

_STALE_CHECKPOINTS = """
DELETE FROM checkpoints WHERE thread_id = ?1 AND checkpoint_id < (
  SELECT max(newest.checkpoint_id) FROM checkpoints AS newest
  WHERE newest.thread_id = ?1 AND newest.checkpoint_ns = checkpoints.checkpoint_ns)
"""
_STALE_WRITES = """
DELETE FROM writes WHERE thread_id = ?1 AND NOT EXISTS (
  SELECT 1 FROM checkpoints AS kept
  WHERE kept.thread_id = ?1 AND kept.checkpoint_ns = writes.checkpoint_ns
    AND kept.checkpoint_id = writes.checkpoint_id)
"""


def strict_serializer() -> JsonPlusSerializer:
    """Reads back no class that is not built in, whatever the environment says (GHSA-g48c-2wqr-h844)."""
    return JsonPlusSerializer(allowed_msgpack_modules=None, allowed_json_modules=None)


@asynccontextmanager
async def open_checkpointer(url: str) -> AsyncIterator[Checkpointer]:
    """The store behind a database URL, set up and safe to open by several replicas; closed at the end.

    SQLite: a file of its own beside the database, `<database>.threads`: its writer does not wait for ours.
    """
    parsed = async_url(url)
    opened = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)
    async with opened as saver:
        yield saver


@asynccontextmanager
async def _sqlite(url: URL) -> AsyncIterator[Checkpointer]:
    in_memory = url.database in (None, "", ":memory:")
    path = ":memory:" if in_memory else f"{url.database}.threads"
    async with aiosqlite.connect(path, timeout=BUSY_TIMEOUT_MS / 1000) as connection:
        saver = AsyncSqliteSaver(connection, serde=strict_serializer())
        await saver.setup()
        yield saver


@asynccontextmanager
async def _postgres(url: URL) -> AsyncIterator[Checkpointer]:
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
        saver = AsyncPostgresSaver(pool, serde=strict_serializer())
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


async def keep_latest(checkpointer: Checkpointer, thread: str) -> None:
    """Delete all but the newest checkpoint of a thread: a conversation is its last state, not its past.

    A store in memory, as tests use, is left as it is.
    """
    if isinstance(checkpointer, AsyncSqliteSaver):  # it has no prune of its own
        async with checkpointer.lock:
            await checkpointer.conn.execute(_STALE_CHECKPOINTS, (thread,))
            await checkpointer.conn.execute(_STALE_WRITES, (thread,))
            await checkpointer.conn.commit()
    elif isinstance(checkpointer, AsyncPostgresSaver):
        await checkpointer.aprune([thread])
