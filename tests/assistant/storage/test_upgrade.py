import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text

from assistant.storage.engine import Database
from assistant.storage.tables import audit_head, metadata
from assistant.storage.upgrade import upgrade


async def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        found = await connection.run_sync(differences)

    assert found == []


async def test_an_upgraded_database_is_left_as_it_is(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE audit_head SET seq = 7"))

    await upgrade(database)

    async with database.read() as connection:
        assert await connection.scalar(select(audit_head.c.seq)) == 7


async def test_replicas_that_start_at_once_migrate_once(database_url: str) -> None:
    replicas = [Database(database_url) for _ in range(4)]

    async with asyncio.TaskGroup() as group:
        for replica in replicas:
            group.create_task(upgrade(replica))

    async with replicas[0].read() as connection:
        heads = (await connection.execute(select(audit_head))).all()
    for replica in replicas:
        await replica.close()
    assert len(heads) == 1
