"""Serves the page of a workspace on loopback: its files, a feed of what a person sees, and what they do."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.errors import CannotSubmit, NotOnScreen
from evals.emulators.slack.face.actions import ACTIONS
from evals.emulators.slack.face.feed import feed
from evals.emulators.slack.face.files import shared_file, visible_file
from evals.emulators.slack.face.reading import Reading
from evals.emulators.slack.model import Json, User
from evals.emulators.slack.person import Person

STATIC = Path(__file__).parent / "static"
MAX_BODY_BYTES = 32 * 1024 * 1024
HEADERS = {
    # Nothing of a message can run or load anything, whatever the page draws.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Face:
    """Use as an async context manager around a running emulator; `url` is where the page is.

    `?as=HANDLE` chooses who looks; without it the first person does.
    """

    def __init__(self, emulator: SlackEmulator, port: int = 0) -> None:
        """Port 0 takes a free one; it listens on 127.0.0.1 only."""
        self.url = ""
        self._emulator = emulator
        self._port = port
        self._reading = Reading()
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        app.router.add_get("/", self._page)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/feed", self._feed)
        app.router.add_post("/do/{action}", self._do)
        app.router.add_post("/read", self._read)
        app.router.add_post("/upload", self._upload)
        app.router.add_get("/files/{file}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in list(self._sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    def mark_all_read(self) -> None:
        """Everything there is now counts as read by everybody: for a workspace that starts with a history."""
        state = self._emulator.state
        for message in state.messages.values():
            for user in state.channels[message.channel].members:
                self._reading.mark(user, message.channel, message.ts)
        state.changes.notify()

    # -- who asks

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse other sites that a browser on this machine has open, and names that were bound to loopback."""
        own = {self.url.rstrip("/"), self.url.rstrip("/").replace("127.0.0.1", "localhost")}
        if f"http://{request.host}" not in own or request.headers.get("Origin", f"http://{request.host}") not in own:
            return web.Response(status=403, text="only this page may ask")
        response = await handler(request)
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    def _viewer(self, request: web.Request) -> User:
        state = self._emulator.state
        name = request.query.get("as")
        people = [user for user in state.users.values() if not user.is_bot]
        found = [user for user in people if name in {None, "", user.handle, user.id}]
        if not found:
            raise web.HTTPNotFound(text=f"no person {name!r} in this workspace")
        return found[0]

    def _person(self, request: web.Request) -> Person:
        return self._emulator.as_user(self._viewer(request).id)

    # -- what they see

    async def _page(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        viewer = self._viewer(request)
        self._emulator.state.direct_message(viewer.id)
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._sockets.add(socket)
        sender = asyncio.create_task(feed(socket, self._emulator.state, viewer, self._reading))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._sockets.discard(socket)
            sender.cancel()
            await asyncio.wait([sender])
        return socket

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return visible_file(self._emulator.state, self._viewer(request), request.match_info["file"])

    # -- what they do

    async def _do(self, request: web.Request) -> web.Response:
        action = ACTIONS.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound(text="no such action")
        try:
            return web.json_response(await action.model_validate(await request.json()).run(self._person(request)))
        except ValidationError as error:
            return _refusal(400, str(error))
        except CannotSubmit as error:
            block_id, _, text = str(error).partition(": ")
            return _refusal(422, text, block_id=block_id)
        except (NotOnScreen, KeyError) as error:
            return _refusal(409, str(error.args[0]))

    async def _read(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self._reading.mark(self._viewer(request).id, str(body["channel"]), str(body["ts"])):
            self._emulator.state.changes.notify()
        return web.json_response({})

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(await shared_file(self._person(request), request))
        except (NotOnScreen, KeyError) as error:
            return _refusal(409, str(error.args[0]))


def _refusal(status: int, problem: str, **more: str) -> web.Response:
    body: Json = {"problem": problem, **more}
    return web.json_response(body, status=status)
