"""What the agent needs of a language model."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.conversation import Usage

ChatMessage = dict[str, Any]
"""A Chat Completions message (role system, user, assistant or tool). Plain JSON: it is checkpointed."""


@dataclass(frozen=True)
class ToolSchema:
    """One callable: `parameters` is a strict JSON schema (all required, no defaults, everything bounded)."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it: `arguments` is untrusted JSON text, possibly broken."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ModelRequest:
    """Messages in order, system first, and the tools that may be called. One of the tools must be called.

    `end_user`: a stable, opaque id of the person for the provider's abuse detection.
    """

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSchema, ...]
    end_user: str = ""


@dataclass(frozen=True)
class ModelReply:
    """What came back. `calls` may be empty when the model only wrote `text`: the caller repairs or gives up.

    `cut`: the reply hit the provider's length limit, so that its last call may be broken.
    """

    calls: tuple[ToolCall, ...]
    text: str = ""
    usage: Usage = field(default_factory=Usage)
    cut: bool = False


class ModelUnavailable(Exception):
    """The provider does not answer, refuses or is misconfigured. The text says which and what to do."""


class ChatModel(Protocol):
    """A language model, or the rules that stand in for one."""

    @property
    def name(self) -> str:
        """Provider and model, as in "openai/gpt-5" or "rules"."""
        ...

    async def complete(self, request: ModelRequest) -> ModelReply:
        """One reply. Raises ModelUnavailable after the adapter's own retries; never blocks past its timeout."""
        ...
