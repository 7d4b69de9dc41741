"""What Slack sends, as the application's own words. Slack dicts stop here."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistant.conversation import Message
from assistant.redaction import redact_text

MAX_TEXT = 4000
SPOKEN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes that are a person speaking; edits, deletions, joins and bots are not."""


@dataclass(frozen=True)
class Place:
    """A thread of a channel. `root` is the ts of its first message."""

    team: str
    channel: str
    root: str

    def __str__(self) -> str:
        return f"{self.team}:{self.channel}:{self.root}"

    @classmethod
    def parse(cls, thread: str) -> "Place":
        """From the thread id of a Message."""
        team, channel, root = thread.split(":")
        return cls(team, channel, root)

    @classmethod
    def of(cls, thread: str) -> "Place | None":
        """The same; None for a thread that is not in Slack (a terminal's)."""
        return cls.parse(thread) if thread.count(":") == 2 else None


@dataclass(frozen=True)
class Incoming:
    """A message of a person. `addressed`: sent to the bot by mention or in a direct message.

    `shared`: the channel is shared with another organisation (Slack Connect).
    """

    message: Message
    addressed: bool
    shared: bool


def incoming(body: dict[str, Any], *, bot_user: str) -> Incoming | None:
    """The message in an Events API body, or None when no person said anything.

    A mention arrives twice (app_mention and message): both carry the same ts, so both make the same message id.
    """
    event = body.get("event") or {}
    if event.get("type") not in {"app_mention", "message"} or not _is_speech(event, bot_user):
        return None
    team = str(body.get("team_id") or event.get("team") or "")
    direct = event.get("channel_type") == "im"
    text = str(event.get("text") or "")
    place = Place(team, event["channel"], event.get("thread_ts") or event["ts"])
    message = Message(
        id=f"slack:{team}:{event['channel']}:{event['ts']}",
        thread=str(place),
        account=account(str(event.get("user_team") or event.get("team") or team), event["user"]),
        text=spoken(text, bot_user=bot_user),
        received_at=datetime.fromtimestamp(float(event["ts"]), UTC),
    )
    return Incoming(message, direct or f"<@{bot_user}" in text, bool(body.get("is_ext_shared_channel")))


def account(team: str, user: str) -> str:
    """The account name of a Slack user: a guest of another organisation carries that team's id and is unknown here."""
    return f"slack:{team}:{user}"


def slack_user(account: str) -> tuple[str, str]:
    """Team and user id of a Slack account; two empty strings for any other."""
    kind, _, rest = account.partition(":")
    team, _, user = rest.partition(":")
    return (team, user) if kind == "slack" else ("", "")


def spoken(text: str, *, bot_user: str) -> str:
    """The text without the bot's own mention, bounded, and without secrets: it is queued, stored and repeated."""
    return redact_text(re.sub(rf"<@{re.escape(bot_user)}(\|[^>]*)?>", "", text).strip())[:MAX_TEXT]


def _is_speech(event: dict[str, Any], bot_user: str) -> bool:
    by_bot = event.get("bot_id") or event.get("user") in {None, bot_user, "USLACKBOT"}
    return not by_bot and event.get("subtype") in SPOKEN and "ts" in event and "channel" in event


@dataclass(frozen=True)
class Press:
    """A control that somebody used. `channel` is "" in a modal or on the Home tab; `thread` None outside of one.

    `modal_id`: the modal it is in, or "".
    """

    user: str
    who: str
    team: str
    channel: str
    message_ts: str
    thread: str | None
    action_id: str
    value: str
    trigger: str
    modal_id: str = ""

    @property
    def place(self) -> Place:
        """The thread of the message, or the one it would start."""
        return Place(self.team, self.channel, self.thread or self.message_ts)


def press_of(body: dict[str, Any]) -> Press:
    """The control of a block_actions payload. A selected option's value counts as the value."""
    user, message, action = body["user"], body.get("message") or {}, body["actions"][0]
    chosen, view = action.get("selected_option") or {}, body.get("view") or {}
    return Press(
        user=user["id"],
        who=who_did(body),
        team=body["team"]["id"],
        channel=(body.get("channel") or {}).get("id", ""),
        message_ts=str(message.get("ts") or ""),
        thread=message.get("thread_ts"),
        action_id=str(action.get("action_id") or ""),
        value=str(action.get("value") or chosen.get("value") or ""),
        trigger=str(body.get("trigger_id") or ""),
        modal_id=str(view.get("id") or "") if view.get("type") == "modal" else "",
    )


def who_did(body: dict[str, Any]) -> str:
    """The account behind an interaction: someone of another organisation carries that team's id."""
    user = body["user"]
    return account(user.get("team_id") or (body.get("team") or {}).get("id", ""), user["id"])
