"""Runs a turn for Slack and reports changes there: the edge where an unexpected error becomes a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from assistant.confirmation.refusals import Refusals
from assistant.conversation import Message, ProposalView, Reminder, Turn
from assistant.errors import NotAllowed, PersonError
from assistant.service import AssistantService
from assistant.slack.approvals import Approvals
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks import turns as turn_blocks
from assistant.slack.blocks.kit import Block, section
from assistant.slack.escape import escape
from assistant.slack.links import Links
from assistant.slack.payloads import Place, Press, slack_user
from assistant.slack.posting import REFUSED, code_of, post
from assistant.slack.progress.faces import Thread
from assistant.slack.progress.turn import Pace, TurnProgress
from assistant.slack.running import Running, Stopped
from assistant.storage.cards import Card, Cards
from assistant.storage.feedback import FeedbackBox
from tools.clock import Clock
from tools.errors import ToolError

log = structlog.get_logger()


def _nothing(_value: str) -> None:
    """For callers that count nothing."""


@dataclass(frozen=True)
class Delivery:
    """Between the use cases and one Slack workspace. `quick` gives up where `client` waits and tries again."""

    client: AsyncWebClient
    quick: AsyncWebClient
    service: AssistantService
    cards: Cards
    feedback: FeedbackBox
    refusals: Refusals
    clock: Clock
    count_feedback: Callable[[str], None] = _nothing
    links: Links = field(default_factory=Links)
    pace: Pace = field(default_factory=Pace)
    running: Running = field(default_factory=Running)

    async def handle_turn(self, message: Message) -> None:
        """Answer one message in its thread. Called by the durable queue, one at a time per thread."""
        place = Place.parse(message.thread)
        team, user = slack_user(message.account)
        thread = Thread(self.client, self.quick, place, team, user)
        async with TurnProgress(thread, message.text or "A question", self.pace) as progress:
            try:
                turn = await self.running.run(message.thread, self.service.handle(message, progress))
            except Stopped as stop:
                text = f"Stopped by <@{stop.by}>. Nothing was changed."
                await progress.finish(text, [section(text)])
                return
            except Exception:  # the one edge: whatever broke, the person gets an answer
                log.exception("turn.failed", turn=message.id)
                text = f"Something broke on my side; nothing was changed. Please tell the platform team: {message.id}"
                await progress.finish(text, [section(text)])
                return
            await self._deliver(turn, progress, place)

    async def _deliver(self, turn: Turn, progress: TurnProgress, place: Place) -> None:
        text, blocks = turn_blocks.render(turn)
        await progress.finish(text, blocks, "suspended" if turn.proposals else "active")
        for view in turn.proposals:
            await self.post_card(place, view)

    async def stop(self, place: Place, account: str) -> None:
        """End the turn that runs in a thread, and what it proposed there as far as this person may."""
        _team, user = slack_user(account)
        was_running = self.running.stop(str(place), user)
        for view in await self.service.cancel_waiting(str(place), account, "Stopped in Slack."):
            await self.refresh_card(view)
        log.info("turn.stopped", thread=str(place), was_running=was_running)
        if not was_running:  # else the turn's own message does it
            await self._thread(place).session.set("active")

    async def post_card(self, place: Place, view: ProposalView) -> None:
        """Post a confirmation card and remember where, so that its controls can be replaced later."""
        text, blocks = card_blocks.card(view)
        ts = await post(self.client, place, text, blocks)
        card = Card(proposal_id=view.id, channel=place.channel, ts=ts, posted_at=self.clock())
        await self.cards.put(card)

    async def refresh_card(self, view: ProposalView) -> None:
        """Redraw the card as the proposal stands now; a decided one no longer keeps its thread waiting."""
        card = await self.cards.get(view.id)
        if card is None:
            return
        text, blocks = card_blocks.card(view)
        await self.client.chat_update(channel=card.channel, ts=card.ts, text=text, blocks=blocks)
        await self.approvals.refresh(view)
        if view.state not in card_blocks.WAITING:
            await self._thread(_place_of(view, card)).session.set("active")

    async def report(self, view: ProposalView) -> None:
        """Say how a change ended, once, in its thread. Proposals made elsewhere (the terminal) have no thread here."""
        card = await self.cards.get(view.automatic_of or view.id)
        if card is None or await self.cards.was_reported(view.id, view.state):
            return
        await self.refresh_card(view)
        place = _place_of(view, card)
        text, blocks = card_blocks.outcome(view)
        await post(self.client, place, text, blocks)
        await self.cards.mark_reported(view.id, view.state, self.clock())

    async def remind(self, reminder: Reminder) -> None:
        """Bring a proposal to mind, once per stage: in its thread, and to each who may approve it, as far as known."""
        view, told = reminder.view, f"reminder-{reminder.stage}"
        card = await self.cards.get(view.id)
        if card is None or await self.cards.was_reported(view.id, told):
            return
        accounts = await self.service.approvers(reminder)
        link = await self._link(card)
        for account in accounts:
            text, blocks = card_blocks.reminder(reminder, link)
            await self._direct(slack_user(account)[1], text, blocks)
        people = [slack_user(account)[1] for account in accounts]
        text, blocks = card_blocks.reminder(reminder, "", people)
        await post(self.client, _place_of(view, card), text, blocks)
        await self.cards.mark_reported(view.id, told, self.clock())

    async def _link(self, card: Card) -> str:
        try:
            reply = await self.client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
        except REFUSED as error:
            log.warning("permalink.refused", error=code_of(error))
            return ""
        return str(reply.get("permalink") or "")

    async def _direct(self, user: str, text: str, blocks: list[Block]) -> None:
        """A direct message; one that cannot be sent does not keep the others from theirs."""
        try:
            await self.client.chat_postMessage(channel=user, text=text, blocks=blocks, unfurl_links=False)
        except REFUSED as error:
            log.warning("reminder.refused", user=user, error=code_of(error))

    async def ask_approvers(self, view: ProposalView) -> None:
        """Tell those whose approval counts, beside the card in the thread."""
        await self.approvals.ask(view)

    async def refuse(self, error: PersonError | ToolError, press: Press) -> None:
        """A control that must have no effect: say why to who pressed it, and put it on record."""
        if not isinstance(error, NotAllowed):  # those are on record already
            await self.refusals.record(press.who, press.action_id, press.value, error.message)
        await self.try_for(error, press.channel, press.user, press.thread)

    @property
    def approvals(self) -> Approvals:
        return Approvals(self.client, self.service, self.cards, self.clock)

    async def tell(self, channel: str, user: str, text: str, thread: str | None = None) -> None:
        """Tell one person something the others need not see."""
        try:
            await self.client.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread)
        except REFUSED as error:
            log.warning("ephemeral.refused", error=code_of(error))

    async def try_for(self, error: PersonError | ToolError, channel: str, user: str, thread: str | None) -> None:
        """Show an error meant for people to the one who caused it. No `channel` (Home tab, modal): a direct message."""
        if channel:
            await self.tell(channel, user, escape(error.message), thread)
        else:
            await self._direct(user, escape(error.message), [section(escape(error.message))])

    def _thread(self, place: Place) -> Thread:
        return Thread(self.client, self.quick, place)


def _place_of(view: ProposalView, card: Card) -> Place:
    """The thread of a proposal; of its card for what was asked in a terminal and undone from the Home tab."""
    return Place.of(view.thread) or Place("", card.channel, card.ts)
