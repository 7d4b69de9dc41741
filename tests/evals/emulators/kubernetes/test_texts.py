"""Quantities, durations and times as Kubernetes reads and prints them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from evals.emulators.kubernetes.controllers.cronjob import next_time
from evals.emulators.kubernetes.names import Names, template_hash
from evals.emulators.kubernetes.quantities import format_quantity, parse_quantity
from evals.emulators.kubernetes.timing import go_duration, human_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "value"),
    [("250m", "0.25"), ("1.5", "1.5"), ("64Mi", "67108864"), ("2G", "2000000000"), ("1e3", "1000"), (2, "2")],
)
def test_quantities_have_their_value(text: str | int, value: str) -> None:
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1Xi", "1mm"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quantit"):
        parse_quantity(text)


def test_quantities_print_in_the_largest_fitting_unit() -> None:
    assert format_quantity(Decimal(2**20 * 192), binary=True) == "192Mi"
    assert format_quantity(Decimal(1500), binary=True) == "1500"
    assert format_quantity(Decimal("0.25"), binary=False) == "250m"
    assert format_quantity(Decimal(5), binary=False) == "5"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("-20m", -1200), ("1h30m", 5400), ("500ms", 0.5), (7, 7), ("2d", 172800)]
)
def test_durations_are_read(text: str | int, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["soon", "5", "m5", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (303, "5m3s"),
        (660, "11m"),
        (10800, "3h"),
        (12000, "3h20m"),
        (172800, "2d"),
        (777600, "9d"),
    ],
)
def test_ages_print_as_kubectl_prints_them(seconds: int, text: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(("seconds", "text"), [(10, "10s"), (300, "5m0s"), (3600, "1h0m0s")])
def test_spans_print_as_go_prints_them(seconds: int, text: str) -> None:
    assert go_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("*/15 * * * *", "2026-11-22T10:15"),
        ("0 3 * * *", "2026-11-23T03:00"),
        ("30 9 * * 1-5", "2026-11-23T09:30"),
        ("0 0 1 1 *", "2027-01-01T00:00"),
        ("@hourly", "2026-11-22T11:00"),
    ],
)
def test_the_next_time_of_a_schedule(schedule: str, expected: str) -> None:
    found = next_time(schedule, datetime(2026, 11, 22, 10, 7, 30, tzinfo=UTC))

    assert found is not None
    assert found.strftime("%Y-%m-%dT%H:%M") == expected


def test_a_schedule_that_never_comes_has_no_next_time() -> None:
    assert next_time("0 0 31 2 *", datetime(2026, 11, 22, tzinfo=UTC)) is None


def test_the_same_template_has_the_same_hash_and_another_another() -> None:
    assert template_hash({"a": 1, "b": 2}) == template_hash({"b": 2, "a": 1})
    assert template_hash({"a": 1}) != template_hash({"a": 2})


def test_names_repeat_for_the_same_seed() -> None:
    assert Names(1).generate("web-") == Names(1).generate("web-")
    assert Names(1).uid() != Names(2).uid()
