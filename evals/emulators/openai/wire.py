"""Replies as the API words them: one object, or chunks of a stream."""

import json
from collections.abc import Iterator
from typing import Any

from evals.emulators.openai.replies import Reply, ToolCall

Json = dict[str, Any]
CHUNK_CHARS = 12
CHARS_PER_TOKEN = 4  # a rough mean for English and JSON
DEFAULT_MAX_TOKENS = 256


def estimate_tokens(value: Any) -> int:
    """About how many tokens a text or JSON value is; at least one."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return max(1, len(text) // CHARS_PER_TOKEN)


def max_tokens(request: Json) -> int:
    return int(request.get("max_completion_tokens") or request.get("max_tokens") or DEFAULT_MAX_TOKENS)


def content_of(reply: Reply, request: Json) -> str | None:
    """The content, endless replies cut at the token limit."""
    return reply.endless * max_tokens(request) if reply.endless else reply.content


def finish_reason(reply: Reply) -> str:
    if reply.finish_reason:
        return reply.finish_reason
    return "length" if reply.endless else "tool_calls" if reply.calls else "stop"


def usage(reply: Reply, request: Json) -> Json:
    """Estimated tokens: messages, tools and format in, content and calls out."""
    prompt = sum(
        estimate_tokens(request[name]) for name in ("messages", "tools", "response_format") if request.get(name)
    )
    made = [one.name + one.arguments for one in reply.calls]
    completion = sum(estimate_tokens(text) for text in [content_of(reply, request), *made] if text)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def completion(reply: Reply, request: Json, *, number: int, created: int) -> Json:
    """The answer to a request without `stream`."""
    message: Json = {"role": "assistant", "content": content_of(reply, request), "refusal": None}
    if reply.calls:
        message["tool_calls"] = [_call_json(one, number, index) for index, one in enumerate(reply.calls)]
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": created,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(reply)}],
        "usage": usage(reply, request),
    }


def chunks(reply: Reply, request: Json, *, number: int, created: int) -> Iterator[Json]:
    """The same answer as stream chunks: role, pieces, finish reason and, when asked for, usage."""
    base = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion.chunk",
        "created": created,
        "model": request["model"],
    }

    def chunk(delta: Json, finish: str | None = None) -> Json:
        return {**base, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}

    content = content_of(reply, request)
    yield chunk({"role": "assistant", "content": None if content is None else ""})
    for piece in _pieces(content or ""):
        yield chunk({"content": piece})
    for index, one in enumerate(reply.calls):
        head = _call_json(one, number, index)
        yield chunk({"tool_calls": [{"index": index, **head, "function": {"name": one.name, "arguments": ""}}]})
        for piece in _pieces(one.arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, finish_reason(reply))
    if (request.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage(reply, request)}


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), CHUNK_CHARS):
        yield text[start : start + CHUNK_CHARS]


def _call_json(call: ToolCall, number: int, index: int) -> Json:
    call_id = call.id or f"call_{number}_{index}"
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
