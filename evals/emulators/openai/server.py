"""The provider on loopback: POST /v1/chat/completions and GET /v1/models."""

import asyncio
import inspect
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from aiohttp import web

from evals.emulators.openai.problems import Refused
from evals.emulators.openai.replies import Reply
from evals.emulators.openai.validation import check_request
from evals.emulators.openai.wire import chunks, completion

Json = dict[str, Any]
Script = Callable[[Json], Reply | Awaitable[Reply]]
MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived and the HTTP status it was answered with."""

    body: Any
    headers: dict[str, str]
    status: int


@dataclass
class OpenAIEmulator:
    """Use as an async context manager. `script` is a queue of replies, or a function from request to reply.

    `models` empty takes any model. `api_key` None takes any key. `strict_schemas` off is a lenient compatible server.
    An exhausted queue answers 500, so that a test that asks once too often fails.
    """

    clock: Callable[[], datetime]
    script: Script | Iterable[Reply] = ()
    models: Sequence[str] = ()
    api_key: str | None = None
    strict_schemas: bool = True
    port: int = 0
    requests: list[Recorded] = field(default_factory=list)
    base_url: str = ""
    _queue: deque[Reply] = field(default_factory=deque)
    _runner: web.AppRunner | None = None
    _served: int = 0

    async def __aenter__(self) -> Self:
        if not callable(self.script):
            self._queue.extend(self.script)
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def then(self, *replies: Reply) -> None:
        """Queue further replies."""
        self._queue.extend(replies)

    @property
    def bodies(self) -> list[Json]:
        """The request bodies so far, refused ones included."""
        return [request.body for request in self.requests]

    async def _list_models(self, request: web.Request) -> web.Response:
        try:
            self._authorize(request)
        except Refused as refused:
            return web.json_response({"error": refused.error}, status=refused.status)
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "emulator"} for name in self.models]
        return web.json_response({"object": "list", "data": rows})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = _parsed(await request.read())
        try:
            self._authorize(request)
            check_request(body, strict_schemas=self.strict_schemas)
            self._check_model(body["model"])
        except Refused as refused:
            self._record(request, body, refused.status)
            return web.json_response({"error": refused.error}, status=refused.status)
        reply = await self._next(body)
        self._record(request, body, reply.status)
        await asyncio.sleep(reply.delay_seconds)
        if reply.error is not None:
            return web.json_response({"error": reply.error}, status=reply.status, headers=reply.headers)
        if reply.raw is not None:
            return web.Response(body=reply.raw, content_type=reply.raw_type, status=reply.status)
        return await self._answer(request, body, reply)

    async def _answer(self, request: web.Request, body: Json, reply: Reply) -> web.StreamResponse:
        self._served += 1
        number, created = self._served, int(self.clock().timestamp())
        if body.get("stream"):
            return await _stream(request, reply, chunks(reply, body, number=number, created=created))
        if reply.cut_after is not None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        return web.json_response(completion(reply, body, number=number, created=created))

    async def _next(self, body: Json) -> Reply:
        if callable(self.script) and not self._queue:
            answer = self.script(body)
            return await answer if inspect.isawaitable(answer) else answer
        if self._queue:
            return self._queue.popleft()
        message = "the script of this emulator has no reply left"
        return Reply(status=500, error={"message": message, "type": "server_error", "param": None, "code": None})

    def _authorize(self, request: web.Request) -> None:
        header = request.headers.get("Authorization", "")
        key = header.removeprefix("Bearer ").strip()
        if not key:
            raise Refused("You didn't provide an API key.", status=401)
        if self.api_key is not None and key != self.api_key:
            raise Refused("Incorrect API key provided.", status=401, code="invalid_api_key")

    def _check_model(self, model: str) -> None:
        if self.models and model not in self.models:
            message = f"The model `{model}` does not exist or you do not have access to it."
            raise Refused(message, status=404, code="model_not_found")

    def _record(self, request: web.Request, body: Any, status: int) -> None:
        self.requests.append(Recorded(body, dict(request.headers), status))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


async def _stream(request: web.Request, reply: Reply, events: Iterable[Json]) -> web.StreamResponse:
    """Send chunks as server-sent events, ending as the reply says."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", **reply.headers})
    await response.prepare(request)
    for index, event in enumerate(events):
        if reply.cut_after is not None and index >= reply.cut_after:
            return await _cut(request, response, reply)
        await response.write(f"data: {json.dumps(event)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


async def _cut(request: web.Request, response: web.StreamResponse, reply: Reply) -> web.StreamResponse:
    if reply.stream_error is not None:
        error = {"message": reply.stream_error, "type": "server_error", "param": None, "code": None}
        await response.write(f"data: {json.dumps({'error': error})}\n\n".encode())
    elif reply.abort and request.transport:
        await response.drain() if hasattr(response, "drain") else None
        request.transport.abort()
    return response
