"""What all listeners share: the durable work they hand over to, and who did what in a payload."""

from dataclasses import dataclass
from typing import Any, Protocol

from assistant.conversation import Message
from assistant.slack.payloads import Place, account

Body = dict[str, Any]


class Durable(Protocol):
    """What the listeners need of the durable work."""

    async def enqueue_turn(self, message: Message) -> None: ...

    async def start_change(self, proposal_id: str) -> None: ...


@dataclass(frozen=True)
class Press:
    """A control that somebody used. `channel` is "" in a modal or on the Home tab; `thread` None outside of one."""

    user: str
    who: str
    team: str
    channel: str
    message_ts: str
    thread: str | None
    action_id: str
    value: str
    trigger: str

    @property
    def place(self) -> Place:
        """The thread of the message, or the one it would start."""
        return Place(self.team, self.channel, self.thread or self.message_ts)


def press_of(body: Body) -> Press:
    """The control of a block_actions payload. A selected option's value counts as the value."""
    user, message, action = body["user"], body.get("message") or {}, body["actions"][0]
    chosen = action.get("selected_option") or {}
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
    )


def who_did(body: Body) -> str:
    """The account behind an interaction: someone of another organisation carries that team's id."""
    user = body["user"]
    return account(user.get("team_id") or (body.get("team") or {}).get("id", ""), user["id"])
