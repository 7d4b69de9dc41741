"""Time as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware, UTC."""


def system_clock() -> datetime:
    """The machine's clock, aware, UTC."""
    return datetime.now(UTC)
