"""Many log lines as few templates (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from tools.logs.fold import Entry, fold
from tools.logs.models import LogLine

MAX_TEMPLATES = 40
MAX_MASKED_CHARACTERS = 400  # what follows rarely tells two kinds of line apart


class Level(IntEnum):
    """How bad a line says it is."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Template:
    """Lines that differ only in values. `example` is the newest of them; times are None when the source gave none."""

    pattern: str
    level: Level
    count: int
    first_at: datetime | None
    last_at: datetime | None
    example: Entry


@dataclass(frozen=True)
class Reduction:
    """Worst level first, then most frequent. `truncated`: more templates existed; no template of an error is dropped
    for one of a lower level."""

    templates: tuple[Template, ...]
    lines: int
    truncated: bool = False


_VALUES = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b)"
    r"|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<ip>\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b)"
    r"|(?P<hex>\b(?:0x[0-9a-fA-F]+|(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,})\b)"
    r"|(?P<text>\"[^\"]{20,}\")"
    r"|(?P<num>(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?)"
)
_ERROR = re.compile(
    r"\b(?:error|err|fatal|panic|critical|crit|severe|emerg|alert|exception|traceback|failed|failure|refused|oomkilled)\b"
    r"|(?:Error|Exception)\b|^[EF]\d{4} ",
    re.IGNORECASE,
)
_WARNING = re.compile(r"\bwarn(?:ing)?\b|^W\d{4} ", re.IGNORECASE)
_DEBUG = re.compile(r"\b(?:debug|trace)\b", re.IGNORECASE)
_STATED = re.compile(
    r"\"?\b(?:level|lvl|severity|log\.level)\"?\s*[=:]\s*\"?(?P<word>[A-Za-z]+)|^\S*\s*\[?(?P<lead>ERROR|WARN|WARNING|INFO|DEBUG|FATAL)\b"
)
_HTTP_STATUS = re.compile(
    r"(?:\b(?:GET|HEAD|POST|PUT|PATCH|DELETE)\b.*?[\s\"=]|\bstatus(?:_?code)?\"?\s*[=:]\s*\"?)(?P<class>[1-5])\d\d(?=[\s\",}]|$)"
)
_WORDS = {
    **dict.fromkeys(("error", "err", "fatal", "panic", "critical", "crit", "severe", "emerg", "alert"), Level.ERROR),
    **dict.fromkeys(("warn", "warning"), Level.WARNING),
    **dict.fromkeys(("info", "notice", "information"), Level.INFO),
    **dict.fromkeys(("debug", "trace", "verbose"), Level.DEBUG),
}
_LEVEL_BY_STATUS = {"5": Level.ERROR, "4": Level.WARNING}


def level_of(text: str) -> Level:
    """The level a line states (level=error, "severity":"ERROR", a leading word), else the worst its words suggest.

    A request answered with 5xx is an error, one with 4xx a warning, unless the line is worse by itself.
    """
    return max(_level_by_words(text), _LEVEL_BY_STATUS.get(_status_class(text), Level.DEBUG))


def _level_by_words(text: str) -> Level:
    stated = _STATED.search(text)
    if stated is not None and (level := _WORDS.get((stated["word"] or stated["lead"]).lower())) is not None:
        return level
    if _ERROR.search(text):
        return Level.ERROR
    if _WARNING.search(text):
        return Level.WARNING
    return Level.DEBUG if _DEBUG.search(text) else Level.INFO


def mask(text: str) -> str:
    """The line with its values replaced by their kind: "<num>", "<ip>", "<uuid>".

    A request that failed stays apart from one that did not: "4xx" or "5xx" is added.
    """
    masked = _VALUES.sub(lambda match: f"<{match.lastgroup}>", text[:MAX_MASKED_CHARACTERS])
    status = _status_class(text)
    return f"{masked} {status}xx" if status in _LEVEL_BY_STATUS else masked


def reduce(lines: Iterable[LogLine], *, limit: int = MAX_TEMPLATES) -> Reduction:
    """Group lines (oldest first within each container) into at most `limit` templates; traces are folded first."""
    groups: dict[str, list[Entry]] = {}
    total = 0
    for entry in fold(lines):
        total += 1 + entry.folded
        groups.setdefault(mask(f"{entry.line.text} {entry.cause}".rstrip()), []).append(entry)
    templates = sorted((_template(pattern, entries) for pattern, entries in groups.items()), key=_rank)
    return Reduction(tuple(templates[:limit]), total, truncated=len(templates) > limit)


def _status_class(text: str) -> str:
    found = _HTTP_STATUS.search(text)
    return found["class"] if found else ""


def _template(pattern: str, entries: list[Entry]) -> Template:
    times = [entry.line.at for entry in entries if entry.line.at is not None]
    newest = max(entries, key=lambda entry: entry.line.at.timestamp() if entry.line.at else 0.0)
    level = level_of(newest.text())
    return Template(pattern, level, len(entries), min(times, default=None), max(times, default=None), newest)


def _rank(template: Template) -> tuple[int, int, str]:
    return (-template.level, -template.count, template.pattern)
