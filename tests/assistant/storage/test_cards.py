import asyncio
from datetime import UTC, datetime

from assistant.storage.cards import Card, Cards
from assistant.storage.engine import Database

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_the_newest_card_of_a_proposal_counts(database: Database) -> None:
    cards = Cards(database)
    await cards.put(Card(proposal_id="p-1", channel="C1", ts="1.0", posted_at=NOON))

    await cards.put(Card(proposal_id="p-1", channel="C1", ts="2.0", posted_at=NOON))

    assert await cards.get("p-1") == Card(proposal_id="p-1", channel="C1", ts="2.0", posted_at=NOON)
    assert await cards.get("p-2") is None


async def test_each_state_is_reported_by_one_caller(database: Database) -> None:
    cards = Cards(database)

    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(cards.mark_reported("p-1", "succeeded", NOON)) for _ in range(5)]

    assert sum(call.result() for call in calls) == 1
    assert await cards.was_reported("p-1", "succeeded")
    assert not await cards.was_reported("p-1", "failed")
