"""The conversation as chat messages: what a person said, what was called, what came back."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistant.agent.models.port import ChatMessage, ToolCall
from assistant.identity.principal import Principal

NOTICE = "[notice] "

_HEADER = re.compile(r"\[from [^\n]*; (?P<at>\S+), \S+\]\n")
_DATA = re.compile(r'<data tool="(?P<tool>[^"]*)">\n(?P<body>.*)\n</data>', re.DOTALL)


@dataclass(frozen=True)
class Returned:
    """What a tool message carries: `body` has "result", "error" or, for an earlier turn, "digest"."""

    tool: str
    body: dict[str, Any]


def system_message(prompt: str) -> ChatMessage:
    """The first message of each request."""
    return {"role": "system", "content": prompt}


def person_message(text: str, principal: Principal, at: datetime) -> ChatMessage:
    """Words of a person. Who and when stand in its first line, so that the system prompt stays the same for all."""
    teams = ", ".join(principal.teams) or "none"
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = f"[from {principal.id}, teams {teams}; {stamp}, {principal.timezone}]"
    return {"role": "user", "content": f"{header}\n{text}"}


def said(message: ChatMessage) -> str | None:
    """The person's own words, or None when the message is not a person's."""
    header = _HEADER.match(message["content"]) if message["role"] == "user" else None
    return message["content"][header.end() :] if header else None


def asked_at(message: ChatMessage) -> datetime | None:
    """When the person wrote it, UTC, or None when the message is not a person's."""
    header = _HEADER.match(message["content"]) if message["role"] == "user" else None
    return datetime.fromisoformat(header["at"]) if header else None


def notice_message(text: str) -> ChatMessage:
    """A word of code to the model, in the user's role: some chat templates allow one system message only."""
    return {"role": "user", "content": NOTICE + text}


def calls_message(calls: tuple[ToolCall, ...], text: str = "") -> ChatMessage:
    """The model's calls, as it wrote them."""
    return {"role": "assistant", "content": text or None, "tool_calls": [_call(call) for call in calls]}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def text_message(text: str) -> ChatMessage:
    """Plain words of the assistant: how an earlier turn ended."""
    return {"role": "assistant", "content": text}


def data_message(call: ToolCall, body: dict[str, Any]) -> ChatMessage:
    """What a tool returned. "<" is escaped inside, so that no log line can close the envelope."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    tool = re.sub(r"[^\w.-]", "_", call.name)[:64]
    return {"role": "tool", "tool_call_id": call.id, "content": f'<data tool="{tool}">\n{text}\n</data>'}


def returned(message: ChatMessage) -> Returned | None:
    """What a tool message carries, or None when the message is not a tool's."""
    envelope = _DATA.fullmatch(message["content"]) if message["role"] == "tool" else None
    return Returned(envelope["tool"], json.loads(envelope["body"])) if envelope else None


def last_said(messages: list[ChatMessage]) -> int:
    """Index of the message that began the current turn; 0 when nobody said anything."""
    return max((index for index, message in enumerate(messages) if said(message) is not None), default=0)
