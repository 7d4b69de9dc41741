"""Replies recorded from a real model, found again by the whole request they answered."""

import asyncio
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rfc8785

from assistant.agent.models.port import ChatModel, ModelReply, ModelRequest, ToolCall
from assistant.conversation import Usage


class NotRecorded(LookupError):
    """No reply was recorded for a request: a prompt, a schema or a tool's result is no longer what it was."""


def request_key(request: ModelRequest) -> str:
    """sha256 of the request's canonical JSON (RFC 8785): messages, tools and end user."""
    whole: dict[str, Any] = json.loads(json.dumps(asdict(request)))
    return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()


class ReplayModel:
    """Answers from a file of recordings: one JSON object a line with `key`, `model`, `asked` and `reply`."""

    def __init__(self, recordings: dict[str, ModelReply], name: str, source: str) -> None:
        self._recordings = recordings
        self._name = name
        self._source = source

    @classmethod
    def load(cls, path: Path) -> "ReplayModel":
        """Read a recording. A later line of the same key wins. An absent file holds nothing."""
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        rows = [json.loads(line) for line in lines if line.strip()]
        name = rows[-1]["model"] if rows else "none"
        return cls({row["key"]: _reply(row["reply"]) for row in rows}, f"replay of {name}", str(path))

    @property
    def name(self) -> str:
        """ "replay of " and the model that was recorded."""
        return self._name

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The recorded reply. Raises NotRecorded."""
        key = request_key(request)
        if key not in self._recordings:
            raise NotRecorded(
                f"{self._source} has no reply for request {key[:12]} (last message: {_last(request)}). "
                "Record it again with the real model if the change was meant."
            )
        return self._recordings[key]


class RecordingModel:
    """Passes requests on and appends each reply to a file that `ReplayModel` reads."""

    def __init__(self, model: ChatModel, path: Path) -> None:
        self._model = model
        self._path = path

    @property
    def name(self) -> str:
        """The name of the recorded model."""
        return self._model.name

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The reply of the recorded model. Raises ModelUnavailable; that is not recorded."""
        reply = await self._model.complete(request)
        row = {"key": request_key(request), "model": self.name, "asked": _last(request), "reply": _row(reply)}
        await asyncio.to_thread(self._append, json.dumps(row, ensure_ascii=False))
        return reply

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _last(request: ModelRequest) -> str:
    return str(request.messages[-1].get("content") or "")[:80]


def _row(reply: ModelReply) -> dict[str, Any]:
    calls = [asdict(call) for call in reply.calls]
    return {"calls": calls, "text": reply.text, "usage": reply.usage.model_dump(), "cut": reply.cut}


def _reply(row: dict[str, Any]) -> ModelReply:
    calls = tuple(ToolCall(**call) for call in row["calls"])
    return ModelReply(calls, row["text"], Usage.model_validate(row["usage"]), row["cut"])
