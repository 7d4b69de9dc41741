import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.diagnosis.hosts import in_line
from tools.diagnosis.log_lines import decisive, hint, last_words, weigh
from tools.logs.models import LogLine


def lines(text):
    return [LogLine(pod="p", container="c", text=row) for row in text.splitlines()]


def test_the_last_of_equally_telling_lines_wins():
    found = decisive(lines("ERROR first\nINFO between\nERROR second\nINFO bye"))

    assert found.text == "ERROR second"


def test_a_panic_weighs_more_than_an_error_after_it():
    found = decisive(lines("panic: boom\nERROR exporter failed to flush\nexit status 2"))

    assert found.text == "panic: boom"


def test_a_stack_frame_is_never_the_reason():
    assert weigh("    at com.shop.ErrorHandler.fatal(ErrorHandler.java:10)") == 0
    assert weigh("Traceback (most recent call last):") == 0


def test_a_line_with_a_time_in_front_is_read_like_one_without():
    assert weigh("2026-11-22T10:00:00.123Z panic: boom") == weigh("panic: boom")


def test_a_log_that_names_no_reason_has_no_decisive_line_but_last_words():
    log = lines("starting\nready to serve\n\n")

    assert decisive(log) is None
    assert last_words(log).text == "ready to serve"


@given(st.lists(st.text(max_size=300), max_size=30))
def test_no_text_breaks_the_reading(texts):
    log = [LogLine(pod="p", container="c", text=text) for text in texts]

    found = decisive(log)

    assert found is None or found in log
    assert all(in_line(text) is None or in_line(text).host for text in texts)


def test_a_pathological_line_is_only_looked_at_in_part():
    hidden = "x" * 5000 + " panic: boom connect ECONNREFUSED payments:80"

    assert weigh(hidden) == 0
    assert in_line(hidden) is None


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            'User "system:serviceaccount:shop:x" cannot list resource "pods" in API group "" in the namespace',
            "rbac-forbidden",
        ),
        ("Error making API request. Code: 403. Errors: * permission denied", "vault-permission-denied"),
        ("Vault is sealed", "vault-permission-denied"),
        ("open /data/x: permission denied", ""),
    ],
)
def test_a_refusal_tells_who_refuses(line, cause):
    assert hint(line).cause == cause
