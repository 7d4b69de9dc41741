"""The JSON that Slack shows of users, channels, messages, files and views."""

from evals.emulators.slack.model import Channel, File, Json, Message, User, View
from evals.emulators.slack.state import Workspace


def user_json(workspace: Workspace, user: User) -> Json:
    """A user object of users.info; the email only with the scope users:read.email."""
    profile: Json = {"real_name": user.real_name, "display_name": user.handle, "team": user.team_id}
    if user.email and workspace.app.may("users:read.email"):
        profile["email"] = user.email
    stranger = user.team_id != workspace.team_id
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.handle,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "tz": user.tz,
        "tz_offset": user.tz_offset_seconds,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": False,
        "profile": profile,
        **({"is_stranger": True} if stranger else {}),
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A conversation object as conversations.info gives it to the app."""
    bot = workspace.app.bot_user
    common: Json = {"id": channel.id, "created": channel.created, "is_archived": channel.is_archived}
    if channel.kind == "im":
        return {**common, "is_im": True, "user": next((u for u in channel.members if u != bot), bot)}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_member": bot in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "context_team_id": workspace.team_id,
    }


def file_json(workspace: Workspace, file: File, base_url: str = "") -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "size": file.size,
        "user": file.user,
        "mode": "hosted",
        "alt_txt": file.alt_text,
        "channels": file.channels,
        "url_private": f"{base_url}/files/{file.id}",
        "url_private_download": f"{base_url}/files/{file.id}",
        "user_team": workspace.users[file.user].team_id,
    }


def message_json(workspace: Workspace, message: Message) -> Json:
    """A message of a history. Fields that Slack leaves out when empty are left out."""
    author = workspace.users[message.user]
    optional: Json = {
        "thread_ts": message.thread_ts or _own_thread(workspace, message),
        "subtype": message.subtype,
        "bot_id": message.bot_id,
        "app_id": message.app_id,
        "username": message.username,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "metadata": message.metadata,
        "files": [file_json(workspace, workspace.files[one]) for one in message.files],
        "edited": message.edited_at and {"user": message.edited_by, "ts": message.edited_at},
        "reactions": [{"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()],
        **_thread_facts(workspace, message),
    }
    return {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "team": author.team_id,
        **{name: value for name, value in optional.items() if value},
    }


def _own_thread(workspace: Workspace, message: Message) -> str | None:
    return message.ts if len(workspace.replies(message.channel, message.ts)) > 1 else None


def _thread_facts(workspace: Workspace, message: Message) -> Json:
    replies = workspace.replies(message.channel, message.ts)[1:] if message.thread_ts is None else []
    if not replies:
        return {}
    return {
        "reply_count": len(replies),
        "reply_users": sorted({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
    }


def view_json(workspace: Workspace, view: View) -> Json:
    """A view as views.* answers and view payloads carry it; `state` holds what was typed."""
    defaults: Json = {
        "title": None,
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return {
        **defaults,
        **view.definition,
        "id": view.id,
        "team_id": workspace.team_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": workspace.app.id,
        "bot_id": workspace.app.bot_id,
        "app_installed_team_id": workspace.team_id,
    }
