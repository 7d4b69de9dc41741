"""The command /infra."""

import re
import uuid
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from assistant.conversation import Message
from assistant.errors import PersonError
from assistant.slack import home
from assistant.slack.blocks import cards as card_blocks
from assistant.slack.delivery import Delivery
from assistant.slack.escape import escape
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import Place, account, spoken
from assistant.slack.posting import open_thread
from tools.errors import ToolError

STATUS = re.compile(r"(?:status\s+)?(?P<id>p-[0-9a-z]{2,12})", re.IGNORECASE)


@dataclass(frozen=True)
class Commands:
    """`/infra QUESTION` opens a thread; the other subcommands answer privately."""

    delivery: Delivery
    durable: Durable

    def register(self, app: AsyncApp) -> None:
        """Bind the command."""
        app.command("/infra")(self.command)

    async def command(self, ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """`/infra QUESTION` opens a thread in the channel; the other subcommands answer privately."""
        await ack()
        text = spoken(str(body.get("text") or ""), bot_user=str(context.bot_user_id or ""))
        who = account(body["team_id"], body["user_id"])
        if text in {"", "help"}:
            await self.delivery.tell(body["channel_id"], body["user_id"], home.HELP)
        elif text == "approvals":
            await self.delivery.tell(body["channel_id"], body["user_id"], await self._approvals(who))
        elif asked := STATUS.fullmatch(text):
            await self.delivery.tell(body["channel_id"], body["user_id"], await self._status(asked["id"], who))
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

    async def _approvals(self, who: str) -> str:
        try:
            waiting = await self.delivery.service.waiting_for(who)
        except PersonError as error:
            return escape(error.message)
        return home.waiting_lines(waiting)

    async def _status(self, proposal: str, who: str) -> str:
        service = self.delivery.service
        try:
            await service.directory.principal(who)
            return card_blocks.status(await service.confirmations.get(proposal))
        except (PersonError, ToolError) as error:
            return escape(error.message)

    async def _open_thread(self, body: Body, text: str) -> Place:
        line = f"<@{body['user_id']}> asks: {escape(text)}"
        client = self.delivery.client
        try:
            return await open_thread(client, body["team_id"], body["channel_id"], line)
        except SlackApiError:  # the assistant is not in that channel
            direct = await client.conversations_open(users=body["user_id"])
            return await open_thread(client, body["team_id"], direct["channel"]["id"], line)
