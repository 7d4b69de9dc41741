"""How bad a log line says it is (pure)."""

import re
from enum import IntEnum


class Level(IntEnum):
    """How bad a line says it is."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


_NAMED = {
    **dict.fromkeys(
        ("error", "err", "fatal", "panic", "critical", "crit", "severe", "emerg", "emergency", "alert", "dpanic"),
        Level.ERROR,
    ),
    **dict.fromkeys(("warn", "warning", "wrn"), Level.WARNING),
    **dict.fromkeys(("info", "notice", "information", "informational", "inf", "log"), Level.INFO),
    **dict.fromkeys(("debug", "trace", "verbose", "dbg", "fine", "finer", "finest"), Level.DEBUG),
}
_LETTERS = {"I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.ERROR}

_ERROR = re.compile(
    r"\b(?:error|err|fatal|panic|panicked|critical|crit|severe|emerg|alert|exception|traceback|failed|failure|failing"
    r"|refused|oomkilled|segfault|segmentation fault|out of memory|no space left|permission denied|timed out)\b"
    r"|(?:Error|Exception)\b",
    re.IGNORECASE,
)
_LEVEL_STEMS = ("level", "lvl", "severity")
_ERROR_STEMS = (
    "err", "fatal", "panic", "crit", "severe", "emerg", "alert", "exception", "traceback", "fail", "refused",
    "oomkilled", "segfault", "segmentation", "out of memory", "no space", "denied", "timed out",
)  # fmt: skip
_NO_ERROR = re.compile(
    r"\b(?:err|error|exception)\"?\s*[=:]\s*\"?(?:null|nil|<nil>|none|false|\"\")\"?|\bno errors?\b", re.IGNORECASE
)
_WARNING = re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)
_DEBUG = re.compile(r"\b(?:debug|trace)\b", re.IGNORECASE)
_STATED = re.compile(
    r"\b(?:level|lvl|severity|log\.level|levelname|loglevel)\"?\s*[=:]\s*\"?(?P<word>[A-Za-z]+)", re.IGNORECASE
)
_LEADING = re.compile(r"(?:\S+ ){0,3}?\[?(?P<word>ERROR|WARN|WARNING|INFO|DEBUG|TRACE|FATAL|CRITICAL|NOTICE|SEVERE)\b")
_STATUS = (
    r"(?:\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b.*?[\s\"=|]"
    r"|\bstatus(?:_?[cC]ode)?\"?\s*[=:]\s*\"?|\| *){code}(?=[\s\",}}|]|$)"
)
_ANSWERED = re.compile(_STATUS.format(code=r"(?P<class>[1-5])\d\d"))
_MAY_BE_ANSWERED = re.compile(_STATUS.format(code="<num>"))
_IN_JSON = re.compile(r"\"(?:http\.)?status(?:_?[cC]ode)?\"\s*:\s*\"?(?P<class>[1-5])\d\d\b")
_IN_ACCESS_LOG = re.compile(r" HTTP/[\d.]+\"?\s+(?P<class>[1-5])\d\d\b")
_BY_STATUS = {"5": Level.ERROR, "4": Level.WARNING}


def named(word: str) -> Level | None:
    """The level of a word such as "warn", in any case."""
    return _NAMED.get(word.lower())


def numbered(number: int) -> Level | None:
    """The level of a number: 10 to 60 as Node.js loggers count, 0 to 7 as syslog does."""
    if number >= 10:
        return (Level.DEBUG, Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR)[min(number, 50) // 10 - 1]
    return Level.ERROR if number <= 3 else Level.WARNING if number == 4 else Level.INFO


def lettered(letter: str) -> Level | None:
    """The level of the letter that Kubernetes components begin a line with."""
    return _LETTERS.get(letter)


def level_of(text: str) -> Level:
    """The level a line states (level=error, "severity":"ERROR", a leading word), else the worst its words suggest.

    A request answered with 5xx is an error, one with 4xx a warning, unless the line is worse by itself.
    """
    return max(level_by_words(text), _BY_STATUS.get(status_class(text), Level.DEBUG))


def level_by_words(text: str) -> Level:
    """As `level_of`, without regard to status codes: it does not depend on any digit of the text."""
    low = text.lower()  # plain searches first: most lines have none of these words, and patterns are slow
    stated = _STATED.search(text) if any(word in low for word in _LEVEL_STEMS) else None
    stated = stated or _LEADING.match(text)
    if stated is not None and (level := named(stated["word"])) is not None:
        return level
    if any(stem in low for stem in _ERROR_STEMS) and _ERROR.search(_NO_ERROR.sub("", text)):
        return Level.ERROR
    if "warn" in low and _WARNING.search(text):
        return Level.WARNING
    return Level.DEBUG if ("debug" in low or "trace" in low) and _DEBUG.search(text) else Level.INFO


def level_by_status(status: str) -> Level:
    """What the first digit of a status code says: "5" is an error, "4" a warning."""
    return _BY_STATUS.get(status, Level.DEBUG)


def may_tell_status(shape: str) -> bool:
    """Whether lines of this masked form may carry the status code of a request."""
    return _MAY_BE_ANSWERED.search(shape) is not None


def status_class(text: str) -> str:
    """The first digit of the status code of the request that a line tells of, or ""."""
    is_json = text.startswith("{")  # this and access logs are so common that they are read in a faster way
    found = _IN_JSON.search(text) if is_json else _IN_ACCESS_LOG.search(text) or _ANSWERED.search(text)
    return found["class"] if found else ""
