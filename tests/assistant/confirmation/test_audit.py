import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from sqlalchemy import delete, insert, text, update

from assistant.confirmation.audit import Audit, chain_hash
from assistant.storage.engine import Database
from assistant.storage.tables import audit, audit_head
from tests.builders.changes import NOON


def make_audit(database: Database, redact: Callable[[Any], Any] = lambda facts: facts) -> Audit:
    return Audit(database, redact=redact, source="/infra-assistant/test")


async def fill(database: Database, count: int = 5) -> Audit:
    log = make_audit(database)
    for number in range(1, count + 1):
        async with database.write() as connection:
            await log.append(connection, "change.approved", f"p-{number}", {"who": f"ann{number}"}, NOON)
    return log


async def change(database: Database, *statements: Any) -> None:
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(statement)


async def test_records_are_cloudevents_chained_by_hash(database: Database) -> None:
    log = await fill(database, 2)

    first, second = await log.tail()

    assert {**first.event, "data": None} == {
        "specversion": "1.0",
        "id": "1",
        "source": "/infra-assistant/test",
        "type": "infra-assistant.change.approved.v1",
        "subject": "p-1",
        "time": "2026-03-02T12:00:00Z",
        "dataschema": "urn:infra-assistant:change:v1",
        "datacontenttype": "application/json",
        "data": None,
    }
    assert second.event["data"]["prev_hash"] == first.hash
    assert second.hash == chain_hash(first.hash, rfc8785.dumps(second.event).decode())


async def test_an_untouched_chain_is_intact(database: Database) -> None:
    log = await fill(database)

    verdict = await log.verify()

    assert (verdict.intact, verdict.records, verdict.broken_seq) == (True, 5, None)


async def test_an_empty_chain_is_intact(database: Database) -> None:
    assert (await make_audit(database).verify()).intact


@pytest.mark.parametrize("seq", [1, 3, 5])
@pytest.mark.parametrize("column", ["event", "hash", "subject"])
async def test_one_changed_character_anywhere_names_the_record(database: Database, seq: int, column: str) -> None:
    log = await fill(database)
    changed = {
        "event": "replace(event, 'ann', 'bob')",
        "hash": "substr(hash, 2) || substr(hash, 1, 1)",
        "subject": "replace(subject, 'p-', 'q-')",
    }
    await change(database, text(f"UPDATE audit SET {column} = {changed[column]} WHERE seq = {seq}"))

    verdict = await log.verify()

    assert (verdict.intact, verdict.broken_seq) == (False, seq)


async def test_a_removed_record_is_named(database: Database) -> None:
    log = await fill(database)
    await change(database, delete(audit).where(audit.c.seq == 3))

    verdict = await log.verify()

    assert (verdict.broken_seq, verdict.reason) == (3, "it is missing")


async def test_records_cut_off_the_end_are_noticed(database: Database) -> None:
    log = await fill(database)
    await change(database, delete(audit).where(audit.c.seq >= 4))

    verdict = await log.verify()

    assert (verdict.broken_seq, verdict.reason) == (4, "it was cut off the end")


async def test_two_swapped_records_are_noticed(database: Database) -> None:
    log = await fill(database)
    moves = [(2, 90), (3, 2), (90, 3)]
    await change(database, *(update(audit).where(audit.c.seq == old).values(seq=new) for old, new in moves))

    assert (await log.verify()).broken_seq == 2


@pytest.mark.parametrize("seq", [-5, 0, 6])
async def test_a_record_put_in_by_hand_is_noticed(database: Database, seq: int) -> None:
    log = await fill(database)
    await change(database, insert(audit).values(seq=seq, subject="x", event="{}", hash="0" * 64))

    assert not (await log.verify()).intact


async def test_a_lost_head_is_noticed(database: Database) -> None:
    log = await fill(database)
    await change(database, delete(audit_head))

    assert not (await log.verify()).intact


async def test_writers_of_two_processes_make_one_chain(database: Database, database_url: str) -> None:
    elsewhere = Database(database_url)

    async def write(where: Database, number: int) -> None:
        async with where.write() as connection:
            await make_audit(where).append(connection, "change.approved", f"p-{number}", {}, NOON)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(write(database if number % 2 else elsewhere, number))
    await elsewhere.close()

    verdict = await make_audit(database).verify()
    assert (verdict.intact, verdict.records) == (True, 20)


async def test_a_record_disappears_with_its_transaction(database: Database) -> None:
    log = await fill(database, 1)

    async def fail_half_way() -> None:
        async with database.write() as connection:
            await log.append(connection, "change.approved", "p-9", {}, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()

    assert await log.of("p-9") == ()
    assert (await log.verify()).records == 1


async def test_what_is_written_was_redacted_before(database: Database) -> None:
    log = make_audit(database, redact=lambda facts: dict.fromkeys(facts, "[redacted]"))
    async with database.write() as connection:
        await log.append(connection, "change.approved", "p-1", {"args": "hunter2"}, NOON)

    (record,) = await log.of("p-1")

    assert record.event["data"]["args"] == "[redacted]"
    assert record.event["data"]["prev_hash"] == "0" * 64


async def test_a_long_chain_is_verified_in_batches(database: Database) -> None:
    log = make_audit(database)
    async with database.write() as connection:
        for number in range(1, 1103):
            await log.append(connection, "change.approved", f"p-{number}", {}, NOON)
    assert (await log.verify()).records == 1102

    await change(database, update(audit).where(audit.c.seq == 1001).values(subject="other"))

    assert (await log.verify()).broken_seq == 1001
