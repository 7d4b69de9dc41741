from datetime import UTC, datetime

from assistant.storage.engine import Database
from assistant.storage.feedback import Feedback, FeedbackBox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_the_last_opinion_of_a_person_counts(database: Database) -> None:
    box = FeedbackBox(database)
    await box.put(Feedback(turn_id="t1", account="ann", value="good", at=NOON))
    await box.put(Feedback(turn_id="t1", account="bob", value="good", at=NOON))

    await box.put(Feedback(turn_id="t1", account="ann", value="bad", comment="wrong pod", at=NOON))

    opinions = {opinion.account: (opinion.value, opinion.comment) for opinion in await box.of("t1")}
    assert opinions == {"ann": ("bad", "wrong pod"), "bob": ("good", None)}
