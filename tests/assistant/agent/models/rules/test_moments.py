"""How far back a request looks."""

from datetime import UTC, datetime

import pytest

from assistant.agent.models.rules.lexicon import load_lexicon
from assistant.agent.models.rules.moments import since_minutes
from assistant.agent.models.rules.sheet import Sheet
from assistant.agent.models.rules.tokens import tokens
from tests.builders.rules import VOCABULARY

LEXICON = load_lexicon(VOCABULARY)
AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def minutes(text: str, at: datetime | None = AT, zone: str = "UTC") -> int | None:
    return since_minutes(Sheet(tokens(text, LEXICON.words), (), LEXICON), at, zone)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("logs of cart last 2 hours", 120),
        ("logs of cart in the past hour", 60),
        ("in the last half hour", 30),
        ("over the last three days", 4320),
        ("logs --since=2h", 120),
        ("last 30m", 30),
        ("15 min", 15),
        ("since noon", 180),
        ("since 14:30", 30),
        ("since 2pm", 60),
        ("since 16:00", 23 * 60),
        ("today", 900),
        ("since yesterday", 900 + 1440),
        ("an hour ago", 60),
        ("logs of cart", None),
        ("last deploy of cart", None),
        ("scale cart to 3", None),
        ("since 99:99", None),
    ],
)
def test_spans_and_moments_become_minutes(said: str, expected: int | None) -> None:
    assert minutes(said) == expected


def test_noon_is_noon_where_the_person_is() -> None:
    assert minutes("since noon", zone="Europe/Berlin") == 240
    assert minutes("since noon", zone="America/New_York") == 22 * 60


def test_an_unknown_zone_is_taken_for_utc() -> None:
    assert minutes("since noon", zone="Mars/Olympus") == 180


def test_without_a_time_of_asking_a_day_is_looked_back() -> None:
    assert minutes("since noon", at=None) == 1440
