"""What the conversation keeps of a turn: calls and arguments, a sentence for each result, how it ended."""

from typing import Any

from assistant.agent.models.port import ChatMessage, ToolCall
from assistant.agent.transcript import calls_message, data_message, said, text_message

MAX_TURNS = 12
KEPT_TURNS = 8  # cut in blocks, so that the prefix a provider caches moves once in four turns


def remembered(turn: list[ChatMessage], digests: dict[str, dict[str, Any]], closing: str) -> list[ChatMessage]:
    """The messages of one finished turn, small: calls without a digest (answers, faults) and notices are left out."""
    kept = [turn[0]]
    for message in turn[1:]:
        calls = tuple(call for call in tool_calls(message) if call.id in digests)
        if calls:
            kept.append(calls_message(calls))
            kept += [data_message(call, digests[call.id]) for call in calls]
    return [*kept, text_message(closing)]


def last_turns(messages: list[ChatMessage]) -> list[ChatMessage]:
    """All messages, or those of the newest KEPT_TURNS once there are more than MAX_TURNS."""
    starts = [index for index, message in enumerate(messages) if said(message) is not None]
    return messages[starts[-KEPT_TURNS] :] if len(starts) > MAX_TURNS else messages


def tool_calls(message: ChatMessage) -> tuple[ToolCall, ...]:
    """The calls of an assistant message; none for other messages."""
    return tuple(
        ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    )
