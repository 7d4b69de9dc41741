"""Wire mode `tools`: native tool calls, one of which is required."""

from typing import Any

from assistant.agent.models.capabilities import Capabilities
from assistant.agent.models.port import ChatMessage, ModelRequest, ToolCall, ToolSchema
from assistant.agent.models.text_calls import parse_calls
from assistant.agent.models.unbounded import without_bounds


def tools_body(request: ModelRequest, can: Capabilities) -> dict[str, Any]:
    """Messages and tools of a Chat Completions request; equal requests give equal bytes."""
    body: dict[str, Any] = {
        "messages": [_message(message, can) for message in request.messages],
        "tools": [_tool(tool, can) for tool in request.tools],
        "tool_choice": "required" if can.required else "auto",
    }
    return body | ({"parallel_tool_calls": True} if can.parallel_tool_calls else {})


def tools_calls(message: dict[str, Any], request: ModelRequest) -> tuple[ToolCall, ...]:
    """The calls of a reply; when there are none, those it wrote as text."""
    native = [_call(call) for call in message.get("tool_calls") or () if isinstance(call, dict)]
    calls = tuple(call for call in native if call)
    return calls or parse_calls(message.get("content") or "", {tool.name for tool in request.tools})


def _message(message: ChatMessage, can: Capabilities) -> ChatMessage:
    return {**message, "role": "developer"} if message["role"] == "system" and can.developer_role else message


def _tool(tool: ToolSchema, can: Capabilities) -> dict[str, Any]:
    parameters = tool.parameters if can.bounds else without_bounds(tool.parameters)
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function | ({"strict": True} if can.strict else {})}


def _call(call: dict[str, Any]) -> ToolCall | None:
    function = call.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    arguments = function.get("arguments")
    return ToolCall(str(call.get("id") or ""), function["name"], arguments if isinstance(arguments, str) else "")
