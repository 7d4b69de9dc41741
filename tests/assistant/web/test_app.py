import httpx2
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from assistant.web.app import build_web


def ask(application):
    transport = httpx2.ASGITransport(app=application)
    return httpx2.AsyncClient(transport=transport, base_url="http://assistant")


async def holds() -> bool:
    return True


async def fails() -> bool:
    return False


async def test_the_process_is_alive_whatever_its_systems_do():
    async with ask(build_web({"database": fails})) as client:
        answer = await client.get("/healthz")

    assert answer.status_code == 200


@pytest.mark.parametrize(("check", "status"), [(holds, 200), (fails, 503)])
async def test_it_is_ready_when_every_check_holds(check, status):
    async with ask(build_web({"database": holds, "slack": check})) as client:
        answer = await client.get("/readyz")

    assert answer.status_code == status
    assert answer.json()["database"] is True


async def test_metrics_are_prometheus_text():
    async with ask(build_web({})) as client:
        answer = await client.get("/metrics")

    assert "infra_assistant" in answer.text or "python_info" in answer.text


async def test_an_unsigned_slack_event_is_refused():
    slack = AsyncApp(client=AsyncWebClient(token="xoxb-1"), signing_secret="secret")

    async with ask(build_web({}, slack=slack)) as client:
        answer = await client.post("/slack/events", json={"type": "event_callback"})

    assert answer.status_code == 401


async def test_there_is_no_slack_endpoint_in_socket_mode():
    async with ask(build_web({})) as client:
        answer = await client.post("/slack/events", json={})

    assert answer.status_code == 404
