from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.confirmation.freezes import FreezeError, FreezeWindow, active_freeze, read_freezes
from assistant.confirmation.limits import Limits

BUSINESS = FreezeWindow(
    name="business hours", days=("mon", "tue", "wed", "thu", "fri"), hours="09:00-17:00", zone="Europe/Berlin"
)
NIGHT = FreezeWindow(name="night", days=("fri",), hours="22:00-06:00", zone="Europe/Berlin")
WEEKEND = FreezeWindow(name="weekend", days=("sat", "sun"), zone="Europe/Berlin", reason="Nobody is there.")
YEAR_END = FreezeWindow(name="year end", begins="2026-12-18T00:00", ends="2027-01-04T00:00", zone="America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "until"),
    [
        (BUSINESS, "2026-03-02T07:59", None),
        (BUSINESS, "2026-03-02T08:00", "2026-03-02T16:00"),
        (BUSINESS, "2026-03-02T15:59", "2026-03-02T16:00"),
        (BUSINESS, "2026-03-02T16:00", None),
        (BUSINESS, "2026-03-07T12:00", None),
        (NIGHT, "2026-03-06T21:30", "2026-03-07T05:00"),
        (NIGHT, "2026-03-07T04:59", "2026-03-07T05:00"),
        (NIGHT, "2026-03-07T21:30", None),
        (WEEKEND, "2026-03-06T23:00", "2026-03-08T23:00"),
        (WEEKEND, "2026-03-08T22:59", "2026-03-08T23:00"),
        (YEAR_END, "2026-12-18T04:59", None),
        (YEAR_END, "2026-12-18T05:00", "2027-01-04T05:00"),
    ],
)
def test_a_window_holds_in_its_own_zone(window: FreezeWindow, now: str, until: str | None) -> None:
    assert window.ends_at(at(now)) == (at(until) if until else None)


def test_the_clock_change_moves_the_window_with_the_local_time() -> None:
    assert BUSINESS.ends_at(at("2026-03-30T07:00")) == at("2026-03-30T15:00")


def test_a_denial_can_say_which_freeze_why_and_until_when() -> None:
    words = active_freeze((BUSINESS, WEEKEND), "prod", at("2026-03-07T12:00"))

    assert words == "weekend (Nobody is there), until Monday 2026-03-09 00:00 Europe/Berlin"


def test_the_longest_of_several_counts_and_other_tiers_are_free() -> None:
    assert active_freeze((WEEKEND, YEAR_END), "prod", at("2026-12-19T12:00")).startswith("year end, until")
    assert active_freeze((WEEKEND,), "nonprod", at("2026-03-07T12:00")) == ""


def test_a_freeze_all_week_has_no_end() -> None:
    always = FreezeWindow(name="for now")

    assert active_freeze((always,), "prod", at("2026-03-07T12:00")) == "for now, without an end"


def test_limits_tell_a_freeze_by_setting_and_by_window() -> None:
    assert "CONFIRMATION__FROZEN" in Limits(frozen=True).freeze("prod", at("2026-03-02T12:00"))
    assert Limits(freezes=(BUSINESS,)).freeze("prod", at("2026-03-02T12:00")).startswith("business hours")
    assert Limits(freezes=(BUSINESS,)).freeze("prod", at("2026-03-02T20:00")) == ""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "freezes.yaml"
    path.write_text('freezes:\n  - {name: n, days: [sat], hours: "00:00-24:00", zone: Europe/Berlin}\n')

    assert [one.days for one in read_freezes(path)] == [("sat",)]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "n", "days": ["caturday"]}, "freezes.1.days.1"),
        ({"name": "n", "hours": "9-17"}, "freezes.1.hours"),
        ({"name": "n", "hours": "09:00-09:00"}, "hours must last"),
        ({"name": "n", "zone": "Mars/Olympus"}, "IANA time zone"),
        ({"name": "n", "begins": "2026-01-01T00:00"}, "belong together"),
        ({"name": "n", "begins": "2026-01-02T00:00", "ends": "2026-01-01T00:00"}, "before ends"),
        ({"name": "n", "dais": ["sat"]}, "Fields are name, reason, tiers, zone, days"),
    ],
)
def test_a_wrong_file_is_refused_by_entry_and_field(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    path = tmp_path / "freezes.yaml"
    path.write_text(f"freezes: [{entry!r}]")

    with pytest.raises(FreezeError, match=r"freezes\.yaml") as refused:
        read_freezes(path)

    assert says in str(refused.value)
