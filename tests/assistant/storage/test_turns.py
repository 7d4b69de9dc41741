from datetime import UTC, datetime, timedelta

from assistant.conversation import Answer, CitedClaim, NumberedEvidence, Turn
from assistant.storage.engine import Database
from assistant.storage.turns import Turns
from tools.contract import Evidence, Source, Verdict

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_turn(turn_id: str = "t1", *, facts: int = 2, summary: str = "It crashes.") -> Turn:
    evidence = tuple(
        NumberedEvidence(
            id=f"E{number}",
            evidence=Evidence(source=Source.LOG, subject="Pod a/b", where="log", text=f"line {number}", at=NOON),
        )
        for number in range(1, facts + 1)
    )
    claims = (CitedClaim(text="It exits with 1.", evidence=("E1",)),)
    answer = Answer(verdict=Verdict.CONFIRMED, summary=summary, claims=claims)
    return Turn(
        id=turn_id, thread="cli:a", requester="user:default/ann", kind="answer", answer=answer, evidence=evidence
    )


async def test_a_turn_comes_back_whole(database: Database) -> None:
    turns = Turns(database)

    await turns.put(make_turn(facts=12), received_at=NOON, finished_at=NOON)

    assert await turns.get("t1") == make_turn(facts=12)


async def test_evidence_keeps_its_order_past_ten(database: Database) -> None:
    turns = Turns(database)

    await turns.put(make_turn(facts=12), received_at=NOON, finished_at=NOON)

    assert [item.id for item in await turns.evidence("t1")] == [f"E{number}" for number in range(1, 13)]


async def test_a_turn_handled_again_replaces_its_first_try(database: Database) -> None:
    turns = Turns(database)

    await turns.put(make_turn(facts=5), received_at=NOON, finished_at=NOON)
    await turns.put(make_turn(facts=1, summary="Better."), received_at=NOON, finished_at=NOON)

    assert await turns.get("t1") == make_turn(facts=1, summary="Better.")


async def test_an_unknown_turn_is_none_and_has_no_evidence(database: Database) -> None:
    assert await Turns(database).get("nope") is None
    assert await Turns(database).evidence("nope") == ()


async def test_recent_turns_come_oldest_first_and_are_bounded(database: Database) -> None:
    turns = Turns(database)
    for index in range(4):
        at = NOON + timedelta(minutes=index)
        await turns.put(make_turn(f"t{index}"), received_at=at, finished_at=at)

    recent = await turns.recent("cli:a", limit=3)

    assert [turn.id for turn in recent] == ["t1", "t2", "t3"]
