"""The message shortcut: diagnose what a message is about."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from assistant.conversation import Message
from assistant.slack.alerts import read_alert
from assistant.slack.blocks.kit import section
from assistant.slack.delivery import Delivery
from assistant.slack.escape import escape
from assistant.slack.listeners.port import Body, Durable
from assistant.slack.payloads import Place, who_did
from assistant.slack.posting import open_thread, post

DIAGNOSE = "diagnose_message"
NOTHING = "I find no words in that message. Ask me in your own: why is checkout failing in staging?"


@dataclass(frozen=True)
class Shortcuts:
    """What is offered in the menu of a message."""

    delivery: Delivery
    durable: Durable

    def register(self, app: AsyncApp) -> None:
        """Bind the shortcut."""
        app.shortcut(DIAGNOSE)(self.diagnose)

    async def diagnose(self, ack: AsyncAck, body: Body) -> None:
        """Ask about the message in its thread; where the assistant is no member, in a direct message."""
        await ack()
        said, user, channel = body["message"], body["user"]["id"], body["channel"]["id"]
        question = read_alert(said).question
        if not question:
            await self.delivery.tell(channel, user, NOTHING)
            return
        thread = Place(body["team"]["id"], channel, str(said.get("thread_ts") or said["ts"]))
        place = await self._announce(thread, user, question)
        await self.durable.enqueue_turn(
            Message(
                id=f"slack:{place}:{DIAGNOSE}:{body.get('action_ts') or body['trigger_id']}",
                thread=str(place),
                account=who_did(body),
                text=question,
                received_at=self.delivery.clock(),
            )
        )

    async def _announce(self, thread: Place, user: str, question: str) -> Place:
        line = f"<@{user}> asks: {escape(question)}"
        try:
            await post(self.delivery.client, thread, line, [section(line)])
        except SlackApiError:  # not a member of that channel
            return await open_thread(self.delivery.client, thread.team, user, line)
        return thread
