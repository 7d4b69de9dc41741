"""One message per turn: it says what is being done, and becomes the answer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.blocks.kit import Block, context
from assistant.slack.escape import escape
from assistant.slack.payloads import Place
from assistant.slack.posting import post
from tools.clock import Clock

EVERY = timedelta(seconds=3)  # chat.update allows 50 a minute for the whole workspace


@dataclass
class ProgressMessage:
    """The message of one running turn."""

    client: AsyncWebClient
    place: Place
    clock: Clock
    ts: str = ""
    shown_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    async def start(self) -> None:
        """Post the first sign of life."""
        text = "Looking into it ..."
        self.ts = await post(self.client, self.place, text, [context(text)])
        self.shown_at = self.clock()

    async def __call__(self, step: str, /) -> None:
        """Show a step, at most every few seconds. A refusal by Slack never stops the turn."""
        if self.clock() - self.shown_at < EVERY:
            return
        self.shown_at = self.clock()
        try:
            await self.client.chat_update(
                channel=self.place.channel, ts=self.ts, text=escape(step), blocks=[context(escape(step))]
            )
        except SlackApiError:
            return

    async def finish(self, text: str, blocks: list[Block]) -> None:
        """Turn into the final message; post it anew when the first one is gone."""
        try:
            await self.client.chat_update(channel=self.place.channel, ts=self.ts, text=text, blocks=blocks)
        except SlackApiError as error:
            if error.response.get("error") not in {"message_not_found", "edit_window_closed", "cant_update_message"}:
                raise
            await post(self.client, self.place, text, blocks)
