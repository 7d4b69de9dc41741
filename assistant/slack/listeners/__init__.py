"""What Slack can trigger, by kind. Each acknowledges first; work runs in the durable queue."""

import re
from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.overview import Overview
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.answers import Answers
from assistant.slack.listeners.commands import Commands
from assistant.slack.listeners.decisions import Decisions
from assistant.slack.listeners.events import Events
from assistant.slack.listeners.forms import Forms
from assistant.slack.listeners.home import Home
from assistant.slack.listeners.intake import Intake
from assistant.slack.listeners.opinions import Opinions
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.listeners.shortcuts import Shortcuts
from assistant.slack.payloads import press_of
from assistant.slack.triage import Triage

log = structlog.get_logger()
ANY = re.compile(".*")


@dataclass(frozen=True)
class Listeners:
    """All handlers, with what they need. `register` binds them to a Bolt app."""

    delivery: Delivery
    durable: Durable
    overview: Overview
    triage: Triage | None = None

    def register(self, app: AsyncApp) -> None:
        """Bind every handler, and a quiet one for whatever else is sent: what is not handled is sent again by Slack."""
        app.use(Intake(self.delivery, self.durable, self.triage).take)
        Commands(self.delivery, self.durable).register(app)
        Decisions(self.delivery, self.durable).register(app)
        Forms(self.delivery).register(app)
        Answers(self.delivery, self.durable).register(app)
        Opinions(self.delivery).register(app)
        Home(self.delivery, self.durable, self.overview).register(app)
        Shortcuts(self.delivery, self.durable).register(app)
        Events(self.delivery).register(app)
        app.event(ANY)(_nothing_more)
        app.action(ANY)(self.unknown_control)
        for rest in (app.shortcut, app.view, app.view_closed):
            rest(ANY)(_unknown)

    async def unknown_control(self, ack: AsyncAck, body: Body) -> None:
        """A control we do not know does nothing, and is put on record."""
        await ack()
        press = press_of(body)
        await self.delivery.refusals.record(press.who, press.action_id, press.value, "not a control of ours")


async def _nothing_more() -> None:
    """Messages were taken in by the middleware."""


async def _unknown(ack: AsyncAck, body: Body) -> None:
    """A form or shortcut we do not know does nothing."""
    await ack()
    log.info("control.unknown", kind=body.get("type"), user=(body.get("user") or {}).get("id"))
