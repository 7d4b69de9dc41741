"""When no change may be made: windows of days and hours, or of dates, each in its own time zone."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]|24):[0-5]\d$"
HORIZON_DAYS = 8  # a freeze that lasts the whole week has no end worth naming


class FreezeError(ValueError):
    """The freeze file cannot be used. The text names the file, the entry and the field."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be an IANA time zone like Europe/Berlin") from error
    return name


class FreezeWindow(BaseModel, frozen=True, extra="forbid"):
    """One freeze. Every week on `days` during `hours` ("16:00-24:00", or over midnight "22:00-06:00"), or from `begins`
    until `ends`; both are local time in `zone`. `tiers` it covers. `reason`: told to the person.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(max_length=300)] = ""
    tiers: tuple[str, ...] = ("prod",)
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    days: tuple[Day, ...] = WEEK
    hours: Annotated[str, Field(pattern=HOURS)] = "00:00-24:00"
    begins: datetime | None = None
    ends: datetime | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.begins is None) != (self.ends is None):
            raise ValueError("begins and ends belong together")
        if self.begins and self.ends and (self.begins.tzinfo or self.ends.tzinfo or self.begins >= self.ends):
            raise ValueError("begins must be before ends, both local times without an offset")
        if not self.days or self.hours.startswith(self.hours[-5:]) or self.hours.endswith("-00:00"):
            raise ValueError("days must name a day, and hours must last (24:00 is the end of a day)")
        return self

    def ends_at(self, now: datetime) -> datetime | None:
        """When the freeze that holds now ends, in its zone; None when none holds. Windows that touch are one."""
        zone = ZoneInfo(self.zone)
        end = None
        for start, stop in self._spans(now.astimezone(zone)):
            if start <= (end or now) < stop:
                end = stop
        return end

    def _spans(self, local: datetime) -> list[tuple[datetime, datetime]]:
        """Windows around now, in order."""
        zone = ZoneInfo(self.zone)
        if self.begins is not None and self.ends is not None:
            return [(self.begins.replace(tzinfo=zone), self.ends.replace(tzinfo=zone))]
        opening, closing = (_minutes(part) for part in self.hours.split("-"))
        lasts_until = closing if closing > opening else closing + 24 * 60
        midnight = datetime.combine(local.date(), time(), zone)
        days = [midnight + timedelta(days=offset) for offset in range(-1, HORIZON_DAYS)]
        frozen = [day for day in days if WEEK[day.weekday()] in self.days]
        return [(day + timedelta(minutes=opening), day + timedelta(minutes=lasts_until)) for day in frozen]


def active_freeze(windows: tuple[FreezeWindow, ...], tier: str, now: datetime) -> str:
    """The freeze that covers a tier now and lasts longest, in words, or nothing."""
    held = [(end, one) for one in windows if tier in one.tiers and (end := one.ends_at(now)) is not None]
    if not held:
        return ""
    end, window = max(held, key=lambda entry: entry[0])
    why = f" ({window.reason.rstrip('.')})" if window.reason else ""
    if end - now >= timedelta(days=HORIZON_DAYS - 1) and window.begins is None:
        return f"{window.name}{why}, without an end"
    return f"{window.name}{why}, until {end:%A %Y-%m-%d %H:%M} {window.zone}"


def read_freezes(path: Path) -> tuple[FreezeWindow, ...]:
    """The windows of a YAML file with one list, `freezes`. Raises FreezeError with each fault."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FreezeError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FreezeError(f"{path}: is not valid YAML: {error}") from error
    try:
        return _File.model_validate(raw).freezes
    except ValidationError as error:
        raise FreezeError("\n".join(_fault(path, item["loc"], item["msg"]) for item in error.errors())) from error


class _File(BaseModel, frozen=True, extra="forbid"):
    freezes: tuple[FreezeWindow, ...]


def _fault(path: Path, location: tuple[Any, ...], message: str) -> str:
    where = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in location)
    return f"{path}: {where or 'the file'}: {message}. Fields are {', '.join(FreezeWindow.model_fields)}."


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
