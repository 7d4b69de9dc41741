"""Many lines as few templates."""

import tracemalloc
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders.kubernetes import NOW
from tests.builders.log_lines import line, lines
from tools.logs.models import LogLine
from tools.logs.reduce import Level, Reducer, Reduction, level_of, reduce
from tools.logs.reduction.masking import mask
from tools.logs.reduction.mining import fits
from tools.logs.reduction.shapes import MAX_GROUPS
from tools.logs.reduction.templates import Trend


def patterns(reduced: Reduction) -> list[str]:
    return [template.pattern for template in reduced.templates]


def counted(reduced: Reduction, level: Level | None = None) -> int:
    every = [*reduced.templates, *reduced.others]
    return sum(one.count for one in every if level is None or one.level is level)


def is_present(text: str, reduced: Reduction) -> bool:
    """Whether a template stands for the line, or the result says that errors were only counted."""
    words = mask(text).split(" ")
    shown = any(fits(words, template.pattern.split(" ")) for template in reduced.templates)
    return shown or any(other.level is Level.ERROR for other in reduced.others)


def test_lines_that_differ_in_values_are_one_template() -> None:
    reduced = reduce([line(f"order {number} took {number}.5ms from 10.0.0.{number}", number) for number in range(100)])

    (template,) = reduced.templates
    assert template.pattern == "order <num> took <num> from <ip>"
    assert (template.count, reduced.lines, reduced.matched) == (100, 100, 100)
    assert (template.first_at, template.last_at) == (NOW, NOW + timedelta(seconds=99))
    assert template.example.line.text == "order 99 took 99.5ms from 10.0.0.99"
    assert sum(template.counts) == 100


def test_errors_come_before_what_is_frequent() -> None:
    reduced = reduce([*[line("GET /health 200")] * 50, line("ERROR cannot reach db"), line("WARN slow")])

    assert [template.level for template in reduced.templates] == [Level.ERROR, Level.WARNING, Level.DEBUG]


def test_a_rare_error_survives_the_limit_and_the_rest_is_counted() -> None:
    noise = [line(f"{chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(500)]

    reduced = reduce([*noise, line("panic: boom")], limit=5)

    assert reduced.truncated
    assert reduced.templates[0].pattern == "panic: boom"
    assert [(other.level, other.count) for other in reduced.others] == [(Level.INFO, 496)]


def test_failed_requests_stay_apart_from_good_ones_whatever_came_first() -> None:
    reduced = reduce([line("GET /cart 200 3ms"), line("GET /cart 500 3ms"), line("GET /cart 404 3ms")])

    assert [template.level for template in reduced.templates] == [Level.ERROR, Level.WARNING, Level.INFO]


def test_probes_are_one_template_and_a_failed_probe_is_its_own() -> None:
    access = '10.0.0.{} - - [22/Nov/2026:10:00:0{} +0000] "GET {} HTTP/1.1" {} 2 "-" "kube-probe/1.36"'
    given = [line(access.format(n, n % 10, path, 200)) for n in range(20) for path in ("/healthz", "/readyz", "/")]

    reduced = reduce([*given, line(access.format(1, 1, "/readyz", 503))])

    assert [(template.level, template.count) for template in reduced.templates] == [(Level.ERROR, 1), (Level.DEBUG, 60)]


def test_complaints_that_are_new_since_a_moment_come_first_then_rising_ones() -> None:
    old = [line("ERROR cache miss storm", second) for second in range(100)]
    rising = [line("WARN slow query", second) for second in (1, *range(60, 100))]
    new = [line("ERROR no route to db", second) for second in (70, 80)]
    banner = [line("started version two", 60)]

    reduced = reduce([*old, *rising, *new, *banner], since=NOW + timedelta(seconds=50))

    assert [(template.pattern, template.trend) for template in reduced.templates] == [
        ("ERROR no route to db", Trend.NEW),
        ("WARN slow query", Trend.RISING),
        ("ERROR cache miss storm", Trend.STEADY),
        ("started version two", Trend.NEW),
    ]


def test_nothing_is_new_when_no_line_is_older_than_the_moment() -> None:
    reduced = reduce([line("ERROR boom", 10)], since=NOW)

    assert reduced.templates[0].trend is Trend.STEADY


def test_raw_lines_around_the_oldest_error_of_its_container_are_kept() -> None:
    app = [line(f"step {number}", number) for number in range(10)]
    app[5] = line("ERROR broken", 5)
    proxy = [line("ERROR later", 7, container="proxy"), line("proxy goes on", 8, container="proxy")]

    reduced = reduce([*proxy, *app])

    texts = [each.text for each in reduced.around]
    assert texts == ["step 2", "step 3", "step 4", "ERROR broken", "step 6", "step 7", "step 8"]


def test_a_trace_does_not_push_out_the_lines_around_it() -> None:
    given = lines("before\njava.io.IOException: x\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\nafter")

    reduced = reduce(given)

    assert [each.text for each in reduced.around] == ["before", "java.io.IOException: x", "after"]


def test_traces_of_two_containers_that_are_mixed_stay_apart() -> None:
    first = lines("Traceback (most recent call last):\n  File x\nOSError: one", pod="a")
    second = lines("Traceback (most recent call last):\n  File y\nKeyError: two", pod="b")
    mixed = [each for pair in zip(first, second, strict=True) for each in pair]

    reduced = reduce(mixed)

    assert sorted(template.example.heads for template in reduced.templates) == [("KeyError: two",), ("OSError: one",)]


def test_a_text_is_found_in_any_line_of_a_trace() -> None:
    trace = lines("ERROR a\nTraceback (most recent call last):\n  File billing.py\nOSError: one\nall fine\nbilling ok")

    reduced = reduce(trace, wanted="BILLING")

    assert reduced.matched == 2
    assert [template.example.line.text for template in reduced.templates] == ["ERROR a", "billing ok"]
    assert "File billing.py" in reduced.templates[0].example.text()


def test_where_a_template_was_seen_is_told() -> None:
    reduced = reduce([line("ready", pod=pod, container=name) for pod in ("b", "a") for name in ("app", "proxy")])

    (template,) = reduced.templates
    assert (template.pods, template.containers) == (("a", "b"), ("app", "proxy"))


def test_lines_without_a_time_are_counted_without_one() -> None:
    reduced = reduce([LogLine(pod="p", container="c", text="ERROR x")] * 3)

    (template,) = reduced.templates
    assert (template.count, template.first_at, template.counts) == (3, None, ())


def test_a_result_can_be_read_while_more_lines_come() -> None:
    reducer = Reducer()
    reducer.add([line("ERROR a")])
    before = reducer.result()

    reducer.add([line("ERROR a")])

    assert (before.templates[0].count, reducer.result().templates[0].count) == (1, 2)


def test_endless_variety_costs_bounded_memory_and_loses_no_error() -> None:
    def endless():
        for number in range(20_000):
            word = "".join(chr(97 + number // 26**place % 26) for place in range(4))
            yield line(f"{word} {word[::-1]} went {word}", number)
        yield line("ERROR at the very end", 20_001)

    tracemalloc.start()
    reduced = reduce(endless())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 40_000_000
    assert counted(reduced) == 20_001
    assert is_present("ERROR at the very end", reduced)
    assert reduced.truncated


def test_more_kinds_of_errors_than_fit_are_counted_as_errors() -> None:
    kinds = [f"ERROR {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(MAX_GROUPS + 500)]

    reduced = reduce([line(text) for text in kinds])

    assert counted(reduced, Level.ERROR) == len(kinds)
    assert reduced.others[0].level is Level.ERROR


def test_long_and_strange_lines_do_no_harm() -> None:
    strange = [
        "<!channel> look",
        "x" * 1_000_000,
        '{"a":' * 10_000,
        "\x1b[31m" * 1000,
        "0" * 100_000,
        "a0" * 50_000,
        " " * 9,
    ]

    reduced = reduce([line(text) for text in strange])

    assert counted(reduced) == len(strange) - 1
    assert "<!channel> look" in patterns(reduced)


WORDS = st.sampled_from(
    ["ERROR", "failed", "to", "db", "cache", "reach", "42", "10.0.0.1", "panic:", "ok", "user", "x", "y"]
)
MADE = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@given(st.lists(st.one_of(MADE, st.text(max_size=60)), max_size=60), st.integers(1, 40))
def test_no_line_is_lost_whatever_the_limit(texts: list[str], limit: int) -> None:
    given = [line(text, number, pod=f"p{number}") for number, text in enumerate(texts)]

    reduced = reduce(given, limit=limit)

    assert reduced.lines == counted(reduced) == sum(bool(text.strip()) for text in texts)
    assert len(reduced.templates) <= limit


@given(st.lists(MADE, max_size=200), st.integers(1, 40))
def test_no_class_of_errors_is_lost_unsaid(texts: list[str], limit: int) -> None:
    given = [line(text, number, pod=f"p{number}") for number, text in enumerate(texts)]

    reduced = reduce(given, limit=limit)

    errors = [text for text in texts if level_of(text) is Level.ERROR]
    assert [text for text in errors if not is_present(text, reduced)] == []
    assert counted(reduced, Level.ERROR) == len(errors)


@given(st.lists(MADE, max_size=100))
def test_the_same_lines_give_the_same_templates_in_any_order(texts: list[str]) -> None:
    given = [line(text, 0, pod=f"p{number}") for number, text in enumerate(texts)]

    forward, backward = reduce(given), reduce(given[::-1])

    assert patterns(forward) == patterns(backward)
    assert [one.count for one in forward.templates] == [one.count for one in backward.templates]
