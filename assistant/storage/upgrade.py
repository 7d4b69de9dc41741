"""Bring a database to the newest schema."""

import asyncio
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.storage.engine import Database

LOCK = 6_402_177_361  # any fixed number: the name of our advisory lock
LOCK_POLL_SECONDS = 0.2
LOCK_TIMEOUT_SECONDS = 120


async def upgrade(database: Database) -> None:
    """Run the migrations that are missing, all in one transaction. Safe when several replicas start at once.

    SQLite serialises by its write lock. On Postgres a transaction lock is polled rather than waited for: a waiting
    session would hold a snapshot that blocks concurrent index builds. Raises TimeoutError after two minutes.
    """
    async with database.write() as connection:
        if not database.is_sqlite:
            await _only_one(connection)
        await connection.run_sync(_upgrade)


async def _only_one(connection: AsyncConnection) -> None:
    query = text("SELECT pg_try_advisory_xact_lock(:key)")
    async with asyncio.timeout(LOCK_TIMEOUT_SECONDS):
        while not await connection.scalar(query, {"key": LOCK}):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(LOCK_POLL_SECONDS)


def alembic_config() -> Config:
    """Alembic's configuration, made here: there is no ini file to lose."""
    config = Config()
    config.set_main_option("script_location", str(files("assistant.storage") / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
