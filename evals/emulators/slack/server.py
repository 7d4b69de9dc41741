"""The HTTP side of the workspace: Web API, sockets, uploads, response URLs, on loopback."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from evals.emulators.slack.errors import SlackError
from evals.emulators.slack.events import Events
from evals.emulators.slack.faults import Fault, Faults, RateLimits
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.methods.table import METHODS, Method
from evals.emulators.slack.model import Json
from evals.emulators.slack.response_urls import ResponseUrls
from evals.emulators.slack.socket import SocketMode
from evals.emulators.slack.state import Workspace

MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ApiCall:
    """One Web API call as it arrived and what it was answered. `status` is HTTP's, 0 for a broken connection."""

    method: str
    arguments: Mapping[str, Any]
    status: int
    answer: Json


@dataclass
class Server:
    workspace: Workspace
    events: Events
    socket: SocketMode
    response_urls: ResponseUrls
    faults: Faults
    rate_limits: RateLimits
    calls: list[ApiCall] = field(default_factory=list)
    installed: bool = True
    base_url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. `base_url` is set afterwards."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self.socket.handle)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_post("/response/{key}", self._response_url)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.base_url = self.response_urls.base_url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        await self.socket.drop()
        if self._runner:
            await self._runner.cleanup()

    # -- Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments = await _arguments(request)
        fault = self.faults.take(name)
        if fault and fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault and not fault.after_effect and (spoilt := self._spoilt(name, arguments, fault, request)):
            return spoilt
        answer, status, headers = self._answer(name, arguments, request)
        if fault and fault.after_effect and (spoilt := self._spoilt(name, arguments, fault, request)):
            return spoilt
        self._record(ApiCall(name, arguments, status, answer))
        return web.json_response(answer, status=status, headers=headers)

    def _spoilt(self, name: str, arguments: Json, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        """What a planned fault answers instead; None when it only delays."""
        if fault.disconnect:
            self._record(ApiCall(name, arguments, 0, {}))
            if request.transport:
                request.transport.abort()
            return web.Response()
        if fault.error is None:
            return None
        answer = {"ok": False, "error": fault.error}
        self._record(ApiCall(name, arguments, fault.status, answer))
        retry_after = fault.retry_after_seconds
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        return web.json_response(answer, status=fault.status, headers=headers)

    def _answer(self, name: str, arguments: Json, request: web.Request) -> tuple[Json, int, dict[str, str]]:
        method = METHODS.get(name)
        if method is None:
            return {"ok": False, "error": "unknown_method", "req_method": name}, 200, {}
        try:
            self._authorize(method, request.headers.get("Authorization"), arguments)
            if wait := self._over_limit(name, method, arguments):
                return {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)}
            call = Call(arguments, self.workspace, self.events, self.base_url, self._new_socket_url)
            call.need(*method.scopes)
            answer = {"ok": True, **method.handler(call)}
        except SlackError as error:
            answer = {"ok": False, "error": error.code, **error.extra}
        granted = ",".join(sorted(self.workspace.app.scopes or ()))
        return answer, 200, {"X-OAuth-Scopes": granted, "X-Accepted-OAuth-Scopes": ",".join(method.scopes)}

    def _authorize(self, method: Method, header: str | None, arguments: Json) -> None:
        if method.token == "none":  # noqa: S105  # the kind of token
            return
        token = header.removeprefix("Bearer ").strip() if header else arguments.get("token")
        app = self.workspace.app
        if not token:
            raise SlackError("not_authed")
        if token not in {app.bot_token, app.app_token}:
            raise SlackError("invalid_auth")
        if not self.installed:
            raise SlackError("account_inactive")
        if token != (app.app_token if method.token == "app" else app.bot_token):  # noqa: S105  # the kind of token
            raise SlackError("not_allowed_token_type")

    def _over_limit(self, name: str, method: Method, arguments: Json) -> int | None:
        per_channel = name in {"chat.postMessage", "assistant.threads.setStatus"}
        where = str(arguments.get("channel") or arguments.get("channel_id")) if per_channel else ""
        return self.rate_limits.retry_after(f"{name} {where}", method.per_minute)

    def _record(self, call: ApiCall) -> None:
        self.calls.append(call)
        self.workspace.changes.notify()

    def _new_socket_url(self) -> str:
        address = self.base_url.replace("http", "ws", 1)
        return f"{address}/link?ticket={self.socket.new_ticket()}&app_id={self.workspace.app.id}"

    # -- files and response URLs

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.completed:
            return web.Response(status=404, text="file not found")
        if request.content_type.startswith("multipart/"):
            parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
            file.content = parts[0].file.read() if parts else b""
        else:
            file.content = await request.read()
        file.uploaded, file.size = True, len(file.content)
        return web.Response(text=f"OK - {file.size}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        allowed = request.headers.get("Authorization") == f"Bearer {self.workspace.app.bot_token}"
        if file is None or not allowed or not self.workspace.app.may("files:read"):
            # Slack answers with its sign-in page, not with an error status.
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _response_url(self, request: web.Request) -> web.Response:
        try:
            self.response_urls.use(request.match_info["key"], await request.json())
        except SlackError as error:
            status = 404 if error.code in {"expired_url", "used_url"} else 400
            return web.json_response({"ok": False, "error": error.code, **error.extra}, status=status)
        return web.Response(text="ok")


async def _arguments(request: web.Request) -> Json:
    """Arguments from the query, a form or a JSON body, as the SDKs send them."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        found |= json.loads(body) if body else {}
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        found |= dict(await request.post())
    return found
