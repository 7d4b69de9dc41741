"""One database, SQLite or Postgres: a transaction to read in, a transaction to write in."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, nullcontext
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 15_000  # another process may hold the write lock for a whole migration
CONNECT_TIMEOUT_SECONDS = 10
POOL_TIMEOUT_SECONDS = 15
WRITES = "infra_assistant_writes"

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def async_url(url: str) -> URL:
    """The URL with the driver this code uses: "sqlite:///x.db" and "postgresql://..." are accepted."""
    parsed = make_url(url)
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def workflows_url(url: str) -> str:
    """Where the durable workflows keep their state: beside a SQLite file, in the same Postgres database.

    The workflow engine writes from threads of its own; a second SQLite file keeps its lock apart from ours.
    """
    parsed = async_url(url)
    if parsed.get_backend_name() == "sqlite":
        return URL.create("sqlite", database=f"{parsed.database}.workflows").render_as_string(hide_password=False)
    return parsed.render_as_string(hide_password=False)


def prepare_workflows(url: str) -> None:
    """Set a SQLite file of workflows to WAL, which lasts: its readers then do not wait for its writers."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        with closing(sqlite3.connect(parsed.database, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


class Database:
    """Connections to one database, opened on first use. Close it at the end."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite(self.url, pool_size) if self.is_sqlite else _postgres(self.url, pool_size)
        self._writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and changes nothing."""
        async with self._engine.connect() as plain:
            snapshot = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            connection = await plain.execution_options(**snapshot)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end, or not at all.

        On SQLite it takes the write lock at its start (BEGIN IMMEDIATE), so what it read cannot change before it
        writes; writers of this process queue in order instead of polling for the lock.
        """
        async with self._writer or nullcontext(), self._engine.connect() as plain:
            connection = await plain.execution_options(**{WRITES: True})
            async with connection.begin():
                yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _postgres(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS},
    )


def _sqlite(url: URL, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=pool_size, pool_timeout=POOL_TIMEOUT_SECONDS)
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions: _begin_sqlite does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
