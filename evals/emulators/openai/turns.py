"""The shape of `messages`: every tool call answered before the next turn, every tool message an answer."""

from typing import Any

from evals.emulators.openai.problems import Refused

Json = dict[str, Any]
ROLES = ("system", "developer", "user", "assistant", "tool")
MAX_CALL_ID = 40


def check_messages(messages: Any) -> None:
    """Raise Refused for a conversation that the API would not take."""
    if not isinstance(messages, list) or not messages:
        raise Refused("[] is too short - 'messages'", param="messages")
    open_ids: list[str] = []
    answered: set[str] = set()
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        _check_shape(message, where)
        if message["role"] == "tool":
            _answer(message, open_ids, answered, where)
            continue
        _none_open(open_ids, answered, where)
        open_ids, answered = _call_ids(message, where), set()
    _none_open(open_ids, answered, "messages")


def _check_shape(message: Any, where: str) -> None:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ROLES:
        raise Refused(f"Invalid value: '{role}'.", param=f"{where}.role", code="invalid_value")
    content = message.get("content")
    if content is None and role == "assistant" and (message.get("tool_calls") or message.get("refusal")):
        return
    if not isinstance(content, (str, list)):
        raise Refused(
            f"Invalid value for 'content': expected a string, got {_json_type(content)}.", param=f"{where}.content"
        )
    for part in content if isinstance(content, list) else []:
        if not isinstance(part, dict) or "type" not in part:
            raise Refused(f"Missing required parameter: '{where}.content[0].type'.", param=f"{where}.content")


def _json_type(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _call_ids(message: Json, where: str) -> list[str]:
    calls = message.get("tool_calls")
    if calls is None:
        return []
    if not isinstance(calls, list) or not calls:
        raise Refused("[] is too short - 'tool_calls'", param=f"{where}.tool_calls", code="empty_array")
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        whole = isinstance(function, dict) and isinstance(function.get("arguments"), str) and function.get("name")
        if not whole or call.get("type") != "function" or not call.get("id"):
            raise Refused(f"Invalid '{where}.tool_calls[{index}]'.", param=f"{where}.tool_calls[{index}]")
        if len(call["id"]) > MAX_CALL_ID:
            raise Refused(
                f"Invalid '{where}.tool_calls[{index}].id': string too long.",
                param=f"{where}.tool_calls[{index}].id",
                code="string_above_max_length",
            )
    return [call["id"] for call in calls]


def _answer(message: Json, open_ids: list[str], answered: set[str], where: str) -> None:
    call_id = message.get("tool_call_id")
    if not open_ids:
        raise Refused(
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
            param=f"{where}.role",
        )
    if call_id not in open_ids:
        raise Refused(
            f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message.",
            param=f"{where}.tool_call_id",
        )
    answered.add(str(call_id))


def _none_open(open_ids: list[str], answered: set[str], where: str) -> None:
    if missing := [one for one in open_ids if one not in answered]:
        raise Refused(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(missing)}",
            param=where,
        )
