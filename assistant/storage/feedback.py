"""What people thought of an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import select

from assistant.storage.engine import Database
from assistant.storage.tables import feedback
from assistant.storage.upsert import insert_or_replace


class Feedback(BaseModel, frozen=True):
    """One person's opinion of one turn."""

    turn_id: str
    account: str
    value: Literal["good", "bad"]
    comment: str | None = None
    at: datetime


class FeedbackBox:
    """One opinion per person and turn: the last one counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, opinion: Feedback) -> None:
        """Store an opinion; a second one of the same person on the same turn replaces the first."""
        async with self._database.write() as connection:
            await insert_or_replace(connection, feedback, dict(opinion))

    async def of(self, turn_id: str) -> Sequence[Feedback]:
        """Opinions on a turn, oldest first."""
        query = select(feedback).where(feedback.c.turn_id == turn_id).order_by(feedback.c.at)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Feedback.model_validate(dict(row)) for row in rows]
