"""What the messages of a thread say: the person's words, what was called before, what came back in this turn."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.agent.models.port import ChatMessage
from assistant.agent.models.rules.tasks import When
from assistant.agent.transcript import asked_at, last_said, returned, said

_HEADER = re.compile(r"\[from [^;\n]*?, teams (?P<teams>[^;\n]*); \S+, (?P<zone>\S+)\]\n")


@dataclass(frozen=True)
class Called:
    """A call of the model and what came back; `result` and `error` are None while nothing did.

    `saw`: objects an earlier turn's call observed, as "Deployment shop-staging/checkout".
    """

    tool: str
    args: dict[str, Any]
    result: Any = None
    error: dict[str, Any] | None = None
    saw: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """One turn before: what the person wrote, what was called then, and the assistant's words that closed it."""

    text: str
    calls: tuple[Called, ...]
    closing: str

    @property
    def question(self) -> tuple[str, ...] | None:
        """The choices offered when the turn ended with a question, else None."""
        first, *lines = self.closing.split("\n- ")
        return tuple(line.strip() for line in lines) if first.rstrip().endswith("?") else None


@dataclass(frozen=True)
class Thread:
    """A conversation up to now: earlier turns, oldest first, then this turn's words and calls."""

    earlier: tuple[Earlier, ...]
    text: str
    when: When
    teams: tuple[str, ...]
    calls: tuple[Called, ...]


def read_thread(messages: Sequence[ChatMessage]) -> Thread:
    """Sort the messages. Words that are not a person's (notices, tool results) are never read as a request."""
    listed = list(messages)
    now = last_said(listed) if any(said(message) is not None for message in listed) else len(listed)
    starts = [index for index, message in enumerate(listed) if said(message) is not None and index < now]
    ends = [*starts, now][1:]
    earlier = tuple(
        Earlier(said(listed[start]) or "", _calls(listed[start:end]), _closing(listed[start:end]))
        for start, end in zip(starts, ends, strict=True)
    )
    if now == len(listed):
        return Thread((), "", When(), (), ())
    teams, zone = _header(listed[now])
    return Thread(earlier, said(listed[now]) or "", When(asked_at(listed[now]), zone), teams, _calls(listed[now:]))


def _header(message: ChatMessage) -> tuple[tuple[str, ...], str]:
    header = _HEADER.match(message["content"])
    if not header:
        return (), "UTC"
    teams = tuple(team.strip() for team in header["teams"].split(",") if team.strip() not in {"", "none"})
    return teams, header["zone"]


def _closing(messages: Sequence[ChatMessage]) -> str:
    words = [message["content"] for message in messages if message["role"] == "assistant" and message.get("content")]
    return str(words[-1]) if words else ""


def _calls(messages: Sequence[ChatMessage]) -> tuple[Called, ...]:
    bodies = {message.get("tool_call_id"): returned(message) for message in messages if message["role"] == "tool"}
    return tuple(
        _called(call["function"], back.body if (back := bodies.get(call["id"])) else {})
        for message in messages
        for call in message.get("tool_calls") or ()
    )


def _called(function: dict[str, Any], body: dict[str, Any]) -> Called:
    saw = tuple(str(ref) for ref in body.get("saw") or ())
    return Called(function["name"], _object(function["arguments"]), body.get("result"), body.get("error"), saw)


def _object(text: str) -> dict[str, Any]:
    """Arguments as another model wrote them: broken JSON says nothing."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
