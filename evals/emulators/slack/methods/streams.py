"""chat.startStream, appendStream, stopStream: a message that is written while people read it."""

from typing import Any

from evals.emulators.slack.blockkit.blocks import STATUS, element
from evals.emulators.slack.blockkit.check import check_blocks
from evals.emulators.slack.blockkit.schema import Check, Problem, Shape, anything, array, string, typed
from evals.emulators.slack.blockkit.walk import with_ids
from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.methods.chat import MAX_MARKDOWN, fallback_text, own_message
from evals.emulators.slack.methods.sessions import set_session_status
from evals.emulators.slack.model import Json, Message, Stream
from evals.emulators.slack.render import message_json

STREAM_SECONDS = 300.0  # observed by app authors: about five minutes after the start, however often it is appended to
CHUNK: Check = typed(
    {
        "markdown_text": Shape({"type": anything, "text": string()}),
        "plan_update": Shape({"type": anything, "title": string(256)}),
        "task_update": Shape(
            {"type": anything, "id": string(), "title": string(256), "status": STATUS},
            {"details": string(256), "output": string(256), "sources": array(element("url"), 0)},
        ),
        "blocks": Shape({"type": anything, "blocks": anything}),
    }
)


def start_stream(call: Call) -> Json:
    channel = call.joined_channel()
    thread_ts = call.required("thread_ts")
    # Documented for channels only, but seen required in direct messages too.
    if call.text("recipient_team_id") is None:
        raise SlackError("missing_recipient_team_id")
    if call.text("recipient_user_id") is None:
        raise SlackError("missing_recipient_user_id")
    parent = call.workspace.messages.get((channel.id, thread_ts))
    stream = Stream(None, call.text("task_display_mode") or "timeline", call.workspace.now())
    message = Message(
        call.workspace.next_ts(),
        channel.id,
        call.app.bot_user,
        "",
        thread_ts=parent.root_ts if parent else thread_ts,
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        stream=stream,
    )
    _take(call, message, stream)
    call.workspace.add_message(message)
    call.workspace.session_of(message).thinking = ""
    call.events.posted(message)
    return {"channel": channel.id, "ts": message.ts}


def append_stream(call: Call) -> Json:
    message, stream = _streaming(call)
    if call.text("markdown_text") is None and not call.json("chunks"):
        raise SlackError("markdown_text_or_chunks_required")
    _take(call, message, stream)
    call.workspace.changes.notify()
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(call: Call) -> Json:
    """Finishes the message; `blocks` stand below what was streamed."""
    message, stream = _streaming(call)
    before = message_json(call.workspace, message)
    blocks = call.blocks()
    _take(call, message, stream)
    stream.parts.extend({"type": "blocks", "blocks": [block]} for block in blocks)
    stream.state = "stopped"
    _draw(call, message, stream)
    message.metadata = call.json("metadata") or message.metadata
    if status := call.text("session_status"):
        set_session_status(call, message.channel, message.thread_ts, status)
    call.workspace.changes.notify()
    call.events.changed(message, before)
    return {"channel": message.channel, "ts": message.ts, "message": message_json(call.workspace, message)}


def _streaming(call: Call) -> tuple[Message, Stream]:
    message = own_message(call, "message_not_owned_by_app")
    stream = message.stream
    if stream is None or stream.state == "stopped":
        raise SlackError("message_not_in_streaming_state")
    if stream.state == "stopped_by_user":
        raise SlackError("stopped_by_user")
    if call.workspace.now() - stream.started_at > STREAM_SECONDS:
        stream.state = "stopped"
        raise SlackError("message_not_in_streaming_state")
    return message, stream


def _take(call: Call, message: Message, stream: Stream) -> None:
    """Add what this call carries: markdown_text or chunks, never both in one message."""
    markdown, chunks = call.text("markdown_text"), call.json("chunks")
    if markdown is not None and chunks:
        raise SlackError("cannot_provide_both_markdown_text_and_chunks")
    if markdown is None and not chunks:
        return
    mode = "chunks" if markdown is None else "markdown_text"
    if stream.mode not in {None, mode}:
        raise SlackError("streaming_mode_mismatch")
    added = _checked(chunks) if markdown is None else [{"type": "markdown_text", "text": markdown}]
    if any(len(chunk["text"]) > MAX_MARKDOWN for chunk in added if chunk["type"] == "markdown_text"):
        raise SlackError("msg_too_long")
    stream.mode = "chunks" if markdown is None else "markdown_text"
    for chunk in added:
        _add(stream, chunk)
    _draw(call, message, stream)


def _checked(chunks: Any) -> list[Json]:
    problems: list[Problem] = list(array(CHUNK)(chunks, "/chunks"))
    if problems:
        raise refused("invalid_chunks", problems)
    for index, chunk in enumerate(chunks):
        if chunk["type"] == "blocks" and (found := check_blocks(chunk["blocks"], f"/chunks/{index}/blocks")):
            raise refused("invalid_blocks", found)
    return list(chunks)


def _add(stream: Stream, chunk: Json) -> None:
    """Text joins the text before it; a task replaces its title and status, its details and output grow."""
    last = stream.parts[-1] if stream.parts else None
    if chunk["type"] == "markdown_text" and last and last["type"] == "markdown_text":
        last["text"] += chunk["text"]
    elif chunk["type"] == "plan_update":
        stream.plan_title = chunk["title"]
    elif chunk["type"] == "task_update":
        _update_task(stream, chunk)
    else:
        stream.parts.append(dict(chunk))


def _update_task(stream: Stream, chunk: Json) -> None:
    known = next((part for part in stream.parts if part["type"] == "task_update" and part["id"] == chunk["id"]), None)
    if known is None:
        stream.parts.append(dict(chunk))
        return
    grown = {name: known.get(name, "") + chunk[name] for name in ("details", "output") if chunk.get(name)}
    known.update({**chunk, **grown})


def _draw(call: Call, message: Message, stream: Stream) -> None:
    blocks: list[Json] = []
    plan: Json | None = None
    for part in stream.parts:
        if part["type"] == "markdown_text":
            blocks.append({"type": "markdown", "text": part["text"]})
        elif part["type"] == "blocks":
            blocks.extend(part["blocks"])
        elif stream.display == "plan":
            if plan is None:
                plan = {"type": "plan", "title": stream.plan_title or "Plan", "tasks": []}
                blocks.append(plan)
            plan["tasks"].append(_task_card(part))
        else:
            blocks.append(_task_card(part))
    message.blocks = with_ids(blocks, lambda: call.workspace.new_id("b"))
    message.text = fallback_text(blocks)


def _task_card(part: Json) -> Json:
    card = {"type": "task_card", "task_id": part["id"], "title": part["title"], "status": part["status"]}
    texts = {name: _rich_text(part[name]) for name in ("details", "output") if part.get(name)}
    return {**card, **texts, **({"sources": part["sources"]} if part.get("sources") else {})}


def _rich_text(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}
