"""A workspace with an app connected to it by the real Bolt: over Socket Mode or over signed HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.model import App


def now() -> datetime:
    return datetime.now(UTC)


class MovableClock:
    """The real time plus what a test adds to it."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return now() + self.offset

    def forward(self, **amount: float) -> None:
        self.offset += timedelta(**amount)


def make_workspace(app: App | None = None, clock=now) -> SlackEmulator:
    """alice and bob in #shop, with the app; bob also in the private #ops, without it. Retries come at once."""
    workspace = SlackEmulator(clock, app)
    workspace.add_user("alice", email="alice@example.com")
    workspace.add_user("bob", email="bob@example.com")
    workspace.add_channel("shop", ["alice", "bob"])
    workspace.add_channel("ops", ["bob"], kind="private", bot=False)
    workspace.outbox.retry_after_seconds = (0.0, 0.01, 0.02)
    return workspace


def client_for(workspace: SlackEmulator, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token=token or workspace.app.bot_token, base_url=workspace.api_url, timeout=5)


def bolt_for(workspace: SlackEmulator) -> AsyncApp:
    return AsyncApp(client=client_for(workspace), signing_secret=workspace.app.signing_secret)


@asynccontextmanager
async def connected(workspace: SlackEmulator, bolt: AsyncApp, sockets: int = 1) -> AsyncIterator[None]:
    """Connect the Bolt app in Socket Mode, by `sockets` connections."""
    handlers = [AsyncSocketModeHandler(bolt, workspace.app.app_token, ping_interval=0.05) for _ in range(sockets)]
    for handler in handlers:
        await handler.connect_async()
    await workspace.wait_for(lambda: len(workspace.socket.sockets) == sockets)
    try:
        yield
    finally:
        for handler in handlers:
            await handler.close_async()


@asynccontextmanager
async def served(workspace: SlackEmulator, bolt: AsyncApp) -> AsyncIterator[str]:
    """Serve the Bolt app over HTTP and make the workspace send there; gives the request URL."""

    async def handle(request: web.Request) -> web.Response:
        bolt_request = AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        answer = await bolt.async_dispatch(bolt_request)
        return web.Response(status=answer.status, body=answer.body.encode(), headers=answer.first_headers())

    http = web.Application()
    http.router.add_post("/slack/events", handle)
    runner = web.AppRunner(http, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}/slack/events"
    try:
        await workspace.use_http(url)
        yield url
    finally:
        await runner.cleanup()
