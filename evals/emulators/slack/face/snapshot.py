"""What one person sees of the workspace, as flat rows that a feed can compare."""

from collections.abc import Iterator

from evals.emulators.slack.face.reading import Reading
from evals.emulators.slack.model import Channel, File, Json, Message, Session, User, View
from evals.emulators.slack.state import Workspace

Rows = dict[str, Json]


def snapshot(workspace: Workspace, viewer: User, reading: Reading) -> Rows:
    """Every row for `viewer`, by key.

    Keys: `workspace`, `user/ID`, `group/ID`, `channel/ID`, `message/CHANNEL/TS`, `session/CHANNEL/TS`,
    `home`, `modals`.
    Only conversations they are in (of public ones they are not in, the name), of ephemeral messages only their own.
    """
    return dict([*_people(workspace, viewer, reading), *_conversations(workspace, viewer, reading)])


def _people(workspace: Workspace, viewer: User, reading: Reading) -> Iterator[tuple[str, Json]]:
    yield "workspace", _workspace(workspace, viewer)
    for user in workspace.users.values():
        yield f"user/{user.id}", _user(workspace, user, reading)
    for group in workspace.groups.values():
        yield f"group/{group.id}", {"id": group.id, "handle": group.handle, "name": group.name}
    home = workspace.homes.get(viewer.id)
    yield "home", {"view": home and _view(home)}
    yield "modals", {"views": [_view(view) for view in workspace.modals.get(viewer.id, [])]}


def _conversations(workspace: Workspace, viewer: User, reading: Reading) -> Iterator[tuple[str, Json]]:
    mine = {channel.id for channel in workspace.channels.values() if viewer.id in channel.members}
    for channel in workspace.channels.values():
        if channel.id in mine or channel.kind == "public":
            yield f"channel/{channel.id}", _channel(workspace, channel, viewer, reading)
    for message in workspace.messages.values():
        if message.channel in mine and message.ephemeral_for in {None, viewer.id}:
            yield f"message/{message.channel}/{message.ts}", _message(workspace, message, viewer)
    for session in workspace.sessions.values():
        if session.channel in mine:
            yield f"session/{session.channel}/{session.thread_ts or ''}", _session(session)


def _workspace(workspace: Workspace, viewer: User) -> Json:
    app = workspace.app
    return {
        "me": viewer.id,
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "app": {
            "id": app.id,
            "name": app.name,
            "bot_user": app.bot_user,
            "commands": [{"command": one, "hint": app.labels.get(one, "")} for one in app.commands or ()],
            "shortcuts": [
                {"callback_id": one, "type": kind, "name": app.labels.get(one, one)}
                for one, kind in (app.shortcuts or {}).items()
            ],
            "prompts": list(app.prompts),
            "home_tab": app.home_tab,
            "messages_tab": app.messages_tab,
        },
    }


def _user(workspace: Workspace, user: User, reading: Reading) -> Json:
    return {
        "id": user.id,
        "handle": user.handle,
        "name": user.real_name,
        "is_bot": user.is_bot,
        "is_guest": user.team_id != workspace.team_id,
        "tz": user.tz,
        # The switcher shows who has something to read.
        "waiting": 0 if user.is_bot else reading.calls_for(workspace, user.id),
    }


def _channel(workspace: Workspace, channel: Channel, viewer: User, reading: Reading) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "members": channel.members,
        "is_member": viewer.id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_archived": channel.is_archived,
        "last_read": reading.last_read(viewer.id, channel.id),
        **reading.unread(workspace, viewer.id, channel),
    }


def _message(workspace: Workspace, message: Message, viewer: User) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "username": message.username,
        "from_app": message.bot_id is not None,
        "from_this_app": message.app_id == workspace.app.id,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "subtype": message.subtype,
        "is_edited": message.edited_at is not None and message.stream is None,
        "is_ephemeral": message.ephemeral_for is not None,
        "stream": message.stream and message.stream.state,
        "reactions": [{"name": name, "users": users} for name, users in message.reactions.items() if users],
        "files": [_file(workspace.files[one]) for one in message.files if one in workspace.files],
        "values": workspace.message_values.get((viewer.id, message.channel, message.ts), {}),
    }


def _file(file: File) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "size": file.size,
        "alt": file.alt_text or file.title or file.name,
    }


def _session(session: Session) -> Json:
    return {
        "channel": session.channel,
        "thread_ts": session.thread_ts,
        "status": session.status,
        "title": session.title,
        "thinking": session.thinking,
        "loading": session.loading_messages,
        "prompts": session.prompts,
        "prompts_title": session.prompts_title,
    }


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "root_id": view.root_id,
        "hash": view.hash,
        "title": view.definition.get("title"),
        "submit": view.definition.get("submit"),
        "close": view.definition.get("close"),
        "blocks": view.blocks,
        "values": view.values,
        "errors": view.errors,
    }
