import pytest

from tools.diagnosis.cron import problem


@pytest.mark.parametrize(
    "schedule", ["*/5 * * * *", "0 3 * * 1-5", "15,45 0-23/2 1 JAN,jul ?", "@hourly", "@every 1h30m", "0 0 1 * SUN"]
)
def test_what_the_controller_can_read_is_fine(schedule):
    assert problem(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("* * * *", "4 fields"),
        ("61 * * * *", "minute 61 lies outside"),
        ("* 5-3 * * *", "hour 5-3"),
        ("*/0 * * * *", "no valid step"),
        ("* * * FOO *", "month FOO cannot be read"),
        ("@sometimes", "no known shorthand"),
        ("TZ=UTC 0 3 * * *", "spec.timeZone"),
        ("* * * * 7", "day of week 7 lies outside 0 to 6"),
    ],
)
def test_what_it_cannot_read_is_named(schedule, says):
    assert says in problem(schedule)
