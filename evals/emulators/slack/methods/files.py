"""files.*: the three-step upload and files.info; reactions.* beside them."""

import mimetypes
from typing import Any

from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import File, Json, Message
from evals.emulators.slack.render import file_json


def get_upload_url(call: Call) -> Json:
    name, length = call.required("filename"), call.required("length")
    if not length.isdecimal() or int(length) == 0:
        raise refused("invalid_arguments", ["[ERROR] must be a positive number (length)"])
    file = File(call.workspace.new_id("F"), name, int(length), call.app.bot_user, alt_text=call.text("alt_txt"))
    file.mimetype = mimetypes.guess_type(name)[0] or "text/plain"
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Makes uploaded files visible; with channels it posts one message that carries them."""
    files = [_uploaded(call, row) for row in call.json("files") or []]
    if not files:
        raise refused("invalid_arguments", ["[ERROR] missing required field: files"])
    given = ",".join(filter(None, [call.text("channel_id"), call.text("channels")]))
    channels = [one for one in given.split(",") if one]
    for channel_id in channels:
        _share(call, channel_id, files)
    for file in files:
        file.completed = True
        file.channels.extend(channels)
    call.workspace.changes.notify()
    return {"files": [file_json(call.workspace, file, call.base_url) for file in files]}


def _uploaded(call: Call, row: Any) -> File:
    file = call.workspace.files.get(row.get("id", ""))
    if file is None or not file.uploaded:
        raise SlackError("file_not_found")
    file.title = row.get("title") or file.name
    return file


def _share(call: Call, channel_id: str, files: list[File]) -> None:
    channel = call.workspace.channels.get(channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    message = Message(
        call.workspace.next_ts(),
        channel_id,
        call.app.bot_user,
        call.text("initial_comment") or "",
        thread_ts=call.text("thread_ts"),
        bot_id=call.app.bot_id,
        app_id=call.app.id,
        subtype="file_share",
        files=[file.id for file in files],
    )
    call.events.posted(call.workspace.add_message(message))


def info(call: Call) -> Json:
    file = call.workspace.files.get(call.required("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(call.workspace, file, call.base_url), "comments": []}


def add_reaction(call: Call) -> Json:
    message, name = call.workspace.message(call.joined_channel().id, call.required("timestamp")), call.required("name")
    users = message.reactions.setdefault(name, [])
    if call.app.bot_user in users:
        raise SlackError("already_reacted")
    users.append(call.app.bot_user)
    call.workspace.changes.notify()
    call.events.reaction("reaction_added", call.app.bot_user, message, name)
    return {}


def remove_reaction(call: Call) -> Json:
    message, name = call.workspace.message(call.joined_channel().id, call.required("timestamp")), call.required("name")
    users = message.reactions.get(name, [])
    if call.app.bot_user not in users:
        raise SlackError("no_reaction")
    users.remove(call.app.bot_user)
    if not users:
        del message.reactions[name]
    call.workspace.changes.notify()
    call.events.reaction("reaction_removed", call.app.bot_user, message, name)
    return {}
