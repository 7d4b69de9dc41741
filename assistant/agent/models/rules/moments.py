"""How far back a request looks, in minutes."""

import re
from datetime import datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.agent.models.rules.amounts import count
from assistant.agent.models.rules.phrases import anywhere
from assistant.agent.models.rules.sheet import Sheet

_JOINED = re.compile(r"^(\d{1,5})(m|min|mins|h|hr|hrs|d|w)$")
_FLAG = re.compile(r"^--since(?:=(\d{1,5})([smhd]))?$")
_CLOCK = re.compile(r"^(\d{1,2})(?::(\d{2}))?(am|pm|h)?$")
HALF_DAY = 12
DAY = timedelta(days=1)


def since_minutes(sheet: Sheet, now: datetime | None, zone: str) -> int | None:
    """Minutes from the moment said to `now` (UTC; None: unknown, a day is assumed), at least 1; None: nothing said."""
    for reader in (_phrase, _clock, _span):
        minutes = reader(sheet, now, zone)
        if minutes is not None:
            return max(1, minutes)
    return None


def _phrase(sheet: Sheet, now: datetime | None, zone: str) -> int | None:
    for phrase in sheet.words.moment_phrases:
        hit = anywhere(phrase, sheet.tokens)
        if hit and all(map(sheet.is_free, hit)):
            sheet.take(hit)
            said = sheet.words.moments[" ".join(phrase)]
            return said if isinstance(said, int) else _until_now(said, now, zone)
    return None


def _clock(sheet: Sheet, now: datetime | None, zone: str) -> int | None:
    """ "since 14:00", "after 2pm"."""
    for position, token in list(sheet.free()):
        clock = _CLOCK.match(token.text)
        if clock and (clock[2] or clock[3]) and sheet.text(position - 1) in {"since", "after", "from", "around", "at"}:
            hour = int(clock[1]) % HALF_DAY + HALF_DAY if clock[3] == "pm" else int(clock[1])
            minute = int(clock[2] or 0)
            if hour < 24 and minute < 60:
                sheet.take([position])
                return _until_now(f"{hour:02}:{minute:02}", now, zone)
    return None


def _until_now(said: str, now: datetime | None, zone: str) -> int:
    """Minutes since the last time it was that hour; "00:00 -1" is one day earlier."""
    hour, _, days = said.partition(" ")
    if now is None:
        return 1440 * (1 + abs(int(days or 0)))
    local = now.astimezone(_zone(zone))
    then = datetime.combine(local.date(), time.fromisoformat(hour), local.tzinfo)
    then = then if then <= local else then - DAY
    return ceil((local - then - int(days or 0) * DAY) / timedelta(minutes=1))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _span(sheet: Sheet, _now: datetime | None, _zone_name: str) -> int | None:
    """ "last 2 hours", "past hour", "30m", "--since=2h"."""
    units = sheet.words.units
    for position, token in list(sheet.free()):
        joined = _JOINED.match(token.text) or _FLAG.match(token.text)
        if joined and joined[1]:
            sheet.take([position])
            return int(joined[1]) * units.get(joined[2], 1)
        unit = sheet.text(position + 1)
        number = count(sheet, position)
        if number is not None and unit in units and len(unit) > 1:
            sheet.take([position, position + 1])
            return number * units[unit]
        if token.text in sheet.words.span_words | {"an", "a"} and unit in units and len(unit) > 1:
            sheet.take([position, position + 1])
            return units[unit]
    return None
