"""Feedback on answers."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.errors import PersonError
from assistant.slack.blocks import feedback as blocks
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body
from assistant.slack.payloads import press_of, who_did
from assistant.storage.feedback import Feedback

THANKS = "Thank you. Your opinion is kept with this answer."


@dataclass(frozen=True)
class Opinions:
    """Thumbs and the form behind the one that points down. Each opinion is stored at once, the form completes it."""

    delivery: Delivery

    def register(self, app: AsyncApp) -> None:
        """Bind the buttons and the form."""
        app.action(blocks.FEEDBACK)(self.thumb)
        app.view(blocks.FORM)(self.complete)

    async def thumb(self, ack: AsyncAck, body: Body) -> None:
        """One thumb."""
        await ack()
        press = press_of(body)
        given = blocks.parse_thumb(press.value)
        if given is None:
            return
        is_good, turn_id = given
        if not is_good:  # first of all: the trigger lives for three seconds
            view = blocks.feedback_form(turn_id)
            await self.delivery.quick.views_open(trigger_id=press.trigger, view=view)
        try:
            await self._store(turn_id, press.who, is_good=is_good)
        except PersonError as error:
            await self.delivery.try_for(error, press.channel, press.user, press.thread)
            return
        if is_good:
            await self.delivery.tell(press.channel, press.user, THANKS, press.thread)

    async def complete(self, ack: AsyncAck, body: Body) -> None:
        """The form was sent."""
        await ack()
        values = body["view"]["state"]["values"]
        reason = ((values.get(blocks.WRONG) or {}).get(blocks.WRONG) or {}).get("selected_option") or {}
        wanted = ((values.get(blocks.WANTED) or {}).get(blocks.WANTED) or {}).get("value") or ""
        comment = f"{reason.get('value', 'other')}: {wanted}".strip(": ")
        try:
            await self._store(str(body["view"].get("private_metadata")), who_did(body), is_good=False, comment=comment)
        except PersonError:  # was told already when the thumb was pressed
            return

    async def _store(self, turn_id: str, who: str, *, is_good: bool, comment: str | None = None) -> None:
        delivery = self.delivery
        await delivery.service.turn_for(turn_id, who)
        value = "good" if is_good else "bad"
        await delivery.feedback.put(
            Feedback.model_validate(
                {"turn_id": turn_id, "account": who, "value": value, "comment": comment, "at": delivery.clock()}
            )
        )
        if comment is None:
            delivery.count_feedback(value)
