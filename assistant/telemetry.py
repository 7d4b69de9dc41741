"""Structured logs and metrics."""

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

TURNS = Counter("infra_assistant_turns_total", "Turns by kind of outcome", ["kind", "model"])
TURN_SECONDS = Histogram("infra_assistant_turn_seconds", "Seconds of one turn", ["model"])
CHANGES = Counter("infra_assistant_changes_total", "Proposals by the state they ended in", ["tool", "state"])
FEEDBACK = Counter("infra_assistant_feedback_total", "Opinions on answers", ["value"])

EventDict = MutableMapping[str, Any]


def configure_logging(level: str, *, json_lines: bool, redact: Callable[[Any], Any]) -> None:
    """Send structured logs to standard error; every value passes the redactor first."""

    def redacted(_logger: Any, _name: str, event: EventDict) -> EventDict:
        return {key: redact(value) for key, value in event.items()}

    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)  # never local variables
    render: Any = structlog.processors.JSONRenderer() if json_lines else plain
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redacted,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True
    )


def _to_stderr(*_names: Any) -> structlog.PrintLogger:
    """Found anew for each record: a stream that was closed meanwhile must not break the work that logs."""
    return structlog.PrintLogger(sys.stderr)
