"""Answers as Loki writes them (shapes of its HTTP API reference), and a store that asks for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from tests.builders.kubernetes import NOW
from tools.http import HttpApi, HttpLimits, HttpSystem, open_client
from tools.logs.loki import LokiLogStore

URL = "http://loki.logging.svc:3100"
API = f"{URL}/loki/api/v1"
SYSTEM = HttpSystem("log store", URL, "LOKI__URL", "LOKI__TOKEN", "s3cret", headers=(("X-Scope-OrgID", "shop"),))
NAMES = ["app", "container", "namespace", "pod", "service_name", "stream"]
OTEL_NAMES = ["k8s_container_name", "k8s_deployment_name", "k8s_namespace_name", "service_name"]


def succeeded(data: Any) -> dict[str, Any]:
    """An answer with its data."""
    return {"status": "success", "data": data}


def streams(*given: tuple[dict[str, str], list[tuple[datetime, str]]]) -> dict[str, Any]:
    """A log query's answer: for each stream its labels and its entries, the newest first."""
    result = [{"stream": names, "values": [[nanoseconds(at), text] for at, text in values]} for names, values in given]
    return succeeded({"resultType": "streams", "result": result, "stats": {"summary": {"execTime": 0.01}}})


def nanoseconds(at: datetime) -> str:
    """A time as Loki writes it."""
    return str(int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000)


def ago(seconds: float) -> datetime:
    """So many seconds before NOW."""
    return NOW - timedelta(seconds=seconds)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


async def _no_nap(seconds: float) -> None:
    """Wait for nothing."""


@asynccontextmanager
async def loki_store(
    system: HttpSystem = SYSTEM, clock: Clock | None = None, **more: Any
) -> AsyncIterator[LokiLogStore]:
    """A store at URL whose retries do not wait."""
    async with open_client() as client:
        api = HttpApi(client, system, limits=HttpLimits(), clock=lambda: NOW, sleep=_no_nap)
        yield LokiLogStore(api, clock=clock or (lambda: NOW), **more)
