"""A Slack workspace on loopback: the app connects to it as to Slack, people act in it through `as_user`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.events import Events
from evals.emulators.slack.faults import Faults, RateLimits
from evals.emulators.slack.http import HttpRequests
from evals.emulators.slack.interactions import Interactions
from evals.emulators.slack.model import App, Channel, ChannelKind, Json, Message, User, UserGroup
from evals.emulators.slack.outbox import Delivery, Outbox
from evals.emulators.slack.person import Person
from evals.emulators.slack.response_urls import ResponseUrls
from evals.emulators.slack.server import ApiCall, Server
from evals.emulators.slack.socket import SocketMode
from evals.emulators.slack.state import Workspace
from evals.emulators.slack.transcript import transcript

T = TypeVar("T")


class SlackEmulator:
    """Use as an async context manager; build people and channels before or after it listens."""

    def __init__(
        self, clock: Callable[[], datetime], app: App | None = None, *, team_id: str = "T0SHOP", port: int = 0
    ) -> None:
        """`clock` gives aware UTC; port 0 takes a free one."""
        self.state = Workspace(app or App(), clock, team_id)
        changes = self.state.changes
        self.socket = SocketMode(self.state.app.id, changes, self.state.new_id)
        self.outbox = Outbox(self.socket, changes)
        self.events = Events(self.state, self.outbox)
        self.response_urls = ResponseUrls(self.state, self.events)
        self.interactions = Interactions(self.state, self.outbox, self.response_urls)
        self.faults = Faults()
        self.rate_limits = RateLimits(self.state.now)
        self.server = Server(self.state, self.events, self.socket, self.response_urls, self.faults, self.rate_limits)
        self._port = port
        self._http: HttpRequests | None = None

    async def __aenter__(self) -> Self:
        await self.server.start(self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.outbox.close()
        if self._http:
            await self._http.close()
        await self.server.stop()

    # -- where and what

    @property
    def app(self) -> App:
        return self.state.app

    @property
    def api_url(self) -> str:
        """The `base_url` for AsyncWebClient, with its trailing slash."""
        return f"{self.server.base_url}/api/"

    @property
    def calls(self) -> list[ApiCall]:
        """Every Web API call so far, in order of their answers."""
        return self.server.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything sent to the app so far, with its acks."""
        return self.outbox.deliveries

    # -- who and where

    def add_user(self, handle: str, real_name: str = "", **fields: Any) -> Person:
        """A new person; `fields` are those of `User` (id, email, tz, team_id for a Slack Connect guest, ...)."""
        given = {"id": f"U0{handle.upper().replace('-', '')}", "team_id": self.state.team_id, **fields}
        user = User(handle=handle, real_name=real_name or handle.title(), **given)
        self.state.users[user.id] = user
        return self.as_user(handle)

    def add_channel(
        self,
        name: str,
        members: Sequence[str] = (),
        *,
        kind: ChannelKind = "public",
        bot: bool = True,
        shared: bool = False,
    ) -> Channel:
        """A channel with these people (handles) and, unless `bot` is false, the app. `shared` is Slack Connect."""
        ids = [self.state.user_named(one).id for one in members]
        channel_id = f"{'C' if kind == 'public' else 'G'}0{name.upper().replace('-', '')}"
        channel = Channel(channel_id, name, kind, [*ids, *([self.app.bot_user] if bot else [])], is_ext_shared=shared)
        channel.created = int(self.state.now())
        return self.state.add_channel(channel)

    def add_group(self, handle: str, members: Sequence[str]) -> UserGroup:
        """A user group (@handle) of these people."""
        group = UserGroup(f"S0{handle.upper().replace('-', '')}", handle, handle, [])
        group.users = [self.state.user_named(one).id for one in members]
        self.state.groups[group.id] = group
        return group

    def as_user(self, name: str) -> Person:
        """The person with this handle or id; KeyError when there is none."""
        return Person(self.state.user_named(name), self.state, self.events, self.interactions)

    def post_as_bot(self, name: str, channel: str, text: str, **fields: Any) -> Message:
        """A message of another app, such as an alert; `fields` are those of Message (blocks, thread_ts, ...)."""
        bot_user = f"U0BOT{name.upper().replace('-', '')}"
        self.state.users.setdefault(bot_user, User(bot_user, name, name, self.state.team_id, is_bot=True))
        bot_id = f"B0{name.upper().replace('-', '')}"
        found = self.state.channel_named(channel)
        posted = Message(self.state.next_ts(), found.id, bot_user, text, bot_id=bot_id, subtype="bot_message", **fields)
        self.events.posted(self.state.add_message(posted))
        return posted

    def rename_channel(self, channel: str, name: str) -> Channel:
        found = self.state.channel_named(channel)
        found.name = name
        self.state.changes.notify()
        self.events.renamed(found)
        return found

    def uninstall(self) -> None:
        """Remove the app: its tokens stop working, it is told once."""
        self.events.app_removed()
        self.server.installed = False

    # -- what is visible

    def messages(self, channel: str, viewer: str | None = None) -> list[Message]:
        """A conversation (name or id), oldest first; with `viewer` (handle) their ephemeral messages too."""
        seen_by = self.state.user_named(viewer).id if viewer else None
        return self.state.history(self.state.channel_named(channel).id, seen_by)

    def find(self, text: str, channel: str | None = None) -> Message | None:
        """The newest message of the app whose drawn form or text contains `text`; ephemeral ones included."""
        for message in sorted(self.state.messages.values(), key=lambda one: one.ts, reverse=True):
            here = channel is None or message.channel == self.state.channel_named(channel).id
            if here and message.app_id == self.app.id and text in self._drawn(message):
                return message
        return None

    def _drawn(self, message: Message) -> str:
        return f"{message.text}\n{json_text(message.blocks)}"

    def transcript(self, channel: str, viewer: str | None = None) -> str:
        """The conversation as plain text, as `viewer` (handle) sees it."""
        seen_by = self.state.user_named(viewer).id if viewer else None
        return transcript(self.state, self.state.channel_named(channel), seen_by)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:  # noqa: ASYNC109  # a limit for tests
        """The first truthy value of `predicate`, asked after every change; TimeoutError after `timeout` seconds."""
        return await self.state.changes.wait_for(predicate, timeout)

    async def wait_for_message(self, text: str, channel: str | None = None, timeout: float = 5.0) -> Message:  # noqa: ASYNC109  # a limit for tests
        """The app's message that contains `text`, as soon as there is one."""
        found = await self.wait_for(lambda: self.find(text, channel), timeout)
        if found is None:
            raise NotOnScreen(text)
        return found

    # -- how the app is reached

    async def use_http(self, request_url: str, *, verify: bool = True) -> None:
        """Send everything from now on as signed HTTP requests to `request_url`, verified first as Slack does."""
        if self._http:
            await self._http.close()
        transport = self._http = HttpRequests(request_url, self.app, self.state.clock)
        if verify:
            await transport.verify_url()
        self.outbox.transport = transport


def json_text(blocks: list[Json]) -> str:
    """Every string in blocks, one a line, for searching."""

    def strings(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [text for entry in value.values() for text in strings(entry)]
        return [text for entry in value for text in strings(entry)] if isinstance(value, list) else []

    return "\n".join(strings(blocks))
