"""Chat Completions over the bare SDK: OpenAI, Azure, vLLM, Ollama, llama.cpp and any other compatible server."""

import json
from typing import Any, Literal

import httpx2
import openai

from assistant.agent.models.capabilities import Capabilities, for_server, learned
from assistant.agent.models.port import ModelReply, ModelRequest, ModelUnavailable, ToolCall
from assistant.agent.models.provider_errors import unavailable
from assistant.agent.models.wire_structured import structured_body, structured_calls
from assistant.agent.models.wire_tools import tools_body, tools_calls
from assistant.conversation import Usage

Wire = Literal["tools", "structured"]

CONNECT_SECONDS = 5.0
MAX_LESSONS = 6  # refused parameters left out one by one; more is a server that speaks something else

_REFUSED = (openai.BadRequestError, openai.UnprocessableEntityError)


def open_client(
    base_url: str | None, api_key: str, *, timeout_seconds: float = 60.0, max_retries: int = 2
) -> openai.AsyncOpenAI:
    """The one client of a process: the SDK retries 408, 409, 429, 5xx and lost connections with backoff."""
    timeout = httpx2.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
    key = api_key or "none"  # local servers need none, the SDK does
    return openai.AsyncOpenAI(base_url=base_url, api_key=key, timeout=timeout, max_retries=max_retries)


class OpenAIModel:
    """One model of one server. What the server refuses is learned once and left out from then on."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        model: str,
        *,
        wire: Wire = "tools",
        max_output_tokens: int = 1500,
        capabilities: Capabilities | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._wire = wire
        self._max_output_tokens = max_output_tokens
        self._base_url = str(client.base_url)
        self.capabilities = capabilities or for_server(self._base_url)

    @property
    def name(self) -> str:
        """ "openai/" and the model."""
        return f"openai/{self._model}"

    async def complete(self, request: ModelRequest) -> ModelReply:
        """POST /chat/completions, not streamed: a turn ends by calls, which are of no use in parts."""
        try:
            response = await self._send(request)
        except (openai.OpenAIError, httpx2.HTTPError) as exc:
            raise unavailable(exc, self._model, self._base_url) from exc
        return self._reply(_completion(response, self._model, self._base_url), request)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _send(self, request: ModelRequest) -> bytes:
        for _ in range(MAX_LESSONS):
            try:
                return await self._post(request)
            except _REFUSED as exc:
                lesson = learned(self.capabilities, f"{exc.param or ''} {exc.message}")
                if lesson is None:
                    raise
                self.capabilities = lesson
        return await self._post(request)

    async def _post(self, request: ModelRequest) -> bytes:
        can = self.capabilities
        wired = tools_body(request, can) if self._wire == "tools" else structured_body(request, can)
        body = can.sampling(self._model, self._max_output_tokens) | wired | _identifiers(request, can)
        raw = await self._client.chat.completions.with_raw_response.create(**body)
        content: bytes = raw.http_response.content
        return content

    def _reply(self, completion: dict[str, Any], request: ModelRequest) -> ModelReply:
        choice = completion["choices"][0]
        message = choice.get("message") or {}
        if choice.get("finish_reason") == "content_filter":
            raise ModelUnavailable("The provider's content filter stopped the reply. Ask in other words.")
        calls = (tools_calls if self._wire == "tools" else structured_calls)(message, request)
        cut = choice.get("finish_reason") == "length"
        text = message.get("content") or message.get("refusal") or ""
        return ModelReply(_whole(calls) if cut else calls, str(text).strip(), _usage(completion), cut)


def _identifiers(request: ModelRequest, can: Capabilities) -> dict[str, Any]:
    person = {"safety_identifier": request.end_user} if can.safety_identifier and request.end_user else {}
    return person | ({"prompt_cache_key": "infra-assistant"} if can.prompt_cache_key else {})


def _completion(content: bytes, model: str, base_url: str) -> dict[str, Any]:
    """The body, checked as far as it is read: proxies answer 200 with a page, some servers with an error."""
    try:
        body = json.loads(content)
        usable = isinstance(body["choices"][0], dict)
    except (ValueError, LookupError, TypeError) as exc:
        raise unavailable(exc, model, base_url) from exc
    if not usable:
        raise unavailable(TypeError("choices"), model, base_url)
    completion: dict[str, Any] = body
    return completion


def _whole(calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
    """The calls that were finished before the reply was cut."""
    return tuple(call for call in calls if _is_json(call.arguments))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _usage(completion: dict[str, Any]) -> Usage:
    usage = completion.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        calls=1,
        prompt_tokens=usage.get("prompt_tokens") or 0,
        cached_tokens=details.get("cached_tokens") or 0,
        completion_tokens=usage.get("completion_tokens") or 0,
    )
