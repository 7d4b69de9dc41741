"""The Home tab, and prompts for the Messages tab."""

from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.conversation import Message
from assistant.errors import PersonError
from assistant.overview import Overview, Services
from assistant.slack import home
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks.kit import modal
from assistant.slack.delivery import Delivery
from assistant.slack.escape import escape
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import account, press_of
from assistant.slack.posting import REFUSED, code_of, open_thread
from tools.errors import ToolError

log = structlog.get_logger()


@dataclass(frozen=True)
class Home:
    """Shown at once as a skeleton, filled in when the cluster has answered."""

    delivery: Delivery
    durable: Durable
    overview: Overview

    def register(self, app: AsyncApp) -> None:
        """Bind the event and the buttons of the tab."""
        app.event("app_home_opened")(self.opened)
        app.action(home.ASK)(self.ask)
        app.action(home.REVIEW)(self.review)

    async def opened(self, event: Body, body: Body) -> None:
        """Somebody looks at the Home tab, or at the Messages tab."""
        user, who = str(event["user"]), account(str(body.get("team_id")), str(event["user"]))
        if event.get("tab") == "home":
            if not event.get("view"):  # later there is something to see already
                await self._publish(user, home.skeleton())
            await self._publish(user, await self._view(who))
        elif event.get("tab") == "messages":
            await self._suggest(str(event["channel"]), who)

    async def ask(self, ack: AsyncAck, body: Body) -> None:
        """A question of the Home tab is answered in a direct message."""
        await ack()
        press = press_of(body)
        line = f"<@{press.user}> asks: {escape(press.value)}"
        place = await open_thread(self.delivery.client, press.team, press.user, line)
        await self.durable.enqueue_turn(
            Message(
                id=f"slack:{place}",
                thread=str(place),
                account=press.who,
                text=press.value,
                received_at=self.delivery.clock(),
            )
        )

    async def review(self, ack: AsyncAck, body: Body) -> None:
        """The whole card, to be decided on in a modal: nobody approves what they did not see."""
        await ack()
        press = press_of(body)
        token = card_blocks.parse_token(press.value)
        if token is None:
            await self.delivery.refusals.record(press.who, press.action_id, press.value, "not a value of ours")
            return
        try:
            view = await self.delivery.service.confirmations.get(token[0])
        except PersonError as error:
            await self.delivery.refuse(error, press)
            return
        shown = modal("Review", card_blocks.card(view)[1])
        await self.delivery.quick.views_open(trigger_id=press.trigger, view=shown)

    async def _view(self, who: str) -> Body:
        try:
            waiting = await self.delivery.service.waiting_for(who)
            changes = await self.overview.changes(who)
        except PersonError as error:
            return home.stranger(error.message)
        return home.view(await self._services(who), waiting, changes)

    async def _services(self, who: str) -> Services:
        try:
            return await self.overview.services(who)
        except ToolError as error:
            return Services(note=error.message)

    async def _suggest(self, channel: str, who: str) -> None:
        try:
            found = home.prompts(await self._services(who))
            if found:
                await self.delivery.quick.assistant_threads_setSuggestedPrompts(
                    channel_id=channel, prompts=found, title="What do you want to know?"
                )
        except PersonError:
            return
        except REFUSED as error:  # the static prompts of the manifest stay
            log.info("prompts.refused", error=code_of(error))

    async def _publish(self, user: str, view: Body) -> None:
        try:
            await self.delivery.client.views_publish(user_id=user, view=view)
        except REFUSED as error:
            log.warning("home.refused", error=code_of(error))
