"""The state of one workspace and the rules that hold whoever changes it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from evals.emulators.slack.blockkit.walk import with_ids
from evals.emulators.slack.changes import Changes
from evals.emulators.slack.errors import SlackError
from evals.emulators.slack.model import App, Channel, ChannelKind, File, Json, Message, Session, User, UserGroup, View

TRIGGER_SECONDS = 3.0  # docs.slack.dev/interactivity: a trigger_id lives three seconds


@dataclass
class Trigger:
    id: str
    user: str
    issued_at: float
    view_id: str | None = None
    used: bool = False


@dataclass
class Workspace:
    """Everything visible in the workspace. Ids are counted, times come from `clock` (aware UTC)."""

    app: App
    clock: Callable[[], datetime]
    team_id: str = "T0SHOP"
    team_name: str = "shop"
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    sessions: dict[tuple[str, str | None], Session] = field(default_factory=dict)
    groups: dict[str, UserGroup] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    message_values: dict[tuple[str, str, str], dict[str, Json]] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    _threads: dict[tuple[str, str], list[Message]] = field(default_factory=dict)
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _last_ts: float = 0.0

    def __post_init__(self) -> None:
        self.users[self.app.bot_user] = User(self.app.bot_user, self.app.name, self.app.name, self.team_id, is_bot=True)

    # -- ids and time

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._count):08X}"

    def now(self) -> float:
        return self.clock().timestamp()

    def next_ts(self) -> str:
        """A message ts: seconds with six decimals, strictly growing even under a fixed clock."""
        self._last_ts = max(round(self.now(), 6), round(self._last_ts + 0.000001, 6))
        return f"{self._last_ts:.6f}"

    # -- people and conversations

    def user_named(self, name: str) -> User:
        """By handle or id; KeyError when nobody has it."""
        found = self.users.get(name) or next((user for user in self.users.values() if user.handle == name), None)
        if found is None:
            raise KeyError(f"no user {name!r} in this workspace")
        return found

    def channel_named(self, name: str) -> Channel:
        """By name, with or without #, or by id; KeyError when there is none."""
        bare = name.removeprefix("#")
        found = self.channels.get(name) or next((c for c in self.channels.values() if c.name == bare), None)
        if found is None:
            raise KeyError(f"no channel {name!r} in this workspace")
        return found

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        self.changes.notify()
        return channel

    def direct_message(self, *users: str) -> Channel:
        """The conversation between the app and these people, opened when it is new."""
        members = sorted({*users, self.app.bot_user})
        kind: ChannelKind = "im" if len(members) <= 2 else "mpim"  # the app and one person
        for channel in self.channels.values():
            if channel.kind == kind and sorted(channel.members) == members:
                return channel
        prefix = "D" if kind == "im" else "G"
        return self.add_channel(Channel(self.new_id(prefix), "", kind, members, created=int(self.now())))

    # -- messages

    def add_message(self, message: Message) -> Message:
        message.blocks = with_ids(message.blocks, lambda: self.new_id("b"))
        self.messages[message.channel, message.ts] = message
        self._threads.setdefault((message.channel, message.root_ts), []).append(message)
        self.changes.notify()
        return message

    def message(self, channel: str, ts: str) -> Message:
        found = self.messages.get((channel, ts))
        if found is None:
            raise SlackError("message_not_found")
        return found

    def remove_message(self, message: Message) -> None:
        del self.messages[message.channel, message.ts]
        self._threads[message.channel, message.root_ts].remove(message)
        self.changes.notify()

    def history(self, channel: str, viewer: str | None = None) -> list[Message]:
        """All messages of a conversation that `viewer` sees, oldest first, replies included."""
        found = (m for m in self.messages.values() if m.channel == channel and m.ephemeral_for in {None, viewer})
        return sorted(found, key=lambda message: message.ts)

    def replies(self, channel: str, root_ts: str, viewer: str | None = None) -> list[Message]:
        """A thread: its root, then its replies, oldest first."""
        found = self._threads.get((channel, root_ts), [])
        return sorted((m for m in found if m.ephemeral_for in {None, viewer}), key=lambda message: message.ts)

    def session(self, channel: str, thread_ts: str | None) -> Session:
        """The session of a thread, created when it is new."""
        return self.sessions.setdefault((channel, thread_ts), Session(channel, thread_ts))

    def session_of(self, message: Message) -> Session:
        """The session of a message's thread; not stored when the thread has none."""
        key = (message.channel, message.root_ts)
        return self.sessions.get(key, Session(*key))

    # -- triggers

    def new_trigger(self, user: str, view_id: str | None = None) -> str:
        trigger = Trigger(f"{next(self._count)}.{self.team_id}.{self.new_id('t').lower()}", user, self.now(), view_id)
        self.triggers[trigger.id] = trigger
        return trigger.id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use up a trigger; raises the codes of views.open when it is unknown, used or older than three seconds."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() - trigger.issued_at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def new_view(self, user: str, definition: Json, parent: View | None = None) -> View:
        view_id = self.new_id("V")
        view = View(
            view_id, user, self.with_block_ids(definition), self.new_hash(), parent.root_id if parent else view_id
        )
        view.previous_id = parent.id if parent else None
        return view

    def new_hash(self) -> str:
        return f"{int(self.now())}.{next(self._count):08x}"

    def with_block_ids(self, definition: Json) -> Json:
        return {**definition, "blocks": with_ids(definition.get("blocks", []), lambda: self.new_id("b"))}
