"""The Bolt app, over Socket Mode or HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler, AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.listeners import Listeners

TIMEOUT_SECONDS = 10
QUICK_SECONDS = 3


def web_client(bot_token: str, api_url: str) -> AsyncWebClient:
    """A client that waits out 429 (Retry-After) twice and retries server errors once."""
    client = AsyncWebClient(token=bot_token, base_url=api_url.rstrip("/") + "/", timeout=TIMEOUT_SECONDS)
    client.retry_handlers += [
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        AsyncServerErrorRetryHandler(max_retry_count=1),
    ]
    return client


def quick_client(bot_token: str, api_url: str) -> AsyncWebClient:
    """A client for what may be left out (progress, status): no second attempt, and a short wait."""
    url = api_url.rstrip("/") + "/"
    return AsyncWebClient(token=bot_token, base_url=url, timeout=QUICK_SECONDS, retry_handlers=[])


def build_app(client: AsyncWebClient, listeners: Listeners, *, signing_secret: str | None) -> AsyncApp:
    """The app with every listener bound. `signing_secret` None: Socket Mode, where Slack signs nothing."""
    app = AsyncApp(
        client=client,
        token=client.token,
        signing_secret=signing_secret,
        request_verification_enabled=signing_secret is not None,
    )
    listeners.register(app)
    return app


@asynccontextmanager
async def connected(
    app: AsyncApp, app_token: str, *, sockets: int
) -> AsyncIterator[tuple[AsyncSocketModeHandler, ...]]:
    """Open sockets while the block runs. Two or more: Slack closes each now and then for a refresh."""
    handlers = tuple(AsyncSocketModeHandler(app, app_token) for _ in range(sockets))
    try:
        for handler in handlers:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # the SDK annotates it not
        yield handlers
    finally:
        for handler in handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the SDK annotates it not
