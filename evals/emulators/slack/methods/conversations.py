"""conversations.*, users.*, usergroups.*: who is here and what was said."""

from evals.emulators.slack.errors import SlackError
from evals.emulators.slack.methods.call import Call, page
from evals.emulators.slack.model import Json
from evals.emulators.slack.render import channel_json, message_json, user_json

KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
READ_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def info(call: Call) -> Json:
    return {"channel": channel_json(call.workspace, call.readable("read"))}


def list_conversations(call: Call) -> Json:
    """Conversations of the asked `types` that the app can see; one missing scope refuses the call."""
    kinds = [KINDS.get(one.strip(), "") for one in (call.text("types") or "public_channel").split(",")]
    for kind in kinds:
        if kind not in READ_SCOPES:
            raise SlackError("invalid_types")
        call.need(READ_SCOPES[kind])
    seen = [
        channel_json(call.workspace, channel)
        for channel in call.workspace.channels.values()
        if channel.kind in kinds and (channel.kind == "public" or call.app.bot_user in channel.members)
        if not (channel.is_archived and call.flag("exclude_archived"))
    ]
    return page(seen, call, "channels")


def members(call: Call) -> Json:
    return page(list(call.readable("read").members), call, "members")


def open_conversation(call: Call) -> Json:
    """The direct or group message with `users`, or the one that `channel` names."""
    if given := call.text("channel"):
        channel = call.workspace.channels.get(given)
        if channel is None:
            raise SlackError("channel_not_found")
        return {"channel": channel_json(call.workspace, channel)}
    users = [one.strip() for one in call.required("users").split(",")]
    call.need("im:write" if len(users) == 1 else "mpim:write")
    if any(user not in call.workspace.users for user in users):
        raise SlackError("user_not_found")
    known = len(call.workspace.channels)
    channel = call.workspace.direct_message(*users)
    full = channel_json(call.workspace, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": full, "already_open": len(call.workspace.channels) == known}


def history(call: Call) -> Json:
    """Newest first, top-level messages and broadcasts only."""
    channel = call.readable("history")
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    rows = [
        message_json(call.workspace, message)
        for message in reversed(call.workspace.history(channel.id))
        if (message.thread_ts is None or message.subtype == "thread_broadcast") and _within(call, message.ts)
    ]
    found = page(rows, call, "messages")
    return {**found, "has_more": bool(found["response_metadata"]["next_cursor"])}


def replies(call: Call) -> Json:
    """A thread, oldest first, its root always included."""
    channel = call.readable("history")
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    root = call.workspace.messages.get((channel.id, call.required("ts")))
    if root is None:
        raise SlackError("thread_not_found")
    thread = call.workspace.replies(channel.id, root.root_ts)
    rows = [message_json(call.workspace, m) for m in thread if m.thread_ts is None or _within(call, m.ts)]
    found = page(rows, call, "messages", default=1000)
    return {**found, "has_more": bool(found["response_metadata"]["next_cursor"])}


def _within(call: Call, ts: str) -> bool:
    oldest, latest = float(call.text("oldest") or 0), float(call.text("latest") or "inf")
    inclusive = call.flag("inclusive")
    return oldest < float(ts) < latest or (inclusive and float(ts) in {oldest, latest})


def user_info(call: Call) -> Json:
    user = call.workspace.users.get(call.required("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_json(call.workspace, user)}


def list_users(call: Call) -> Json:
    own = [user_json(call.workspace, user) for user in call.workspace.users.values()]
    return page(own, call, "members")


def user_by_email(call: Call) -> Json:
    email = call.required("email").lower()
    for user in call.workspace.users.values():
        if (user.email or "").lower() == email and not user.deleted:
            return {"user": user_json(call.workspace, user)}
    raise SlackError("users_not_found")


def list_groups(call: Call) -> Json:
    with_users = call.flag("include_users")
    rows = []
    for group in call.workspace.groups.values():
        row: Json = {"id": group.id, "handle": group.handle, "name": group.name, "user_count": len(group.users)}
        row |= {"team_id": call.workspace.team_id, "is_usergroup": True, "date_delete": 0}
        rows.append({**row, "users": group.users} if with_users else row)
    return {"usergroups": rows}


def group_users(call: Call) -> Json:
    group = call.workspace.groups.get(call.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}
