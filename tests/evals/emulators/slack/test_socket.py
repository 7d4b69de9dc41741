"""Connections as Slack hands them out."""

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from tests.builders.slack_bot import client_for, make_workspace


async def open_url(workspace) -> str:
    answer = await client_for(workspace).apps_connections_open(app_token=workspace.app.app_token)
    return answer["url"]


async def test_a_ticket_opens_one_connection() -> None:
    async with make_workspace() as workspace, ClientSession() as http:
        url = await open_url(workspace)
        async with http.ws_connect(url) as socket:
            hello = await socket.receive_json()
            with pytest.raises(WSServerHandshakeError):
                await http.ws_connect(url)

    assert hello["type"] == "hello"
    assert hello["connection_info"] == {"app_id": "A0INFRA"}


async def test_the_eleventh_connection_is_sent_away() -> None:
    async with make_workspace() as workspace, ClientSession() as http:
        sockets = [await http.ws_connect(await open_url(workspace)) for _ in range(11)]
        first = [await socket.receive_json() for socket in sockets]
        closed = await sockets[-1].receive()

    assert [message["type"] for message in first] == ["hello"] * 10 + ["disconnect"]
    assert first[-1]["reason"] == "too_many_websockets"
    assert closed.type == WSMsgType.CLOSE


async def test_an_envelope_waits_for_a_connection() -> None:
    async with make_workspace() as workspace, ClientSession() as http:
        workspace.as_user("alice").say("hello", "shop")
        async with http.ws_connect(await open_url(workspace)) as socket:
            await socket.receive_json()
            envelope = await socket.receive_json()
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
            await workspace.wait_for(lambda: workspace.deliveries[0].ack)

    assert (envelope["type"], envelope["retry_attempt"]) == ("events_api", 0)
    assert envelope["accepts_response_payload"] is False


async def test_a_warning_of_a_restart_is_a_message() -> None:
    async with make_workspace() as workspace, ClientSession() as http:
        socket = await http.ws_connect(await open_url(workspace))
        await socket.receive_json()
        await workspace.socket.disconnect("warning")
        message = await socket.receive_json()

    assert (message["type"], message["reason"]) == ("disconnect", "warning")
