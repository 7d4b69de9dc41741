"""`serve`: the Slack bot with health and metrics, until SIGTERM."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from assistant.bootstrap.app import App
from assistant.bootstrap.work import Work, open_work
from assistant.cli.session import EXIT_OK, EXIT_USAGE, errors, with_app
from assistant.settings import Settings
from assistant.slack.app import connected
from assistant.web.alerts import AlertIntake
from assistant.web.app import Check, build_web

log = structlog.get_logger()


async def serve(settings: Settings | None = None, *, stop: asyncio.Event | None = None) -> int:
    """Run until SIGTERM or SIGINT, or until `stop` is set. Exit code 2 when Slack is not set up."""
    stop = stop or _stop_on_signals()

    async def run(app: App) -> int:
        async with open_work(app) as work:
            return await _serve(app, work, stop)

    return await with_app(run, settings=settings)


async def _serve(app: App, work: Work, stop: asyncio.Event) -> int:
    if work.slack is None:
        missing = ", ".join(app.settings.slack.missing)
        errors.print(f"Slack is not set up: set {missing}. `infra-assistant chat` works without.", style="red")
        return EXIT_USAGE
    async with _running(app, work.slack, _alerts(app, work)):
        log.info("serve.started", mode=app.settings.slack.mode, model=app.settings.model.provider)
        await stop.wait()
        log.info("serve.stopping")
    return EXIT_OK


@asynccontextmanager
async def _running(app: App, bolt: AsyncApp, alerts: AlertIntake | None) -> AsyncIterator[None]:
    """Intake stops first, then the web server; the durable work is drained by the caller."""
    slack = app.settings.slack
    if slack.mode == "http":
        async with _web(app, build_web({"database": app.database_answers}, slack=bolt, alerts=alerts)):
            yield
        return
    token = slack.app_token.get_secret_value() if slack.app_token else ""
    async with connected(bolt, token, sockets=slack.sockets) as handlers:

        async def socket_is_open() -> bool:
            return any([await handler.client.is_connected() for handler in handlers])

        checks: dict[str, Check] = {"database": app.database_answers, "slack": socket_is_open}
        async with _web(app, build_web(checks, alerts=alerts)):
            yield


def _alerts(app: App, work: Work) -> AlertIntake | None:
    token = app.settings.alerts.token
    return AlertIntake(token.get_secret_value(), work.triage.take) if token and work.triage else None


@asynccontextmanager
async def _web(app: App, application: Starlette) -> AsyncIterator[None]:
    chosen = app.settings.web
    config = uvicorn.Config(application, host=chosen.host, port=chosen.port, log_level="warning", access_log=False)
    server = _Server(config)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(server.serve())
        try:
            yield
        finally:
            server.should_exit = True
            await task


class _Server(uvicorn.Server):
    """Leaves SIGTERM to us: the whole process stops in one order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
