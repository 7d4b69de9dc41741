"""Time as Kubernetes writes it, and the clocks the emulator runs on."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def clock_from(start: datetime) -> Clock:
    """A clock that ticks from a fixed moment: a world with a fixed date in which pods still move."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def real_clock() -> Clock:
    """The time of the machine."""
    return lambda: datetime.now(UTC)  # noqa: TID251  (the emulated server has a clock of its own)


def rfc3339(moment: datetime) -> str:
    """metav1.Time: whole seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(moment: datetime) -> str:
    """metav1.MicroTime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rfc3339_nano(moment: datetime) -> str:
    """The time stamp of a log line: nanoseconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def parse_time(text: str) -> datetime:
    """An aware moment from RFC 3339 text. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_duration(text: str | float) -> timedelta:
    """A span from "1h30m", "-20m", "500ms", or a number of seconds. Raises ValueError."""
    if isinstance(text, int | float):
        return timedelta(seconds=text)
    body = text.strip()
    sign = -1 if body.startswith("-") else 1
    body = body.lstrip("+-")
    if not body or _PART.sub("", body):
        raise ValueError(f"not a duration: {text!r}; write for example 90s, 5m or 1h30m")
    return timedelta(seconds=sign * sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(body)))


def go_duration(span: timedelta) -> str:
    """A span as Go prints it, for message texts: 5m0s, 10s, 1h0m0s."""
    seconds = int(span.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def human_duration(span: timedelta) -> str:
    """A span as the columns of tables show it: 14s, 5m3s, 3h20m, 2d4h, 12d, 2y3d."""
    seconds = max(int(span.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    steps: list[tuple[bool, str]] = [
        (seconds < 120, f"{seconds}s"),
        (minutes < 10, _two(minutes, "m", seconds % 60, "s")),
        (minutes < 180, f"{minutes}m"),
        (hours < 8, _two(hours, "h", minutes % 60, "m")),
        (hours < 48, f"{hours}h"),
        (days < 8, _two(days, "d", hours % 24, "h")),
        (days < 730, f"{days}d"),
    ]
    return next((text for fits, text in steps if fits), _two(days // 365, "y", days % 365, "d"))


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"
