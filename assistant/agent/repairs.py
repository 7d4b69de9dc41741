"""What is put right in a model's reply, what it is told, and when to stop."""

import json
from collections import Counter
from collections.abc import Sequence

from assistant.agent.calls import FaultKind
from assistant.agent.history import tool_calls
from assistant.agent.models.port import ChatMessage, ModelReply, ToolCall

MAX_FAULTS_OF_A_KIND = 1


def is_beyond_repair(faults: Counter[FaultKind]) -> bool:
    """Whether a kind of fault came again after it was explained, with no useful call between."""
    return any(count > MAX_FAULTS_OF_A_KIND for count in faults.values())


def repair_notice(reply: ModelReply) -> str:
    """What the model is told when it called nothing."""
    if reply.cut:
        return "Your reply was cut off because it was too long. Call one tool, with short arguments."
    if not reply.text.strip():
        return "Your reply was empty. Call one of the tools."
    return "Plain text is not delivered. Call one of the tools; to reply to the person, call `answer` or `ask`."


def well_formed(calls: Sequence[ToolCall], messages: Sequence[ChatMessage]) -> tuple[ToolCall, ...]:
    """The calls with ids that are unique in the conversation: some servers give none, or the same one each time."""
    used = {call.id for message in messages for call in tool_calls(message)}
    unique = []
    for index, call in enumerate(calls):
        known = call.id if call.id and call.id not in used else f"call_{len(messages)}_{index}"
        used.add(known)
        unique.append(ToolCall(known, call.name, call.arguments))
    return tuple(unique)


def sendable(arguments: str) -> str:
    """Arguments as history may carry them: chat templates of some servers fail on anything but a JSON object."""
    try:
        return arguments if isinstance(json.loads(arguments), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"
