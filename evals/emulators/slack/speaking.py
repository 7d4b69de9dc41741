"""What a person says and shows in conversations."""

import mimetypes
from dataclasses import dataclass

from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.events import Events
from evals.emulators.slack.interactions import Interactions
from evals.emulators.slack.model import Channel, File, Json, Message, User
from evals.emulators.slack.render import message_json
from evals.emulators.slack.state import Workspace


@dataclass(frozen=True)
class Speaking:
    """A person of the workspace who writes. Events of what they do are on their way when a method returns."""

    user: User
    workspace: Workspace
    events: Events
    interactions: Interactions

    def say(self, text: str, channel: str, thread: Message | str | None = None) -> Message:
        """Write in a channel (name or id), or in a thread of it (its message or ts)."""
        found = self.workspace.channel_named(channel)
        if self.user.id not in found.members:
            raise NotOnScreen(f"{self.user.handle} is not in {channel}")
        return self._post(found, text, _root(thread))

    def mention(self, text: str, channel: str, thread: Message | str | None = None) -> Message:
        """Write to the app: its mention, then `text`."""
        return self.say(f"<@{self.workspace.app.bot_user}> {text}", channel, thread)

    def reply(self, to: Message, text: str, *, broadcast: bool = False) -> Message:
        """Answer in the thread of a message, without a mention; `broadcast` shows it in the channel too."""
        subtype = "thread_broadcast" if broadcast else None
        return self._post(self.workspace.channels[to.channel], text, to.root_ts, subtype=subtype)

    def dm(self, text: str, thread: Message | str | None = None) -> Message:
        """Write to the app directly. At top level there is no thread_ts, as under agent_view."""
        return self._post(self.workspace.direct_message(self.user.id), text, _root(thread))

    def share_file(
        self, name: str, content: bytes, channel: str | None = None, *, text: str = "", thread: Message | None = None
    ) -> Message:
        """Share a file in a channel, or with the app directly when no channel is given."""
        file = File(
            self.workspace.new_id("F"), name, len(content), self.user.id, content, uploaded=True, completed=True
        )
        file.mimetype = mimetypes.guess_type(name)[0] or "text/plain"
        self.workspace.files[file.id] = file
        found = self.workspace.channel_named(channel) if channel else self.workspace.direct_message(self.user.id)
        return self._post(found, text, _root(thread), subtype="file_share", files=[file.id])

    def edit(self, message: Message, text: str) -> Message:
        before = message_json(self.workspace, self._own(message))
        message.text, message.blocks = text, [_rich_text(text, self.workspace.new_id("b"))]
        message.edited_at, message.edited_by = self.workspace.next_ts(), self.user.id
        self.workspace.changes.notify()
        self.events.changed(message, before)
        return message

    def delete(self, message: Message) -> None:
        before = message_json(self.workspace, self._own(message))
        self.workspace.remove_message(message)
        self.events.deleted(message, before)

    def react(self, message: Message, name: str) -> None:
        message.reactions.setdefault(name, []).append(self.user.id)
        self.workspace.changes.notify()
        self.events.reaction("reaction_added", self.user.id, message, name)

    def unreact(self, message: Message, name: str) -> None:
        """Take back their reaction; NotOnScreen when there is none."""
        users = message.reactions.get(name, [])
        if self.user.id not in users:
            raise NotOnScreen(f"{self.user.handle} did not react with {name}")
        users.remove(self.user.id)
        if not users:
            del message.reactions[name]
        self.workspace.changes.notify()
        self.events.reaction("reaction_removed", self.user.id, message, name)

    def invite_bot(self, channel: str) -> Channel:
        """Bring the app into a channel: it gets member_joined_channel and sees what follows."""
        found = self.workspace.channel_named(channel)
        if self.workspace.app.bot_user not in found.members:
            found.members.append(self.workspace.app.bot_user)
            self.workspace.changes.notify()
            self.events.joined(self.workspace.app.bot_user, found, self.user.id)
        return found

    def _own(self, message: Message) -> Message:
        if message.user != self.user.id:
            raise NotOnScreen("people can change only what they wrote")
        return message

    def _post(
        self,
        channel: Channel,
        text: str,
        thread_ts: str | None,
        *,
        subtype: str | None = None,
        files: list[str] | None = None,
    ) -> Message:
        message = Message(self.workspace.next_ts(), channel.id, self.user.id, text, thread_ts=thread_ts)
        message.subtype, message.files = subtype, files or []
        message.blocks = [_rich_text(text, self.workspace.new_id("b"))] if text else []
        self.workspace.add_message(message)
        self.events.posted(message)
        return message


def _root(thread: Message | str | None) -> str | None:
    return thread.root_ts if isinstance(thread, Message) else thread


def _rich_text(text: str, block_id: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}
