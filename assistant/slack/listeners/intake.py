"""Takes messages in: stored before the event is acknowledged."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_bolt.async_app import AsyncBoltContext

from assistant.slack.alerts import alert_in
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import Place, incoming
from assistant.slack.triage import Triage

SHARED = "I do not answer in channels that are shared with another organisation. Send me a direct message instead."


@dataclass(frozen=True)
class Intake:
    """Middleware of every request."""

    delivery: Delivery
    durable: Durable
    triage: Triage | None = None

    async def take(self, body: Body, context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]) -> None:
        """Queue a message before the event is acknowledged, so that a crash after the ack loses nothing.

        The queue takes each message id once: retries and the second event of a mention have no effect.
        """
        said = incoming(body, bot_user=str(context.bot_user_id or ""))
        if said and (said.addressed or await self.delivery.service.takes_part(said.message.thread)):
            if said.shared:
                place = Place.parse(said.message.thread)
                await self.delivery.tell(place.channel, body["event"]["user"], SHARED, place.root)
            else:
                await self.durable.enqueue_turn(said.message)
        await self._alert(body.get("event") or {}, body, str(context.bot_user_id or ""))
        await next_()

    async def _alert(self, event: Body, body: Body, bot_user: str) -> None:
        """What another bot posts in the channel of alerts."""
        if self.triage is None or event.get("channel") != self.triage.rules.channel:
            return
        if alert := alert_in(event, bot_user=bot_user):
            await self.triage.take([alert], Place(str(body.get("team_id") or ""), event["channel"], str(event["ts"])))
