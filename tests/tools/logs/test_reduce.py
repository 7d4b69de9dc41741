"""Many lines as few templates."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders.kubernetes import NOW
from tools.logs.models import LogLine
from tools.logs.reduce import Level, level_of, mask, reduce


def line(text: str, second: int = 0) -> LogLine:
    return LogLine(pod="p", container="c", text=text, at=NOW + timedelta(seconds=second))


def test_lines_that_differ_in_values_are_one_template() -> None:
    reduced = reduce([line(f"order {number} took {number}.5ms from 10.0.0.{number}", number) for number in range(100)])

    (template,) = reduced.templates
    assert template.pattern == "order <num> took <num>ms from <ip>"
    assert (template.count, reduced.lines) == (100, 100)
    assert (template.first_at, template.last_at) == (NOW, NOW + timedelta(seconds=99))
    assert template.example.line.text.startswith("order 99 ")


def test_errors_come_before_what_is_frequent() -> None:
    reduced = reduce([*[line("GET /health 200")] * 50, line("ERROR cannot reach db"), line("WARN slow")])

    assert [template.level for template in reduced.templates] == [Level.ERROR, Level.WARNING, Level.INFO]


def test_a_rare_error_survives_the_limit() -> None:
    reduced = reduce(
        [*[line(f"step {chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(500)], line("panic: boom")], limit=5
    )

    assert reduced.truncated
    assert reduced.templates[0].pattern == "panic: boom"


def test_failed_requests_stay_apart_from_good_ones() -> None:
    reduced = reduce([line("GET /cart 200 3ms"), line("GET /cart 500 3ms"), line("GET /cart 404 3ms")])

    assert [template.level for template in reduced.templates] == [Level.ERROR, Level.WARNING, Level.INFO]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"x"}', Level.ERROR),
        ('level=info msg="failed over"', Level.INFO),
        ("2026-11-22T10:00:00Z INFO error rate 0", Level.INFO),
        ("E1122 12:00:00.0 1 main.go:3] lost", Level.ERROR),
        ("[warn] slow", Level.WARNING),
        ("java.lang.NullPointerException: x", Level.ERROR),
        ("dial tcp 10.0.0.1:5432: connect: connection refused", Level.ERROR),
        ('{"status":503,"path":"/"}', Level.ERROR),
        ("debug: cache", Level.DEBUG),
        ("listening on 8080", Level.INFO),
        ("", Level.INFO),
    ],
)
def test_reads_the_level_a_line_states_or_suggests(text: str, level: Level) -> None:
    assert level_of(text) is level


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("id 3f2b8c1e-1111-2222-3333-abcdefabcdef", "id <uuid>"),
        ("at 2026-11-22T10:00:00.123Z", "at <time>"),
        ("sha 9f86d081884c7d65", "sha <hex>"),
        ("v1beta1 utf8 http2", "v1beta1 utf8 http2"),
        ("peer 10.0.0.1:5432", "peer <ip>"),
    ],
)
def test_masks_values_and_keeps_words(text: str, masked: str) -> None:
    assert mask(text) == masked


@given(st.lists(st.text(max_size=60), max_size=40))
def test_no_line_is_lost_and_errors_are_never_cut_for_others(texts: list[str]) -> None:
    reduced = reduce([line(text) for text in texts], limit=1000)

    assert reduced.lines == len(texts)
    levels = [template.level for template in reduced.templates]
    assert levels == sorted(levels, reverse=True)
