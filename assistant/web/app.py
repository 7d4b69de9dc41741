"""Health, metrics, and Slack over HTTP."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from assistant.web.alerts import AlertIntake

Check = Callable[[], Awaitable[bool]]


def build_web(
    checks: Mapping[str, Check], *, slack: AsyncApp | None = None, alerts: AlertIntake | None = None
) -> Starlette:
    """GET /healthz (the process lives), GET /readyz (every check holds, else 503), GET /metrics, POST /slack/events.

    `checks`: by name; each answers within its own timeout. `slack`: the Bolt app in HTTP mode; it verifies signatures.
    `alerts`: POST /alerts takes what Alertmanager sends.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        results = {name: await check() for name, check in checks.items()}
        return JSONResponse(results, status_code=200 if all(results.values()) else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    if slack is not None:
        routes.append(Route("/slack/events", AsyncSlackRequestHandler(slack).handle, methods=["POST"]))
    if alerts is not None:
        routes.append(Route("/alerts", alerts.handle, methods=["POST"]))
    return Starlette(routes=routes)
