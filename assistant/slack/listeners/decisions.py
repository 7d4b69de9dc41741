"""Buttons of confirmation cards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from assistant.conversation import ProposalView
from assistant.errors import PersonError
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks.kit import modal
from assistant.slack.delivery import Delivery
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import Place, Press, press_of
from assistant.slack.posting import open_thread
from tools.errors import ToolError

Decide = Callable[[str, str, str], Awaitable[ProposalView]]
"""Proposal id, plan hash of the card, account -> the proposal as it stands then."""


@dataclass(frozen=True)
class Decisions:
    """Confirm, approve, cancel, deny, undo."""

    delivery: Delivery
    durable: Durable

    def register(self, app: AsyncApp) -> None:
        """Bind the buttons."""
        app.action(card_blocks.CONFIRM)(self.confirm)
        app.action(card_blocks.CANCEL)(self.reject)
        app.action(card_blocks.UNDO)(self.undo)

    async def confirm(self, ack: AsyncAck, body: Body) -> None:
        """Confirm or approve what the card showed."""
        await ack()

        async def decide(proposal: str, plan_hash: str, who: str) -> ProposalView:
            view = await self.delivery.service.confirm(proposal, who, plan_hash=plan_hash)
            if view.state == "approved":
                await self.durable.start_change(proposal)
            else:
                await self.delivery.ask_approvers(view)
            return view

        await self._decide(press_of(body), decide)

    async def reject(self, ack: AsyncAck, body: Body) -> None:
        """Cancel or deny."""
        await ack()

        async def decide(proposal: str, _plan_hash: str, who: str) -> ProposalView:
            return await self.delivery.service.reject(proposal, who)

        await self._decide(press_of(body), decide)

    async def undo(self, ack: AsyncAck, body: Body) -> None:
        """Propose the inverse: a new card in the same thread."""
        await ack()
        press = press_of(body)

        async def decide(proposal: str, _plan_hash: str, who: str) -> ProposalView:
            view = await self.delivery.service.undo(proposal, who)
            await self.delivery.post_card(await self._place(view, press), view)
            return view

        await self._decide(press, decide, redraw=False)

    async def _decide(self, press: Press, decide: Decide, *, redraw: bool = True) -> None:
        token = card_blocks.parse_token(press.value)
        if token is None:
            await self.delivery.refusals.record(press.who, press.action_id, press.value, "not a value of ours")
            return
        try:
            view = await decide(*token, press.who)
        except (PersonError, ToolError) as error:
            await self.delivery.refuse(error, press)
            return
        if redraw:
            await self.delivery.refresh_card(view)
        if redraw and press.modal_id:
            shown = modal("Review", card_blocks.card(view)[1])
            await self.delivery.quick.views_update(view_id=press.modal_id, view=shown)

    async def _place(self, view: ProposalView, press: Press) -> Place:
        """The thread of a proposal; a direct message for what was asked in a terminal."""
        known = Place.of(view.thread)
        line = f"Undo, as <@{press.user}> asked:"
        return known or await open_thread(self.delivery.client, press.team, press.user, line)
