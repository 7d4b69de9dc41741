"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key exists. True when this call inserted it."""
    statement = _insert(connection, table).values(**row).on_conflict_do_nothing(index_elements=_key(table))
    return await connection.scalar(statement.returning(*table.primary_key)) is not None


async def insert_or_replace(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or give the row of that primary key these values."""
    changed = {name: value for name, value in row.items() if name not in _key(table)}
    statement = _insert(connection, table).values(**row)
    await connection.execute(statement.on_conflict_do_update(index_elements=_key(table), set_=changed))


def _insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _key(table: Table) -> Sequence[str]:
    return [column.name for column in table.primary_key]
