"""What Slack can trigger: messages, the command, buttons. Each acknowledges first; work runs in the durable queue."""

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from assistant.conversation import Message, ProposalView
from assistant.errors import PersonError
from assistant.slack import home
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.blocks import turns as turn_blocks
from assistant.slack.delivery import Delivery
from assistant.slack.escape import escape
from assistant.slack.payloads import Place, account, incoming, spoken
from tools.errors import ToolError

Body = dict[str, Any]
SHARED = "I do not answer in channels that are shared with another organisation. Send me a direct message instead."


class Durable(Protocol):
    """What the listeners need of the durable work."""

    async def enqueue_turn(self, message: Message) -> None: ...

    async def start_change(self, proposal_id: str) -> None: ...


@dataclass(frozen=True)
class Listeners:
    """All handlers, with what they need. `register` binds them to a Bolt app."""

    delivery: Delivery
    durable: Durable

    def register(self, app: AsyncApp) -> None:
        """Bind every handler, and a quiet one for whatever else is sent: an unhandled event is sent again by Slack."""
        app.use(self.intake)
        app.command("/infra")(self.command)
        app.action(card_blocks.CONFIRM)(self.confirm)
        app.action(card_blocks.CANCEL)(self.reject)
        app.action(card_blocks.UNDO)(self.undo)
        app.action(turn_blocks.EVIDENCE)(self.show_evidence)
        app.action(re.compile(rf"^{re.escape(turn_blocks.CHOICE)}\."))(self.choose)
        app.action(re.compile(rf"^{re.escape(turn_blocks.ACTION)}\."))(self.take_action)
        app.event("app_home_opened")(self.open_home)
        app.event(re.compile(".*"))(_nothing_more)
        app.action(re.compile(".*"))(self.unknown_action)

    async def intake(self, body: Body, context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]) -> None:
        """Middleware: queue a message before the event is acknowledged, so that a crash after the ack loses nothing.

        The queue takes each message id once: retries and the second event of a mention have no effect.
        """
        said = incoming(body, bot_user=str(context.bot_user_id or ""))
        if said and (said.addressed or await self.delivery.service.takes_part(said.message.thread)):
            if said.shared:
                place = Place.parse(said.message.thread)
                await self.delivery.tell(place.channel, body["event"]["user"], SHARED, place.root)
            else:
                await self.durable.enqueue_turn(said.message)
        await next_()

    async def command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """`/infra QUESTION` opens a thread in the channel; `/infra help` and `/infra approvals` answer privately."""
        await ack()
        text = spoken(str(body.get("text") or ""), bot_user=str(context.bot_user_id or ""))
        who = account(body["team_id"], body["user_id"])
        if text in {"", "help"}:
            await self.delivery.tell(body["channel_id"], body["user_id"], home.HELP)
        elif text == "approvals":
            await self.delivery.tell(body["channel_id"], body["user_id"], await self._approvals(who))
        else:
            place = await self._open_thread(body, text)
            await self.durable.enqueue_turn(
                Message(
                    id=f"slack:{place}:{body.get('trigger_id') or uuid.uuid4().hex}",
                    thread=str(place),
                    account=who,
                    text=text,
                    received_at=self.delivery.clock(),
                )
            )

    async def confirm(self, ack: AsyncAck, body: Body) -> None:
        """Confirm or approve what the card showed."""
        await ack()

        async def decide(proposal: str, plan_hash: str, who: str) -> ProposalView:
            view = await self.delivery.service.confirm(proposal, who, plan_hash=plan_hash)
            if view.state == "approved":
                await self.durable.start_change(proposal)
            return view

        await self._decide(body, decide)

    async def reject(self, ack: AsyncAck, body: Body) -> None:
        """Cancel or deny."""
        await ack()

        async def decide(proposal: str, _plan_hash: str, who: str) -> ProposalView:
            return await self.delivery.service.reject(proposal, who)

        await self._decide(body, decide)

    async def undo(self, ack: AsyncAck, body: Body) -> None:
        """Propose the inverse: a new card in the same thread."""
        await ack()

        async def decide(proposal: str, _plan_hash: str, who: str) -> ProposalView:
            view = await self.delivery.service.undo(proposal, who)
            await self.delivery.post_card(Place.parse(view.thread), view)
            return view

        await self._decide(body, decide, redraw=False)

    async def take_action(self, ack: AsyncAck, body: Body) -> None:
        """A suggested action becomes a proposal with a card of its own."""
        await ack()
        channel, user, message = body["channel"]["id"], body["user"], body.get("message") or {}
        asked = turn_blocks.parse_action(str(body["actions"][0].get("value") or ""))
        if asked is None:
            return
        who = account(user.get("team_id") or body["team"]["id"], user["id"])
        try:
            view = await self.delivery.service.propose_action(asked[1], asked[0], who)
        except (PersonError, ToolError) as error:
            await self.delivery.try_for(error, channel, user["id"], message.get("thread_ts"))
            return
        await self.delivery.post_card(Place.parse(view.thread), view)

    async def choose(self, ack: AsyncAck, body: Body) -> None:
        """A choice of a question is sent as if the person had typed it."""
        await ack()
        pressed, message = body["actions"][0], body["message"]
        place = Place(body["team"]["id"], body["channel"]["id"], message.get("thread_ts") or message["ts"])
        await self.durable.enqueue_turn(
            Message(
                id=f"slack:{place}:{message['ts']}:{pressed['action_id']}",
                thread=str(place),
                account=account(body["user"].get("team_id") or body["team"]["id"], body["user"]["id"]),
                text=str(pressed.get("value") or ""),
                received_at=self.delivery.clock(),
            )
        )

    async def show_evidence(self, ack: AsyncAck, body: Body) -> None:
        """Open the evidence of an answer, for people the assistant knows."""
        await ack()
        user = body["user"]
        try:
            turn = await self.delivery.service.turn_for(
                str(body["actions"][0].get("value") or ""), account(user.get("team_id") or "", user["id"])
            )
        except PersonError as error:
            await self.delivery.try_for(error, body["channel"]["id"], user["id"], None)
            return
        view = turn_blocks.evidence_modal(turn.evidence)
        await self.delivery.client.views_open(trigger_id=body["trigger_id"], view=view)

    async def open_home(self, event: Body, body: Body) -> None:
        """Publish the Home tab."""
        if event.get("tab") == "home":
            who = account(str(body.get("team_id")), event["user"])
            view = home.view(await self._approvals(who))
            await self.delivery.client.views_publish(user_id=event["user"], view=view)

    async def unknown_action(self, ack: AsyncAck) -> None:
        """A control we do not know does nothing."""
        await ack()

    async def _decide(self, body: Body, decide: "Decide", *, redraw: bool = True) -> None:
        channel, user, message = body["channel"]["id"], body["user"], body.get("message") or {}
        token = card_blocks.parse_token(str(body["actions"][0].get("value") or ""))
        if token is None:
            return
        who = account(user.get("team_id") or body["team"]["id"], user["id"])
        try:
            view = await decide(*token, who)
        except (PersonError, ToolError) as error:
            await self.delivery.try_for(error, channel, user["id"], message.get("thread_ts"))
            return
        if redraw:
            await self.delivery.refresh_card(view)

    async def _approvals(self, who: str) -> str:
        try:
            waiting = await self.delivery.service.waiting_for(who)
        except PersonError as error:
            return escape(error.message)
        lines = [
            f"• {escape(view.plan.summary)} ({view.id}), asked by {escape(view.requester_name)}" for view in waiting
        ]
        return "\n".join(lines) or "Nothing waits for you."

    async def _open_thread(self, body: Body, text: str) -> Place:
        line = f"<@{body['user_id']}> asks: {escape(text)}"
        client = self.delivery.client
        try:
            reply = await client.chat_postMessage(channel=body["channel_id"], text=line)
        except SlackApiError:
            direct = await client.conversations_open(users=body["user_id"])
            reply = await client.chat_postMessage(channel=direct["channel"]["id"], text=line)
        return Place(body["team_id"], str(reply["channel"]), str(reply["ts"]))


Decide = Callable[[str, str, str], Awaitable[ProposalView]]


async def _nothing_more() -> None:
    """Messages were taken in by the middleware."""
