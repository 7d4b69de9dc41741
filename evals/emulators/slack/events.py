"""Events as the Events API words them, sent for what the app is subscribed to and can see."""

from evals.emulators.slack.model import Channel, Json, Message, User, View
from evals.emulators.slack.outbox import Outbox
from evals.emulators.slack.render import message_json, view_json
from evals.emulators.slack.state import Workspace

CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
SUBSCRIPTIONS = {"public": "message.channels", "private": "message.groups", "im": "message.im", "mpim": "message.mpim"}


class Events:
    """Turns what happened into event deliveries. Nothing is sent about conversations the app is not in."""

    def __init__(self, workspace: Workspace, outbox: Outbox) -> None:
        self._workspace = workspace
        self._outbox = outbox

    def posted(self, message: Message) -> None:
        """A new message: `message`, and with a mention in a channel also `app_mention` under its own event id."""
        channel = self._workspace.channels[message.channel]
        event = self._message_event(message, channel)
        if f"<@{self._workspace.app.bot_user}" in message.text and channel.kind != "im" and not message.bot_id:
            mention = {name: value for name, value in event.items() if name not in {"channel_type", "subtype"}}
            self._send(["app_mention"], channel, {**mention, "type": "app_mention"})
        self._send([SUBSCRIPTIONS[channel.kind]], channel, event)

    def changed(self, message: Message, previous: Json) -> None:
        now = message_json(self._workspace, message)
        self._altered(message, "message_changed", {"message": now, "previous_message": previous})

    def deleted(self, message: Message, previous: Json) -> None:
        self._altered(message, "message_deleted", {"deleted_ts": message.ts, "previous_message": previous})

    def reaction(self, kind: str, user: str, message: Message, name: str) -> None:
        """`kind` is reaction_added or reaction_removed."""
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        body = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
        self._send([kind], self._workspace.channels[message.channel], body)

    def joined(self, user: str, channel: Channel, inviter: str | None) -> None:
        body = {"type": "member_joined_channel", "user": user, "channel": channel.id, "inviter": inviter}
        kind = "C" if channel.kind == "public" else "G"
        self._send(["member_joined_channel"], channel, {**body, "channel_type": kind})

    def renamed(self, channel: Channel) -> None:
        body = {"id": channel.id, "name": channel.name, "created": channel.created}
        self._send(["channel_rename"], channel, {"type": "channel_rename", "channel": body})

    def home_opened(self, user: User, tab: str, view: View | None) -> None:
        """`tab` is home or messages."""
        channel = self._workspace.direct_message(user.id)
        body: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
        if view:
            body["view"] = view_json(self._workspace, view)
        self._send(["app_home_opened"], channel, body)

    def session_stopped(self, user: str, channel: Channel, thread_ts: str | None, streams: list[str]) -> None:
        body = {"type": "agent_session_stopped", "user": user, "channel": channel.id, "thread_ts": thread_ts}
        self._send(["agent_session_stopped"], channel, {**body, "streaming_message_ts": streams})

    def context_changed(self, user: str, context: Json) -> None:
        channel = self._workspace.direct_message(user)
        body = {"type": "app_context_changed", "user": user, "channel": channel.id, "context": context}
        self._send(["app_context_changed"], channel, body)

    def app_removed(self) -> None:
        """The app was uninstalled: `app_uninstalled` and `tokens_revoked`."""
        tokens = {"oauth": [], "bot": [self._workspace.app.bot_user]}
        self._send(["tokens_revoked"], None, {"type": "tokens_revoked", "tokens": tokens})
        self._send(["app_uninstalled"], None, {"type": "app_uninstalled"})

    def _message_event(self, message: Message, channel: Channel) -> Json:
        event = message_json(self._workspace, message) | {"channel": channel.id, "event_ts": message.ts}
        event |= {"channel_type": CHANNEL_TYPES[channel.kind]}
        if not message.bot_id:
            event["client_msg_id"] = f"{message.channel}-{message.ts}".lower()
        author = self._workspace.users[message.user]
        if author.team_id != self._workspace.team_id:
            event |= {"user_team": author.team_id, "source_team": author.team_id}
        if message.thread_ts is None:
            event.pop("thread_ts", None)
        elif parent := self._workspace.messages.get((message.channel, message.thread_ts)):
            event["parent_user_id"] = parent.user
        return event

    def _altered(self, message: Message, subtype: str, body: Json) -> None:
        channel = self._workspace.channels[message.channel]
        ts = self._workspace.next_ts()
        event = {"type": "message", "subtype": subtype, "channel": channel.id, "ts": ts, "event_ts": ts, "hidden": True}
        self._send(
            [SUBSCRIPTIONS[channel.kind]], channel, {**event, "channel_type": CHANNEL_TYPES[channel.kind], **body}
        )

    def _send(self, subscriptions: list[str], channel: Channel | None, event: Json) -> None:
        workspace = self._workspace
        if not workspace.app.wants(*subscriptions):
            return
        if channel is not None and workspace.app.bot_user not in channel.members:
            return
        event.setdefault("event_ts", workspace.next_ts())
        self._outbox.event(self._envelope(event, shared=channel is not None and channel.is_ext_shared))

    def _envelope(self, event: Json, *, shared: bool) -> Json:
        workspace = self._workspace
        authorization = {
            "enterprise_id": None,
            "team_id": workspace.team_id,
            "user_id": workspace.app.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": workspace.app.verification_token,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(workspace.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": shared,
            "event_context": workspace.new_id("4-"),
        }
