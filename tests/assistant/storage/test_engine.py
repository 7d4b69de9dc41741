import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from assistant.storage.engine import Database, async_url, workflows_url
from assistant.storage.tables import feedback, seen_events, turns

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


async def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with database.write() as connection:
        await connection.execute(insert(seen_events).values(key="k", seen_at=local))

    async with database.read() as connection:
        stored = await connection.scalar(select(seen_events.c.seen_at))

    assert stored == NOON
    assert stored.utcoffset() == timedelta(0)


async def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="naive"):
        async with database.write() as connection:
            await connection.execute(insert(seen_events).values(key="k", seen_at=naive))


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    row = {"turn_id": "t1", "account": "a", "value": "good", "at": NOON}

    async def fail_half_way() -> None:
        async with database.write() as connection:
            await connection.execute(insert(feedback).values(**row))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()

    async with database.read() as connection:
        assert (await connection.execute(select(feedback))).all() == []


async def test_writers_of_two_processes_wait_for_each_other(database: Database, database_url: str) -> None:
    other = Database(database_url)

    async def add(where: Database, key: str) -> None:
        async with where.write() as connection:
            count = (await connection.execute(select(seen_events.c.key))).all()
            await connection.execute(insert(seen_events).values(key=f"{key}{len(count)}", seen_at=NOON))

    async with asyncio.TaskGroup() as group:
        for index in range(20):
            group.create_task(add(database if index % 2 else other, f"{index}-"))

    async with other.read() as connection:
        rows = (await connection.execute(select(seen_events.c.key))).all()
    await other.close()
    assert len(rows) == 20


async def test_sqlite_reads_go_on_during_a_write(database: Database) -> None:
    async with database.write() as writing, database.read() as reading:
        await writing.execute(insert(seen_events).values(key="k", seen_at=NOON))

        rows = (await reading.execute(select(seen_events))).all()

    assert rows == []


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite"),
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("postgres://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
    ],
)
def test_urls_are_accepted_without_their_driver(given: str, driver: str) -> None:
    assert async_url(given).drivername == driver


def test_workflows_live_beside_a_sqlite_file_and_inside_a_postgres_database() -> None:
    assert workflows_url("sqlite:////var/a.db") == "sqlite:////var/a.db.workflows"
    assert workflows_url("postgres://u:p@h/d") == "postgresql+psycopg://u:p@h/d"


async def test_canonical_json_is_stored_byte_for_byte(database: Database) -> None:
    row = {"id": "t", "thread": "th", "requester": "r", "kind": "answer", "received_at": NOON, "finished_at": NOON}
    async with database.write() as connection:
        await connection.execute(insert(turns).values(**row, turn={"b": [1, 2.0], "a": "ü"}))

    async with database.read() as connection:
        raw = await connection.scalar(text("SELECT turn FROM turns"))

    assert raw == '{"a":"ü","b":[1,2]}'
