"""`serve` on the embedded world: over HTTP and over sockets, until it is told to stop."""

import asyncio

import httpx2
import pytest

from assistant.cli.serve import serve
from assistant.settings import SlackSettings, WebSettings
from tests.builders.assistant_bot import embedded_cluster, workspace

TIMEOUT = 30


@pytest.fixture
async def shop(tmp_path):
    async with embedded_cluster(tmp_path) as (_cluster, settings):
        yield settings


async def until_up(port: int) -> int:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(TIMEOUT):
        while True:
            try:
                return (await client.get("/readyz")).status_code
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)


async def stopped(running: asyncio.Task[int], stop: asyncio.Event) -> int:
    stop.set()
    async with asyncio.timeout(TIMEOUT):
        return await running


async def test_slack_over_http_is_answered_and_health_is_told(shop, unused_tcp_port):
    async with workspace() as slack:
        tokens = SlackSettings(
            mode="http",
            bot_token=slack.app.bot_token,
            signing_secret=slack.app.signing_secret,
            api_url=slack.api_url,
        )
        chosen = shop.model_copy(
            update={"slack": tokens, "web": WebSettings(port=unused_tcp_port), "drain_seconds": 2.0}
        )
        stop = asyncio.Event()
        running = asyncio.create_task(serve(chosen, stop=stop))

        ready = await until_up(unused_tcp_port)
        await slack.use_http(f"http://127.0.0.1:{unused_tcp_port}/slack/events")
        slack.as_user("alice").mention("who owns cart?", "shop")
        await slack.wait_for_message("owned by", timeout=TIMEOUT)

        assert ready == 200
        assert await stopped(running, stop) == 0


async def test_sockets_are_open_before_it_says_it_is_ready(shop, unused_tcp_port):
    async with workspace() as slack:
        tokens = SlackSettings(bot_token=slack.app.bot_token, app_token=slack.app.app_token, api_url=slack.api_url)
        chosen = shop.model_copy(
            update={"slack": tokens, "web": WebSettings(port=unused_tcp_port), "drain_seconds": 2.0}
        )
        stop = asyncio.Event()
        running = asyncio.create_task(serve(chosen, stop=stop))

        ready = await until_up(unused_tcp_port)
        slack.as_user("alice").dm("who owns cart?")
        await slack.wait_for_message("owned by", timeout=TIMEOUT)

        assert ready == 200
        assert len(slack.socket.sockets) == 2
        assert await stopped(running, stop) == 0


async def test_without_tokens_it_says_which_are_missing(shop, capsys):
    code = await serve(shop, stop=asyncio.Event())

    assert code == 2
    assert "SLACK__BOT_TOKEN" in capsys.readouterr().err
