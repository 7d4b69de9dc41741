"""The two ways a running turn can look: a streamed timeline, or a message that is updated."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from assistant.slack.blocks.kit import Block
from assistant.slack.payloads import Place
from assistant.slack.posting import REFUSED, code_of, post
from assistant.slack.progress.session import Session, Status
from assistant.slack.progress.steps import Steps

GONE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message", "streaming_state_conflict"})


@dataclass(frozen=True)
class Thread:
    """Where a turn is shown, and to whom. `quick` gives up at once, where `client` waits out a 429.

    `user`, `team`: of who asked; "" when nobody did (an alert), then nothing can be streamed.
    """

    client: AsyncWebClient
    quick: AsyncWebClient
    place: Place
    team: str = ""
    user: str = ""

    @property
    def session(self) -> Session:
        return Session(self.quick, self.place)


class Face(Protocol):
    """One message. `pace`: "stream" or "update", how often it may change."""

    pace: ClassVar[str]

    async def show(self, steps: Steps) -> "Face":
        """Show the steps; returns the face to go on with. Never raises what Slack answers."""
        ...

    async def finish(self, steps: Steps, text: str, blocks: list[Block], status: Status) -> None:
        """Become the final message. Raises what Slack answers when no way is left."""
        ...


async def open_face(thread: Thread, steps: Steps) -> Face:
    """The timeline when Slack takes it, else a plain message. Raises what Slack answers to the plain message."""
    if thread.user:
        try:
            started = await thread.quick.chat_startStream(
                channel=thread.place.channel,
                thread_ts=thread.place.root,
                recipient_team_id=thread.team,
                recipient_user_id=thread.user,
                task_display_mode="timeline",
                chunks=steps.chunks() or None,
            )
            return Timeline(thread, str(started["ts"]))
        except REFUSED:  # 20 a minute for the whole workspace; older workspaces have none
            pass
    text, blocks = steps.lines()
    return Updated(thread, await post(thread.client, thread.place, text, blocks))


@dataclass
class Timeline:
    """A streamed message with a task per step. Slack ends a stream by itself after some minutes."""

    thread: Thread
    ts: str
    sent: dict[str, Block] = field(default_factory=dict)
    pace: ClassVar[str] = "stream"

    async def show(self, steps: Steps) -> "Face":
        news = self._news(steps)
        if not news:
            return self
        try:
            await self.thread.quick.chat_appendStream(channel=self.thread.place.channel, ts=self.ts, chunks=news)
        except REFUSED as error:
            return self if code_of(error) == "ratelimited" else await self._given_up()
        self.sent |= {chunk["id"]: chunk for chunk in news}
        return self

    async def finish(self, steps: Steps, text: str, blocks: list[Block], status: Status) -> None:
        steps.finished = True
        try:
            await self.thread.client.chat_stopStream(
                channel=self.thread.place.channel,
                ts=self.ts,
                chunks=self._news(steps) or None,
                blocks=blocks,
                session_status=status,
            )
        except SlackApiError:
            plain = await self._given_up()
            await plain.finish(steps, text, blocks, status)

    async def _given_up(self) -> "Updated":
        """The stream expired, was stopped, or is refused: its message goes on as a plain one."""
        with suppress(*REFUSED):  # it may be over already
            await self.thread.quick.chat_stopStream(channel=self.thread.place.channel, ts=self.ts)
        return Updated(self.thread, self.ts)

    def _news(self, steps: Steps) -> list[Block]:
        return [chunk for chunk in steps.chunks() if self.sent.get(chunk["id"]) != chunk]


@dataclass
class Updated:
    """A plain message that is edited."""

    thread: Thread
    ts: str
    pace: ClassVar[str] = "update"

    async def show(self, steps: Steps) -> "Face":
        text, blocks = steps.lines()
        with suppress(*REFUSED):  # the next step, or the answer, shows it again
            await self.thread.quick.chat_update(channel=self.thread.place.channel, ts=self.ts, text=text, blocks=blocks)
        return self

    async def finish(self, steps: Steps, text: str, blocks: list[Block], status: Status) -> None:  # noqa: ARG002
        thread = self.thread
        try:
            await thread.client.chat_update(channel=thread.place.channel, ts=self.ts, text=text, blocks=blocks)
        except SlackApiError as error:
            if code_of(error) not in GONE:
                raise
            await post(thread.client, thread.place, text, blocks)
        await thread.session.set(status)
