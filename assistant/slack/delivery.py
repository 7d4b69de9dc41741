"""Runs a turn for Slack and reports changes there: the edge where an unexpected error becomes a sentence."""

from dataclasses import dataclass

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.conversation import Message, ProposalView
from assistant.errors import PersonError
from assistant.service import AssistantService
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks import turns as turn_blocks
from assistant.slack.blocks.kit import section
from assistant.slack.escape import escape
from assistant.slack.payloads import Place
from assistant.slack.posting import post
from assistant.slack.progress import ProgressMessage
from assistant.storage.cards import Card, Cards
from tools.clock import Clock
from tools.errors import ToolError

log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """Between the use cases and one Slack workspace."""

    client: AsyncWebClient
    service: AssistantService
    cards: Cards
    clock: Clock

    async def handle_turn(self, message: Message) -> None:
        """Answer one message in its thread. Called by the durable queue, one at a time per thread."""
        place = Place.parse(message.thread)
        progress = ProgressMessage(self.client, place, self.clock)
        await progress.start()
        try:
            turn = await self.service.handle(message, progress)
        except Exception:  # the one edge: whatever broke, the person gets an answer
            log.exception("turn.failed", turn=message.id)
            text = f"Something broke on my side; nothing was changed. Please tell the platform team: {message.id}"
            await progress.finish(text, [section(text)])
            return
        await progress.finish(*turn_blocks.render(turn))
        for view in turn.proposals:
            await self.post_card(place, view)

    async def post_card(self, place: Place, view: ProposalView) -> None:
        """Post a confirmation card and remember where, so that its controls can be replaced later."""
        text, blocks = card_blocks.card(view)
        ts = await post(self.client, place, text, blocks)
        card = Card(proposal_id=view.id, channel=place.channel, ts=ts, posted_at=self.clock())
        await self.cards.put(card)

    async def refresh_card(self, view: ProposalView) -> None:
        """Redraw the card as the proposal stands now."""
        if card := await self.cards.get(view.id):
            text, blocks = card_blocks.card(view)
            await self.client.chat_update(channel=card.channel, ts=card.ts, text=text, blocks=blocks)

    async def report(self, view: ProposalView) -> None:
        """Say how a change ended, once, in its thread. Proposals made elsewhere (the terminal) have no thread here."""
        card = await self.cards.get(view.id)
        if card is None or await self.cards.was_reported(view.id, view.state):
            return
        await self.refresh_card(view)
        place = Place.parse(view.thread)
        text, blocks = card_blocks.outcome(view)
        await post(self.client, place, text, blocks)
        await self.cards.mark_reported(view.id, view.state, self.clock())

    async def tell(self, channel: str, user: str, text: str, thread: str | None = None) -> None:
        """Tell one person something the others need not see."""
        try:
            await self.client.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread)
        except SlackApiError as error:
            log.warning("ephemeral.refused", error=str(error.response.get("error")))

    async def try_for(self, error: PersonError | ToolError, channel: str, user: str, thread: str | None) -> None:
        """Show an error meant for people to the one who caused it."""
        await self.tell(channel, user, escape(error.message), thread)
