"""What runs in the background: queued turns, approved changes, ended windows, and Slack when it is set up."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from slack_bolt.async_app import AsyncApp

from assistant.bootstrap.app import App
from assistant.confirmation.refusals import Refusals
from assistant.conversation import Message, ProposalView, Reminder
from assistant.slack.app import build_app, quick_client, web_client
from assistant.slack.delivery import Delivery
from assistant.slack.links import Links
from assistant.slack.listeners import Listeners
from assistant.slack.triage import Rules, Triage
from assistant.storage.cards import Cards
from assistant.storage.engine import workflows_url
from assistant.storage.events import SeenEvents
from assistant.storage.feedback import FeedbackBox
from assistant.telemetry import CHANGES, FEEDBACK
from assistant.workflows import Durable, DurableSettings
from assistant.workflows import Work as Workflows

log = structlog.get_logger()


@dataclass(frozen=True)
class Work:
    """`slack` is None when its tokens are missing, `triage` when alerts have no channel."""

    durable: Durable
    slack: AsyncApp | None
    triage: Triage | None = None


@asynccontextmanager
async def open_work(app: App) -> AsyncIterator[Work]:
    """Launch the workflows of this process, resume what a crash interrupted; drain at the end."""
    delivery = _delivery(app)
    edge = _Edge(delivery)
    chosen = DurableSettings(url=workflows_url(app.settings.database.url), executor_id=app.settings.executor_id)
    workflows = Workflows(
        handle_turn=edge.handle_turn,
        change=app.change,
        confirmations=app.service.confirmations,
        report=edge.report,
        remind=edge.remind,
        clock=app.clock,
        checkpoint=partial(_sign, app),
    )
    durable = Durable(chosen, workflows)
    await durable.launch()
    try:
        async with AsyncExitStack() as stack:
            triage = _triage(app, delivery, durable)
            if triage is not None:
                await stack.enter_async_context(triage)
            yield Work(durable, _slack(app, delivery, durable, triage), triage)
    finally:
        await durable.shutdown(wait_seconds=int(app.settings.drain_seconds))


async def _sign(app: App) -> None:
    if signed := await app.checkpoints.take():
        log.info("audit.signed", seq=signed.seq, key=signed.key)


@dataclass(frozen=True)
class _Edge:
    delivery: Delivery | None

    async def handle_turn(self, message: Message) -> None:
        """Answer in Slack; without Slack nothing enqueues, so what is found belongs to an earlier set-up."""
        if self.delivery:
            await self.delivery.handle_turn(message)

    async def report(self, view: ProposalView) -> None:
        """Count it, and tell its thread."""
        CHANGES.labels(view.plan.tool, view.state).inc()
        if self.delivery:
            await self.delivery.report(view)

    async def remind(self, reminder: Reminder) -> None:
        """Bring a proposal to the minds of those who may approve it."""
        if self.delivery:
            await self.delivery.remind(reminder)


def _delivery(app: App) -> Delivery | None:
    slack = app.settings.slack
    if slack.missing or slack.bot_token is None:
        return None
    token = slack.bot_token.get_secret_value()
    client, quick = web_client(token, slack.api_url), quick_client(token, slack.api_url)
    addresses = app.settings.links
    return Delivery(
        client,
        quick,
        app.service,
        Cards(app.database),
        FeedbackBox(app.database),
        Refusals(app.database, app.audit, app.clock),
        app.clock,
        count_feedback=lambda value: FEEDBACK.labels(value).inc(),
        links=Links(addresses.catalog, addresses.workload, addresses.logs),
    )


def _triage(app: App, delivery: Delivery | None, durable: Durable) -> Triage | None:
    alerts = app.settings.alerts
    if delivery is None or alerts.channel is None:
        return None
    wait = timedelta(seconds=alerts.wait_seconds)
    rules = Rules(channel=alerts.channel, account=alerts.account, wait=wait, per_hour=alerts.per_hour)
    return Triage(delivery.client, durable, SeenEvents(app.database), rules, app.clock)


def _slack(app: App, delivery: Delivery | None, durable: Durable, triage: Triage | None) -> AsyncApp | None:
    if delivery is None:
        return None
    secret = app.settings.slack.signing_secret
    signing_secret = secret.get_secret_value() if secret and app.settings.slack.mode == "http" else None
    listeners = Listeners(delivery, durable, app.overview, triage)
    return build_app(delivery.client, listeners, signing_secret=signing_secret)
