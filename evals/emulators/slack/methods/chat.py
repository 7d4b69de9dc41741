"""chat.*: post, update, delete, ephemeral, permalink."""

from typing import Any

from evals.emulators.slack.blockkit.walk import nested_blocks, with_ids
from evals.emulators.slack.errors import SlackError
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import Channel, Json, Message
from evals.emulators.slack.render import message_json

MAX_TEXT = 40_000
MAX_MARKDOWN = 12_000
MAX_METADATA = 16_000


def post_message(call: Call) -> Json:
    message = _draft(call, _destination(call))
    call.workspace.add_message(message)
    call.workspace.session_of(message).thinking = ""
    call.events.posted(message)
    return {"channel": message.channel, "ts": message.ts, "message": message_json(call.workspace, message)}


def post_ephemeral(call: Call) -> Json:
    channel = call.joined_channel()
    user = call.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _draft(call, channel)
    message.ephemeral_for = user
    call.workspace.add_message(message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Replaces text and blocks; what is not given stays, except that new text without blocks removes the blocks."""
    message = own_message(call, "cant_update_message")
    if message.stream and message.stream.state == "streaming":
        raise SlackError("streaming_state_conflict")
    before = message_json(call.workspace, message)
    draft = _draft(call, call.workspace.channels[message.channel])
    message.text, message.blocks = draft.text, with_ids(draft.blocks, lambda: call.workspace.new_id("b"))
    if call.json("attachments") is not None:
        message.attachments = draft.attachments
    if draft.metadata is not None:
        message.metadata = draft.metadata
    message.edited_at, message.edited_by = call.workspace.next_ts(), message.user
    call.workspace.changes.notify()
    call.events.changed(message, before)
    rendered = message_json(call.workspace, message)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": rendered}


def delete(call: Call) -> Json:
    message = own_message(call, "cant_delete_message")
    before = message_json(call.workspace, message)
    call.workspace.remove_message(message)
    call.events.deleted(message, before)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.workspace.message(channel.id, call.required("message_ts"))
    link = f"https://{call.workspace.team_name}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def own_message(call: Call, code: str) -> Message:
    """The app's own visible message that `channel` and `ts` name."""
    message = call.workspace.message(call.channel().id, call.required("ts"))
    if message.ephemeral_for:
        raise SlackError("message_not_found")
    if message.user != call.app.bot_user:
        raise SlackError(code)
    return message


def fallback_text(blocks: list[Json]) -> str:
    """The text Slack composes of blocks when the app gives none."""
    return "\n".join(filter(None, (_words(block) for block in nested_blocks(blocks))))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        inner = value.get("text")
        return inner if isinstance(inner, str) else _words(inner)
    return ""


def _destination(call: Call) -> Channel:
    """By id, by name, or a person's id, which means the app's conversation with them."""
    given = call.text("channel")
    if given is None:
        raise SlackError("channel_not_found")
    if given in call.workspace.users:
        return call.workspace.direct_message(given)
    named = {channel.name: channel.id for channel in call.workspace.channels.values() if channel.name}
    found = call.workspace.channels.get(named.get(given.removeprefix("#"), given))
    if found is None or (found.kind != "public" and call.app.bot_user not in found.members):
        raise SlackError("channel_not_found")
    if found.is_archived:
        raise SlackError("is_archived")
    if call.app.bot_user not in found.members and not (found.kind == "public" and _may_post_anywhere(call)):
        raise SlackError("not_in_channel")
    return found


def _may_post_anywhere(call: Call) -> bool:
    return call.app.scopes is not None and call.app.may("chat:write.public")


def _draft(call: Call, channel: Channel) -> Message:
    """The message that the arguments describe, checked against Slack's limits."""
    blocks, text, attachments = call.blocks(), call.text("text") or "", call.json("attachments") or []
    if markdown := call.text("markdown_text"):
        if blocks or text:
            raise SlackError("markdown_text_conflict")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > (MAX_MARKDOWN if markdown else MAX_TEXT):
        raise SlackError("msg_too_long")
    metadata = call.json("metadata")
    if metadata is not None and len(str(metadata)) > MAX_METADATA:
        raise SlackError("metadata_too_large")
    return Message(
        call.workspace.next_ts(),
        channel.id,
        call.app.bot_user,
        text or fallback_text(blocks),
        blocks,
        thread_ts=_thread(call, channel),
        attachments=attachments,
        metadata=metadata,
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        username=call.text("username"),
        subtype="thread_broadcast" if call.flag("reply_broadcast") else None,
    )


def _thread(call: Call, channel: Channel) -> str | None:
    """The root of the thread; a reply's ts means its root, an unknown ts starts nothing, as Slack does."""
    given = call.text("thread_ts")
    if given is None:
        return None
    parent = call.workspace.messages.get((channel.id, given))
    return parent.root_ts if parent else given
