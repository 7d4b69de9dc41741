"""Asks approvers directly: a copy of the card in a direct message, and its link to the thread."""

from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from assistant.conversation import ProposalView, Reminder
from assistant.service import AssistantService
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks.kit import MAX_BLOCKS, section
from assistant.slack.escape import escape
from assistant.slack.payloads import Place, slack_user
from assistant.slack.posting import REFUSED, code_of
from assistant.storage.cards import Card, Cards
from tools.clock import Clock
from tools.errors import ToolError

log = structlog.get_logger()


@dataclass(frozen=True)
class Approvals:
    """Copies of cards for those whose approval counts. What fails here never stops a decision."""

    client: AsyncWebClient
    service: AssistantService
    cards: Cards
    clock: Clock

    async def ask(self, view: ProposalView) -> None:
        """Send the card to each approver who is known in Slack, once."""
        try:
            accounts = await self.service.approvers(Reminder(view=view, stage=0, escalated=False))
        except ToolError as error:  # the catalog is down: the card in the thread asks too
            log.warning("approvers.unknown", proposal=view.id, error=error.message)
            return
        asked = {copy.channel for copy in await self.cards.copies(view.id)}
        link = await self._link(view)
        for account in accounts:
            _team, user = slack_user(account)
            if user not in asked:
                await self._send(view, user, link)

    async def refresh(self, view: ProposalView) -> None:
        """Redraw every copy as the proposal stands now."""
        text, blocks = card_blocks.card(view)
        for copy in await self.cards.copies(view.id):
            try:
                await self.client.chat_update(channel=copy.channel, ts=copy.ts, text=text, blocks=blocks)
            except REFUSED as error:
                log.warning("copy.not_updated", proposal=view.id, error=code_of(error))

    async def _send(self, view: ProposalView, user: str, link: str) -> None:
        where = f" (<{link}|thread>)" if link else ""
        head = section(f":bell: *{escape(view.requester_name)}* asks for your approval{where}")
        text, blocks = card_blocks.card(view)
        try:
            sent = await self.client.chat_postMessage(
                channel=user, text=f"Approval wanted: {text}", blocks=[head, *blocks][:MAX_BLOCKS], unfurl_links=False
            )
        except REFUSED as error:
            log.warning("approver.not_asked", proposal=view.id, user=user, error=code_of(error))
            return
        copy = Card(proposal_id=view.id, channel=str(sent["channel"]), ts=str(sent["ts"]), posted_at=self.clock())
        await self.cards.put_copy(copy, user)

    async def _link(self, view: ProposalView) -> str:
        place = Place.of(view.thread)
        if place is None:
            return ""
        try:
            reply = await self.client.chat_getPermalink(channel=place.channel, message_ts=place.root)
        except REFUSED as error:
            log.warning("permalink.refused", error=code_of(error))
            return ""
        return str(reply.get("permalink") or "")
