import asyncio
from datetime import UTC, datetime, timedelta

from assistant.storage.engine import Database
from assistant.storage.events import SeenEvents

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_an_event_is_new_once(database: Database) -> None:
    events = SeenEvents(database)

    assert await events.record(["event:Ev1", "message:T:C:1"], NOON)
    assert not await events.record(["event:Ev1", "message:T:C:1"], NOON)


async def test_the_same_message_under_another_event_id_is_a_repeat(database: Database) -> None:
    events = SeenEvents(database)
    await events.record(["event:Ev1", "message:T:C:1"], NOON)

    assert await events.seen(["event:Ev2", "message:T:C:1"])
    assert not await events.record(["event:Ev2", "message:T:C:1"], NOON)


async def test_simultaneous_deliveries_have_one_first(database: Database) -> None:
    events = SeenEvents(database)

    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(events.record([f"event:Ev{number}", "message:T:C:1"], NOON)) for number in range(10)]

    assert sum(call.result() for call in calls) == 1


async def test_old_events_are_forgotten(database: Database) -> None:
    events = SeenEvents(database)
    await events.record(["old"], NOON - timedelta(days=2))
    await events.record(["new"], NOON)

    dropped = await events.forget_before(NOON - timedelta(days=1))

    assert dropped == 1
    assert not await events.seen(["old"])
    assert await events.seen(["new"])
