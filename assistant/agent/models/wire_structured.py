"""Wire mode `structured`: one JSON object per reply, held by a schema; for servers whose tool calls are weak."""

import json
from collections.abc import Iterable
from typing import Any

from assistant.agent.models.capabilities import Capabilities
from assistant.agent.models.port import ChatMessage, ModelRequest, ToolCall, ToolSchema
from assistant.agent.models.text_calls import parse_calls
from assistant.agent.models.unbounded import with_small_bounds, without_bounds

_HOW = 'Reply with one JSON object and nothing else: {"call": {"tool": NAME, "arguments": {...}}}. The tools:'


def structured_body(request: ModelRequest, can: Capabilities) -> dict[str, Any]:
    """Messages with the tools as one-line signatures, earlier calls as text, and the response schema."""
    messages = _alternating(_as_text(message, request, can) for message in request.messages)
    return {"messages": messages} | ({"response_format": _format(request.tools, can)} if can.response_format else {})


def structured_calls(message: dict[str, Any], request: ModelRequest) -> tuple[ToolCall, ...]:
    """The call of a reply."""
    return parse_calls(message.get("content") or "", {tool.name for tool in request.tools})[:1]


def _format(tools: tuple[ToolSchema, ...], can: Capabilities) -> dict[str, Any]:
    if not can.json_schema:
        return {"type": "json_object"}
    bound = with_small_bounds if can.bounds else without_bounds
    calls = [_call_schema(tool.name, bound(tool.parameters)) for tool in tools]
    call = calls[0] if len(calls) == 1 else {"anyOf": calls}
    wrapped = {"type": "object", "properties": {"call": call}, "required": ["call"], "additionalProperties": False}
    schema = {"name": "tool_call", "schema": wrapped} | ({"strict": True} if can.strict else {})
    return {"type": "json_schema", "json_schema": schema}


def _call_schema(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tool": {"type": "string", "const": name}, "arguments": parameters},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _as_text(message: ChatMessage, request: ModelRequest, can: Capabilities) -> ChatMessage:
    match message["role"]:
        case "system":
            signatures = "\n".join(_signature(tool) for tool in request.tools)
            role = "developer" if can.developer_role else "system"
            return {"role": role, "content": f"{message['content']}\n\n{_HOW}\n{signatures}"}
        case "assistant" if message.get("tool_calls"):
            return {"role": "assistant", "content": "\n".join(_written(call) for call in message["tool_calls"])}
        case "tool":
            return {"role": "user", "content": message["content"]}
        case _:
            return message


def _written(call: dict[str, Any]) -> str:
    function = call["function"]
    return f'{{"call": {{"tool": {json.dumps(function["name"])}, "arguments": {function["arguments"]}}}}}'


def _signature(tool: ToolSchema) -> str:
    arguments = ", ".join(f"{name}: {_kind(part)}" for name, part in tool.parameters["properties"].items())
    return f"- {tool.name}({arguments}): {tool.description}"


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return "|".join(_kind(part) for part in schema["anyOf"])
    kinds = schema.get("type", "any")
    if kinds == "array":
        return f"[{_kind(schema['items'])}]"
    if kinds == "object":
        return "{" + ", ".join(f"{name}: {_kind(part)}" for name, part in schema["properties"].items()) + "}"
    return kinds if isinstance(kinds, str) else "|".join(kinds)


def _alternating(messages: Iterable[ChatMessage]) -> list[ChatMessage]:
    """Neighbours of one role become one message: chat templates of some models refuse two users in a row."""
    joined: list[ChatMessage] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1] = {**message, "content": f"{joined[-1]['content']}\n\n{message['content']}"}
        else:
            joined.append(message)
    return joined
