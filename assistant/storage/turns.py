"""Turns as they were answered, with their numbered evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.conversation import NumberedEvidence, Turn
from assistant.storage.engine import Database
from assistant.storage.tables import evidence, turns
from assistant.storage.upsert import insert_or_replace
from tools.contract import Evidence


class Turns:
    """Every finished turn. "Show evidence" reads from here, however old the answer is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, turn: Turn, *, received_at: datetime, finished_at: datetime) -> None:
        """Store a turn; a turn that was handled again after a crash replaces its first try."""
        row = {
            "id": turn.id,
            "thread": turn.thread,
            "requester": turn.requester,
            "kind": turn.kind,
            "turn": turn.model_dump(mode="json", exclude={"evidence"}),
            "received_at": received_at,
            "finished_at": finished_at,
        }
        async with self._database.write() as connection:
            await connection.execute(delete(evidence).where(evidence.c.turn_id == turn.id))
            await insert_or_replace(connection, turns, row)
            await _put_evidence(connection, turn)

    async def get(self, turn_id: str) -> Turn | None:
        """The turn, whole, or None."""
        async with self._database.read() as connection:
            stored = await connection.scalar(select(turns.c.turn).where(turns.c.id == turn_id))
            rows = await _evidence_rows(connection, turn_id)
        if stored is None:
            return None
        return Turn.model_validate({**stored, "evidence": tuple(map(_numbered, rows))})

    async def evidence(self, turn_id: str) -> tuple[NumberedEvidence, ...]:
        """The evidence of a turn in its order (E1, E2, ...); empty when the turn is unknown or had none."""
        async with self._database.read() as connection:
            return tuple(map(_numbered, await _evidence_rows(connection, turn_id)))

    async def recent(self, thread: str, limit: int = 20) -> tuple[Turn, ...]:
        """The newest turns of a thread, oldest first, without their evidence."""
        query = select(turns.c.turn).where(turns.c.thread == thread).order_by(turns.c.received_at.desc()).limit(limit)
        async with self._database.read() as connection:
            stored = (await connection.scalars(query)).all()
        return tuple(Turn.model_validate(turn) for turn in reversed(stored))


async def _put_evidence(connection: AsyncConnection, turn: Turn) -> None:
    rows = [
        {"turn_id": turn.id, "position": index, "number": item.id, "evidence": item.evidence.model_dump(mode="json")}
        for index, item in enumerate(turn.evidence)
    ]
    if rows:
        await connection.execute(insert(evidence), rows)


async def _evidence_rows(connection: AsyncConnection, turn_id: str) -> list[Row[Any, Any]]:
    columns = select(evidence.c.number, evidence.c.evidence)
    query = columns.where(evidence.c.turn_id == turn_id).order_by(evidence.c.position)
    return list((await connection.execute(query)).all())


def _numbered(row: Row[Any, Any]) -> NumberedEvidence:
    return NumberedEvidence(id=row[0], evidence=Evidence.model_validate(row[1]))
