"""The stored conversation of a thread. Plain JSON: the checkpointer reads it back with nothing but built-in types."""

from typing import Any, TypedDict

from assistant.agent.models.port import ChatMessage
from tools.contract import ObjectRef

MAX_OBSERVED = 300


class State(TypedDict):
    """`closed`: how many messages belong to finished turns; a crash leaves more. `observed`: objects, oldest first.

    `toolsets`: loaded in this thread, in order. `steps`: of the running turn. `final`: only an answer may follow.
    """

    messages: list[ChatMessage]
    closed: int
    toolsets: list[str]
    observed: list[dict[str, Any]]
    steps: int
    final: bool


def begun(stored: dict[str, Any], message: ChatMessage) -> State:
    """The state a turn starts from: what is stored of finished turns, and the person's message."""
    closed = stored.get("closed", 0)
    return State(
        messages=[*stored.get("messages", [])[:closed], message],
        closed=closed,
        toolsets=list(stored.get("toolsets", [])),
        observed=list(stored.get("observed", [])),
        steps=0,
        final=False,
    )


def observed_refs(state: State) -> list[ObjectRef]:
    """Objects that tools observed in earlier turns of the thread."""
    return [ObjectRef.model_validate(ref) for ref in state["observed"]]


def with_observed(state: State, seen: list[ObjectRef]) -> list[dict[str, Any]]:
    """The stored objects and the new ones, each once, the newest MAX_OBSERVED."""
    unique = dict.fromkeys([*observed_refs(state), *seen])
    return [ref.model_dump(mode="json") for ref in list(unique)[-MAX_OBSERVED:]]
