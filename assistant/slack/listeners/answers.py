"""Buttons of answers and questions."""

import re
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.conversation import Message
from assistant.errors import PersonError
from assistant.slack.blocks import turns as turn_blocks
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import Place, press_of
from tools.errors import ToolError


@dataclass(frozen=True)
class Answers:
    """Evidence, suggested actions, choices."""

    delivery: Delivery
    durable: Durable

    def register(self, app: AsyncApp) -> None:
        """Bind the buttons."""
        app.action(turn_blocks.EVIDENCE)(self.show)
        app.action(turn_blocks.WHOLE)(self.show)
        app.action(re.compile(rf"^{re.escape(turn_blocks.CHOICE)}\."))(self.choose)
        app.action(re.compile(rf"^{re.escape(turn_blocks.ACTION)}\."))(self.take_action)

    async def show(self, ack: AsyncAck, body: Body) -> None:
        """Open the evidence of an answer, or all of a long one, for people the assistant knows."""
        await ack()
        press = press_of(body)
        try:
            turn = await self.delivery.service.turn_for(press.value, press.who)
        except PersonError as error:
            await self.delivery.try_for(error, press.channel, press.user, press.thread)
            return
        view = turn_blocks.evidence_modal(turn.evidence, self.delivery.links)
        if press.action_id == turn_blocks.WHOLE and turn.answer:
            view = turn_blocks.whole_modal(turn.answer)
        await self.delivery.quick.views_open(trigger_id=press.trigger, view=view)

    async def take_action(self, ack: AsyncAck, body: Body) -> None:
        """A suggested action becomes a proposal with a card of its own."""
        await ack()
        press = press_of(body)
        asked = turn_blocks.parse_action(press.value)
        if asked is None:
            return
        try:
            view = await self.delivery.service.propose_action(asked[1], asked[0], press.who)
        except (PersonError, ToolError) as error:
            await self.delivery.try_for(error, press.channel, press.user, press.thread)
            return
        await self.delivery.post_card(Place.parse(view.thread), view)

    async def choose(self, ack: AsyncAck, body: Body) -> None:
        """A choice of a question is sent as if the person had typed it."""
        await ack()
        press = press_of(body)
        await self.durable.enqueue_turn(
            Message(
                id=f"slack:{press.place}:{press.message_ts}:{press.action_id}",
                thread=str(press.place),
                account=press.who,
                text=press.value,
                received_at=self.delivery.clock(),
            )
        )
