"""Opens, sets up and prunes the stored conversations. Only built-in types are read back from the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy.engine import URL

from assistant.storage.engine import BUSY_TIMEOUT_MS, async_url

Checkpointer = BaseCheckpointSaver[Any]


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
    if parsed.get_backend_name() == "sqlite":
        async with _sqlite(parsed) as saver:
            yield saver
        return
    from assistant.agent.checkpoints_postgres import open_postgres  # its driver is loaded only where it is used

    async with open_postgres(parsed, strict_serializer()) as saver:
        yield saver


@asynccontextmanager
async def _sqlite(url: URL) -> AsyncIterator[Checkpointer]:
    in_memory = url.database in (None, "", ":memory:")
    path = ":memory:" if in_memory else f"{url.database}.threads"
    async with aiosqlite.connect(path, timeout=BUSY_TIMEOUT_MS / 1000) as connection:
        saver = AsyncSqliteSaver(connection, serde=strict_serializer())
        await saver.setup()
        yield saver


async def keep_latest(checkpointer: Checkpointer, thread: str) -> None:
    """Delete all but the newest checkpoint of a thread: a conversation is its last state, not its past.

    A store in memory, as tests use, is left as it is.
    """
    if isinstance(checkpointer, AsyncSqliteSaver):  # it has no prune of its own
        async with checkpointer.lock:
            await checkpointer.conn.execute(_STALE_CHECKPOINTS, (thread,))
            await checkpointer.conn.execute(_STALE_WRITES, (thread,))
            await checkpointer.conn.commit()
        return
    with suppress(NotImplementedError):
        await checkpointer.aprune([thread])
