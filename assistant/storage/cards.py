"""Where a proposal's card was posted, and which of its states were told to the thread."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select

from assistant.storage.engine import Database
from assistant.storage.tables import cards, reports
from assistant.storage.upsert import insert_new, insert_or_replace

COPY = "@"


class Card(BaseModel, frozen=True):
    """The message that shows a proposal, as the channel names it."""

    proposal_id: str
    channel: str
    ts: str
    posted_at: datetime


class Cards:
    """Cards by proposal, and reports by proposal and state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, card: Card) -> None:
        """Remember the card of a proposal; a newer card replaces the older one."""
        async with self._database.write() as connection:
            await insert_or_replace(connection, cards, dict(card))

    async def put_copy(self, card: Card, user: str) -> None:
        """Remember a copy of the card that one user got."""
        await self.put(card.model_copy(update={"proposal_id": f"{card.proposal_id}{COPY}{user}"}))

    async def copies(self, proposal_id: str) -> tuple[Card, ...]:
        """The copies of a card; their `proposal_id` names proposal and user ("p-1@U1")."""
        query = select(cards).where(cards.c.proposal_id.startswith(f"{proposal_id}{COPY}", autoescape=True))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(cards.c.proposal_id))).mappings().all()
        return tuple(Card.model_validate(dict(row)) for row in rows)

    async def get(self, proposal_id: str) -> Card | None:
        """The card of a proposal, or None when none was posted."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(cards).where(cards.c.proposal_id == proposal_id))).mappings().first()
        return None if row is None else Card.model_validate(dict(row))

    async def was_reported(self, proposal_id: str, state: str) -> bool:
        """Whether this state was told already."""
        query = select(reports.c.state).where(reports.c.proposal_id == proposal_id, reports.c.state == state)
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def mark_reported(self, proposal_id: str, state: str, at: datetime) -> bool:
        """Remember that a state was told. True for exactly one caller.

        After a post it makes the report at-least-once, before a post at-most-once. A crash must not lose an outcome:
        ask `was_reported`, update the card and post, then mark.
        """
        row = {"proposal_id": proposal_id, "state": state, "reported_at": at}
        async with self._database.write() as connection:
            return await insert_new(connection, reports, row)
