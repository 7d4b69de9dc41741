"""A model that says what a test tells it to."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from assistant.agent.models.port import ModelReply, ModelRequest, ModelUnavailable, ToolCall
from assistant.conversation import Usage

Reply = ModelReply | ModelUnavailable | Callable[[ModelRequest], ModelReply]


class ScriptedModel:
    """Replies in order; a callable is asked with the request, an error is raised. `requests`: what it was asked.

    Asked once more than it has replies, it raises AssertionError: a test then fails where it should.
    """

    def __init__(self, replies: Sequence[Reply], name: str = "scripted") -> None:
        self._replies = list(replies)
        self._name = name
        self.requests: list[ModelRequest] = []

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The next reply."""
        self.requests.append(request)
        if not self._replies:
            raise AssertionError(f"The script has no reply left for request {len(self.requests)}")
        reply = self._replies.pop(0)
        if isinstance(reply, ModelUnavailable):
            raise reply
        return reply if isinstance(reply, ModelReply) else reply(request)


def calling(*calls: tuple[str, dict[str, Any] | str], usage: Usage | None = None) -> ModelReply:
    """A reply that calls tools: pairs of name and arguments, a string being sent as it is."""
    written = tuple(
        ToolCall(f"call_{index}", name, arguments if isinstance(arguments, str) else json.dumps(arguments))
        for index, (name, arguments) in enumerate(calls)
    )
    return ModelReply(written, usage=usage or Usage(calls=1))


def saying(text: str) -> ModelReply:
    """A reply in words, without a call."""
    return ModelReply((), text, Usage(calls=1))
