"""Finds tool calls that a model wrote as text: small and local models do that even when tools are offered."""

import ast
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from assistant.agent.models.port import ToolCall

MAX_TEXT = 20_000
MAX_CALLS = 6
MAX_STARTS = 40  # JSON is tried from so many braces: text with thousands of them is no call

_NAME_KEYS = ("tool", "name", "function", "tool_name")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input")
_FUNCTION_TAG = re.compile(r"<function=([\w.-]{1,64})>")
_PYTHON_CALL = re.compile(r"\b([a-z_]{2,64})\(")


def parse_calls(text: str, names: Collection[str]) -> tuple[ToolCall, ...]:
    """Calls in the order they were written, at most MAX_CALLS. Ids are empty.

    Read are JSON objects, alone, in fences, in tags or in a list, with the name and arguments under any usual key;
    `<function=name>{...}`; and `name(key="value")` for a known name. Never raises.
    """
    text = text[:MAX_TEXT]
    found = [_as_call(value, names) for value in _json_values(text)]
    calls = [call for call in found if call] or list(_tagged(text)) or list(_python_calls(text, names))
    return tuple(calls[:MAX_CALLS])


def _json_values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    position, starts = 0, 0
    while starts < MAX_STARTS and (start := text.find("{", position)) >= 0:
        starts += 1
        try:
            value, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            position = start + 1
            continue
        yield value


def _as_call(value: Any, names: Collection[str]) -> ToolCall | None:
    if not isinstance(value, dict):
        return None
    for wrapper in ("call", "tool_call", "function"):
        if isinstance(value.get(wrapper), dict):
            return _as_call(value[wrapper], names)
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is None:
        return _keyed_by_name(value, names)
    arguments = next((value[key] for key in _ARGUMENT_KEYS if key in value), None)
    if arguments is None and name not in names:
        return None
    return ToolCall("", name, _json_text(arguments))


def _keyed_by_name(value: dict[str, Any], names: Collection[str]) -> ToolCall | None:
    if len(value) != 1:
        return None
    name, arguments = next(iter(value.items()))
    return ToolCall("", name, _json_text(arguments)) if name in names else None


def _json_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)


def _tagged(text: str) -> Iterator[ToolCall]:
    for tag in _FUNCTION_TAG.finditer(text):
        arguments = next(_json_values(text[tag.end() :]), None)
        if isinstance(arguments, dict):
            yield ToolCall("", tag[1], _json_text(arguments))


def _python_calls(text: str, names: Collection[str]) -> Iterator[ToolCall]:
    for start in _PYTHON_CALL.finditer(text):
        if start[1] in names:
            arguments = _keywords(text[start.start() :])
            if arguments is not None:
                yield ToolCall("", start[1], _json_text(arguments))


def _keywords(text: str) -> dict[str, Any] | None:
    """Keyword arguments of a call that starts the text and ends on its line; None when they are no literals."""
    line = text.split("\n", 1)[0]
    end = line.rfind(")")
    try:
        call = ast.parse(line[: end + 1], mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            return None
        return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
