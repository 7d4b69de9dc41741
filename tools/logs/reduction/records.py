"""What a line says apart from when: structured lines read by their fields, plain ones without time stamps (pure)."""

import re
from typing import Any, NamedTuple, TypeGuard

import orjson

from tools.logs.reduction.levels import Level, lettered, named, numbered

MAX_PART = 600  # characters of a field that are looked at


class Record(NamedTuple):
    """`level` None: the line states none. `error`: what its error fields say.

    `fixed` False: a digit tells its level.
    """

    message: str
    level: Level | None = None
    error: str = ""
    fixed: bool = True


_LEVEL_KEYS = ("level", "severity", "lvl", "log.level", "levelname", "loglevel", "@l", "severityText", "SeverityText")
_MESSAGE_KEYS = (
    "msg", "message", "event", "log", "@m", "@mt", "body", "Body", "text", "short_message", "textPayload", "MESSAGE",
)  # fmt: skip
_ERROR_KEYS = (
    "err", "error", "exception", "exc_info", "error.message", "exception.message", "exception.type", "stack_trace",
    "stack", "@x", "reason", "cause",
)  # fmt: skip
_ERROR_PARTS = ("type", "name", "class", "message", "msg", "stack", "stacktrace")
_ERROR_NAMES = frozenset(_ERROR_KEYS)
_METHOD_KEYS, _PATH_KEYS = ("method", "http.method", "request_method"), ("path", "url", "uri", "route", "request_uri")
_STATUS_KEYS = ("status", "status_code", "statusCode", "http.status_code")
_REQUEST_NAMES = frozenset(("request", "req", "http", *_PATH_KEYS))

_STAMP = re.compile(
    r"\s*(?:[\[(]?(?:\d{4}[-/]\d\d[-/]\d\d(?:[T ]| - )\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d+)?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{10}(?:\.\d+)?)[\])]?[:\s]\s*)+"
)
_CRI = re.compile(r"(?:stdout|stderr) [FP] ")
_KLOG = re.compile(r"(?P<letter>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ (?P<at>[\w./-]+):\d+\] ")
_PAIR = re.compile(r"(?:^|[\s,])(?P<key>[A-Za-z@][\w.@]*)=(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|(?P<bare>[^\s\"]+))")
_REQUEST = re.compile(
    r"\"?(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?P<path>[^\s?\"]+)[^\s\"]* HTTP/[\d.]+\"?"
    r"\s+(?P<status>\d{3})\b"
    r"(?: (?:\d+|-)(?: \"[^\"]*\" \"(?P<agent>[^\"]*)\")?)?"
)


def read(text: str) -> Record:
    """The message of a line, the level and error it states. Never raises; what has no known form is its own message."""
    if text.startswith("{") and (fields := _json(text)) is not None:
        return _of_fields(fields, text)
    rest = text[found.end() :] if (found := _STAMP.match(text)) else text
    if found and (cri := _CRI.match(rest)):
        return read(rest[cri.end() :])
    if klog := _KLOG.match(rest):
        return Record(f"{klog['at']} {rest[klog.end() :]}", lettered(klog["letter"]))
    if "msg=" in rest or "message=" in rest:
        return _logfmt(rest)
    return Record(_REQUEST.sub(_request, rest, count=1) if " HTTP/" in rest else rest)


def _json(text: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _of_fields(fields: dict[str, Any], text: str) -> Record:
    message = next((value for key in _MESSAGE_KEYS if (value := fields.get(key)) and isinstance(value, str)), "")
    if message and fields.get("stream") in {"stdout", "stderr"}:  # a runtime's wrapping of the line
        return read(message.rstrip("\n"))
    nested = fields.get("log")
    stated = next((value for key in _LEVEL_KEYS if (value := fields.get(key)) is not None), None)
    if stated is None and isinstance(nested, dict):
        stated = nested.get("level")
    level = named(stated) if isinstance(stated, str) else numbered(int(stated)) if _is_number(stated) else None
    said = f"{message[:MAX_PART]} {_request_of(fields)}".strip()
    return Record(said or text, level, _error_of(fields), fixed=not _is_number(stated))


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _error_of(fields: dict[str, Any]) -> str:
    if _ERROR_NAMES.isdisjoint(fields):
        return ""
    parts: list[str] = []
    for key in _ERROR_KEYS:
        value = fields.get(key)
        if isinstance(value, dict):
            parts += [ends(inner) for name in _ERROR_PARTS if isinstance(inner := value.get(name), str)]
        elif isinstance(value, str) and value:
            parts.append(ends(value))
    return " ".join(dict.fromkeys(parts))[:MAX_PART]


def ends(text: str) -> str:
    """The first line of a stack trace in one text, and its root cause: the last "Caused by", or Python's last."""
    lines = text[: 40 * MAX_PART].strip().split("\n")
    causes = [line for line in lines[1:] if line.startswith("Caused by: ")]
    last = causes[-1] if causes else lines[-1] if lines[0].startswith("Traceback") else ""
    return f"{lines[0][:MAX_PART]} {last[:MAX_PART]}".strip()


def _request_of(fields: dict[str, Any]) -> str:
    """ "GET /cart 503" when the fields tell of a request."""
    if _REQUEST_NAMES.isdisjoint(fields):
        return ""
    inner = fields.get("request") or fields.get("req") or fields.get("http")
    every = {**inner, **fields} if isinstance(inner, dict) else fields
    status = next((every[key] for key in _STATUS_KEYS if _is_number(every.get(key))), None)
    path = next((value for key in _PATH_KEYS if isinstance(value := every.get(key), str)), "")
    if status is None or not path:
        return ""
    method = next((value for key in _METHOD_KEYS if isinstance(value := every.get(key), str)), "GET")
    return f"{method} {path.partition('?')[0][:MAX_PART]} {int(status)}"


def _logfmt(text: str) -> Record:
    fields = {found["key"]: found["quoted"] if found["quoted"] is not None else found["bare"] for found in _pairs(text)}
    message = fields.get("msg") or fields.get("message") or ""
    stated = next((fields[key] for key in _LEVEL_KEYS if key in fields), "")
    asked = _request_of({key: int(value) if value.isdigit() else value for key, value in fields.items()})
    said = f"{message} {asked}".strip()
    return Record(said or text, named(stated), _error_of(dict(fields)))


def _pairs(text: str) -> list[re.Match[str]]:
    return list(_PAIR.finditer(text[: 4 * MAX_PART]))


def _request(match: re.Match[str]) -> str:
    """A request as access logs write it, without what only tells callers apart."""
    agent = match["agent"] or ""
    probe = " kube-probe" if agent.startswith("kube-probe/") else ""
    return f"{match['method']} {match['path']} {match['status']}{probe}"
