"""Whether a CronJob's schedule can be read, as the controller reads it (robfig/cron, standard parser). Pure."""

import re
from dataclasses import dataclass

_MACROS = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))
_EVERY = re.compile(r"^@every \d+(\.\d+)?(ns|us|µs|ms|s|m|h)([\d.]+(ns|us|µs|ms|s|m|h))*$")


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)


def problem(schedule: str) -> str:
    """What is wrong with a schedule in words, "" when it can be read."""
    text = schedule.strip()
    if text.startswith("@"):
        return "" if text in _MACROS or _EVERY.match(text) else f"{text} is no known shorthand"
    if text.startswith(("TZ=", "CRON_TZ=")):
        return "a time zone belongs into spec.timeZone, not into the schedule"
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields instead of 5"
    wrong = (_wrong(part, field) for part, field in zip(parts, _FIELDS, strict=True))
    return next((words for words in wrong if words), "")


def _wrong(text: str, field: _Field) -> str:
    for item in text.split(","):
        span, *step = item.split("/")
        if len(step) > 1 or (step and (not step[0].isdigit() or int(step[0]) == 0)):
            return f"the {field.name} {item} has no valid step"
        ends = [] if span in {"*", "?"} else [_number(one, field) for one in span.split("-")]
        if len(ends) > 2 or any(end is None for end in ends):
            return f"the {field.name} {item} cannot be read"
        known = [end for end in ends if end is not None]
        if any(not field.low <= end <= field.high for end in known) or known != sorted(known):
            return f"the {field.name} {item} lies outside {field.low} to {field.high}"
    return ""


def _number(text: str, field: _Field) -> int | None:
    if text.isdigit():
        return int(text)
    names = field.names
    return names.index(text.lower()) + field.low if text.lower() in names else None
