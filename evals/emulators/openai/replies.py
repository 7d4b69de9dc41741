"""What a scripted model answers, good and bad."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """One tool call. `arguments` is the exact string on the wire, valid JSON or not."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True)
class Reply:
    """One answer. Unless something here says otherwise it is whole, correct and immediate.

    `cut_after` ends a stream after that many chunks without a finish reason, `abort` breaks the connection there.
    `stream_error` puts an error event there instead. `raw` replaces the whole body.
    """

    content: str | None = None
    calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    status: int = 200
    error: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    cut_after: int | None = None
    abort: bool = False
    stream_error: str | None = None
    raw: bytes | None = None
    raw_type: str = "application/json"
    endless: str | None = None


def text(content: str) -> Reply:
    return Reply(content=content)


def call(name: str, arguments: Any = None, *, call_id: str | None = None) -> ToolCall:
    """A tool call; a string stands for itself, anything else is dumped to JSON."""
    wire = arguments if isinstance(arguments, str) else json.dumps({} if arguments is None else arguments)
    return ToolCall(name, wire, call_id)


def calls(*tool_calls: ToolCall, content: str | None = None) -> Reply:
    """One or more tool calls, of any name, known to the request or not."""
    return Reply(content=content, calls=tool_calls)


def json_reply(value: Any) -> Reply:
    """What `response_format` json_schema gives: the value as content."""
    return Reply(content=json.dumps(value))


def call_as_text(name: str, arguments: Any, style: Literal["bare", "fenced", "tagged"] = "bare") -> Reply:
    """A call that small models write into the content instead of making it."""
    wire = json.dumps({"name": name, "arguments": arguments})
    shapes = {"bare": wire, "fenced": f"```json\n{wire}\n```", "tagged": f"<tool_call>\n{wire}\n</tool_call>"}
    return Reply(content=shapes[style])


def empty() -> Reply:
    """Neither text nor calls."""
    return Reply(content="")


def cut_by_length(reply: Reply, keep_chars: int = 10) -> Reply:
    """The same answer cut at the token limit: finish_reason `length`, text and arguments incomplete."""
    shortened = tuple(replace(one, arguments=one.arguments[:keep_chars]) for one in reply.calls)
    content = reply.content[:keep_chars] if reply.content else reply.content
    return replace(reply, content=content, calls=shortened, finish_reason="length")


def cut_stream(reply: Reply, after: int = 2, *, abort: bool = False) -> Reply:
    """The stream ends after `after` chunks, cleanly or with a broken connection."""
    return replace(reply, cut_after=after, abort=abort)


def error_in_stream(reply: Reply, message: str = "The server had an error", after: int = 1) -> Reply:
    return replace(reply, cut_after=after, stream_error=message)


def endless_blanks(blank: str = " \n") -> Reply:
    """Blanks until max_tokens, as grammar-less small models do when a tool call is required."""
    return Reply(endless=blank)


def raw(body: bytes, content_type: str = "application/json", status: int = 200) -> Reply:
    return Reply(raw=body, raw_type=content_type, status=status)


def slow(reply: Reply, seconds: float) -> Reply:
    return replace(reply, delay_seconds=seconds)


def failure(status: int, message: str = "The server had an error", *, code: str | None = None) -> Reply:
    """An API error with this HTTP status."""
    kind = "server_error" if status >= 500 else "invalid_request_error"  # HTTP's own border
    return Reply(status=status, error={"message": message, "type": kind, "param": None, "code": code})


def rate_limited(retry_after_seconds: float = 1) -> Reply:
    error = {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    return Reply(status=429, error=error, headers={"Retry-After": f"{retry_after_seconds:g}"})
