"""response_url: five answers within thirty minutes, without a token (docs.slack.dev/interactivity)."""

from dataclasses import dataclass, field

from evals.emulators.slack.blockkit.check import check_blocks
from evals.emulators.slack.blockkit.walk import with_ids
from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.events import Events
from evals.emulators.slack.model import Json, Message
from evals.emulators.slack.render import message_json
from evals.emulators.slack.state import Workspace

MAX_USES = 5
LIFETIME_SECONDS = 1800.0


@dataclass
class _Issued:
    user: str
    channel: str
    source: Message | None
    issued_at: float
    uses: int = 0


@dataclass
class ResponseUrls:
    """Issues addresses and carries out what the app posts to them."""

    workspace: Workspace
    events: Events
    base_url: str = ""
    _issued: dict[str, _Issued] = field(default_factory=dict)

    def issue(self, user: str, channel: str, source: Message | None = None) -> str:
        key = self.workspace.new_id("R")
        self._issued[key] = _Issued(user, channel, source, self.workspace.now())
        return f"{self.base_url}/response/{key}"

    def use(self, key: str, body: Json) -> None:
        """Carry out one answer; raises expired_url, used_url or what the message itself breaks."""
        issued = self._issued.get(key)
        if issued is None or self.workspace.now() - issued.issued_at > LIFETIME_SECONDS:
            raise SlackError("expired_url")
        if issued.uses >= MAX_USES:
            raise SlackError("used_url")
        issued.uses += 1
        self._answer(issued, body)

    def _answer(self, issued: _Issued, body: Json) -> None:
        if body.get("delete_original") and issued.source:
            self._delete(issued.source)
        elif body.get("replace_original") and issued.source:
            self._replace(issued.source, body)
        else:
            self.reply(issued.user, issued.channel, body, issued.source.thread_ts if issued.source else None)

    def reply(self, user: str, channel: str, body: Json, thread_ts: str | None = None) -> Message:
        """Post an answer: to everybody with `response_type: in_channel`, else to `user` alone."""
        public = body.get("response_type") == "in_channel"
        message = Message(
            self.workspace.next_ts(),
            channel,
            self.workspace.app.bot_user,
            body.get("text", ""),
            _checked(body),
            thread_ts=body.get("thread_ts") or thread_ts,
            bot_id=self.workspace.app.bot_id,
            app_id=self.workspace.app.id,
            ephemeral_for=None if public else user,
        )
        self.workspace.add_message(message)
        if public:
            self.events.posted(message)
        return message

    def _delete(self, source: Message) -> None:
        if (source.channel, source.ts) in self.workspace.messages:
            before = message_json(self.workspace, source)
            self.workspace.remove_message(source)
            if not source.ephemeral_for:
                self.events.deleted(source, before)

    def _replace(self, source: Message, body: Json) -> None:
        before = message_json(self.workspace, source)
        blocks = _checked(body)
        source.text = body.get("text", "")
        source.blocks = with_ids(blocks, lambda: self.workspace.new_id("b"))
        self.workspace.changes.notify()
        if not source.ephemeral_for:
            self.events.changed(source, before)


def _checked(body: Json) -> list[Json]:
    blocks: list[Json] = body.get("blocks") or []
    if problems := check_blocks(blocks):
        raise refused("invalid_blocks", problems)
    if not (body.get("text") or blocks or body.get("attachments") or body.get("delete_original")):
        raise SlackError("no_text")
    return blocks
