"""Logs go to standard error, whatever it is just then, and hold nothing that may not leave."""

import contextlib
import io

import pytest
import structlog

from assistant.redaction import redact_json
from assistant.telemetry import configure_logging


@pytest.fixture(autouse=True)
def restored():
    yield
    structlog.reset_defaults()


def logged(json_lines: bool = True) -> io.StringIO:
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        configure_logging("info", json_lines=json_lines, redact=redact_json)
        log = structlog.get_logger()
        try:
            token = "ghp_" + "a1B2" * 9
            int("no such number")
        except ValueError:
            log.exception("turn.failed", header=f"Bearer {token}", turn="m1")
    return stream


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_failure_is_logged_without_secrets_and_without_local_variables(json_lines):
    text = logged(json_lines).getvalue()

    assert "turn.failed" in text
    assert "no such number" in text
    assert "a1B2a1B2" not in text


def test_a_stream_that_was_closed_meanwhile_does_not_break_the_work_that_logs():
    first, second = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(first):
        configure_logging("info", json_lines=True, redact=redact_json)
    first.close()

    with contextlib.redirect_stderr(second):
        structlog.get_logger().error("change.step_failed", proposal="p-1")

    assert "change.step_failed" in second.getvalue()
