"""Forms of confirmation cards: other arguments, a reason for a denial."""

from dataclasses import dataclass

from pydantic import ValidationError
from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.errors import PersonError
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks import denial, edit
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body
from assistant.slack.payloads import Place, Press, press_of, slack_user, who_did
from assistant.slack.posting import open_thread
from tools.errors import ToolError


@dataclass(frozen=True)
class Forms:
    """Each button opens its form within the three seconds of its trigger; the form carries the card's token."""

    delivery: Delivery

    def register(self, app: AsyncApp) -> None:
        """Bind buttons and forms."""
        app.action(card_blocks.EDIT)(self.open_edit)
        app.action(card_blocks.DENY)(self.open_denial)
        app.view(edit.FORM)(self.edit)
        app.view(denial.FORM)(self.deny)

    async def open_edit(self, ack: AsyncAck, body: Body) -> None:
        """Show the arguments of a proposal, filled in."""
        await ack()
        press = press_of(body)
        proposal = await self._proposal(press)
        if proposal is None:
            return
        try:
            view, model = await self.delivery.service.editable(proposal, press.who)
        except (PersonError, ToolError) as error:
            await self.delivery.refuse(error, press)
            return
        form = edit.edit_form(model, view.plan.args, summary=view.plan.summary, token=press.value)
        await self.delivery.quick.views_open(trigger_id=press.trigger, view=form)

    async def edit(self, ack: AsyncAck, body: Body) -> None:
        """Plan again with other arguments. What is wrong with them is said in the form."""
        token = card_blocks.parse_token(str(body["view"].get("private_metadata") or ""))
        who, state = who_did(body), body["view"]["state"]["values"]
        if token is None:
            await ack()
            return
        try:
            view, model = await self.delivery.service.editable(token[0], who)
            args = model.model_validate(edit.edited(model, view.plan.args, state))
        except ValidationError as error:
            await ack(response_action="errors", errors=edit.problems(error, state))
            return
        except (PersonError, ToolError) as error:
            await ack(response_action="errors", errors={next(iter(state)): error.message[:150]})
            return
        await ack()
        place = Place.of(view.thread) or await open_thread(self.delivery.client, "", slack_user(who)[1], "Edited:")
        try:
            made = await self.delivery.service.edit(token[0], args, who)
        except (PersonError, ToolError) as error:
            await self.delivery.try_for(error, place.channel, slack_user(who)[1], place.root)
            return
        await self.delivery.post_card(place, made)
        await self.delivery.refresh_card(await self.delivery.service.confirmations.get(token[0]))

    async def open_denial(self, ack: AsyncAck, body: Body) -> None:
        """Ask why."""
        await ack()
        press = press_of(body)
        proposal = await self._proposal(press)
        if proposal is None:
            return
        try:
            view = await self.delivery.service.confirmations.get(proposal)
        except PersonError as error:
            await self.delivery.refuse(error, press)
            return
        form = denial.deny_form(view.plan.summary, press.value)
        await self.delivery.quick.views_open(trigger_id=press.trigger, view=form)

    async def deny(self, ack: AsyncAck, body: Body) -> None:
        """Deny or withdraw, with the reason."""
        token = card_blocks.parse_token(str(body["view"].get("private_metadata") or ""))
        reason = str(body["view"]["state"]["values"][denial.REASON][denial.REASON].get("value") or "")
        if token is None:
            await ack()
            return
        try:
            view = await self.delivery.service.reject(token[0], who_did(body), reason)
        except (PersonError, ToolError) as error:
            await ack(response_action="errors", errors={denial.REASON: error.message[:150]})
            return
        await ack()
        await self.delivery.refresh_card(view)

    async def _proposal(self, press: Press) -> str | None:
        token = card_blocks.parse_token(press.value)
        if token is None:
            await self.delivery.refusals.record(press.who, press.action_id, press.value, "not a value of ours")
            return None
        return token[0]
