"""Every method: its handler, the scopes of which one is needed, its rate tier, its kind of token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from evals.emulators.slack.methods import chat, conversations, files, meta, sessions, streams, views
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import Json

Token = Literal["bot", "app", "none"]
# Calls per minute (docs.slack.dev/apis/web-api/rate-limits).
TIER_1, TIER_2, TIER_3, TIER_4, SPECIAL = 1, 20, 50, 100, 60
VALIDATE = 600


@dataclass(frozen=True)
class Method:
    handler: Callable[[Call], Json]
    per_minute: int
    scopes: tuple[str, ...] = ()
    token: Token = "bot"  # noqa: S105  # the kind of token, not one


WRITE = ("chat:write",)
AGENT = ("assistant:write", "chat:write")
USERS = ("users:read",)
GROUPS = ("usergroups:read",)
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")

METHODS: dict[str, Method] = {
    "auth.test": Method(meta.auth_test, SPECIAL),
    "apps.connections.open": Method(meta.open_connection, SPECIAL, token="app"),  # noqa: S106  # the kind of token
    "team.info": Method(meta.team_info, TIER_3, ("team:read",)),
    "bots.info": Method(meta.bot_info, TIER_3, USERS),
    "blocks.validate": Method(meta.validate_blocks, VALIDATE, token="none"),  # noqa: S106  # the kind of token
    "chat.postMessage": Method(chat.post_message, SPECIAL, WRITE),
    "chat.postEphemeral": Method(chat.post_ephemeral, TIER_4, WRITE),
    "chat.update": Method(chat.update, TIER_3, WRITE),
    "chat.delete": Method(chat.delete, TIER_3, WRITE),
    "chat.getPermalink": Method(chat.get_permalink, SPECIAL),
    "chat.startStream": Method(streams.start_stream, TIER_2, WRITE),
    "chat.appendStream": Method(streams.append_stream, TIER_4, WRITE),
    "chat.stopStream": Method(streams.stop_stream, TIER_2, WRITE),
    "conversations.info": Method(conversations.info, TIER_3, READ),
    "conversations.list": Method(conversations.list_conversations, TIER_2, READ),
    "conversations.members": Method(conversations.members, TIER_4, READ),
    "conversations.open": Method(conversations.open_conversation, TIER_3, ("im:write", "mpim:write")),
    "conversations.history": Method(conversations.history, TIER_3, HISTORY),
    "conversations.replies": Method(conversations.replies, TIER_3, HISTORY),
    "users.info": Method(conversations.user_info, TIER_4, USERS),
    "users.list": Method(conversations.list_users, TIER_2, USERS),
    "users.lookupByEmail": Method(conversations.user_by_email, TIER_3, ("users:read.email",)),
    "usergroups.list": Method(conversations.list_groups, TIER_2, GROUPS),
    "usergroups.users.list": Method(conversations.group_users, TIER_2, GROUPS),
    "views.open": Method(views.open_view, TIER_4),
    "views.push": Method(views.push_view, TIER_4),
    "views.update": Method(views.update_view, TIER_4),
    "views.publish": Method(views.publish_view, TIER_4),
    "reactions.add": Method(files.add_reaction, TIER_3, ("reactions:write",)),
    "reactions.remove": Method(files.remove_reaction, TIER_2, ("reactions:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, TIER_4, ("files:write",)),
    "files.completeUploadExternal": Method(files.complete_upload, TIER_4, ("files:write",)),
    "files.info": Method(files.info, TIER_4, ("files:read",)),
    "agents.sessions.setStatus": Method(sessions.set_status, TIER_3, WRITE),
    "agents.sessions.rename": Method(sessions.rename, TIER_3, WRITE),
    "assistant.threads.setStatus": Method(sessions.set_thinking, SPECIAL, AGENT),
    "assistant.threads.setSuggestedPrompts": Method(sessions.set_prompts, TIER_3, ("assistant:write",)),
    "assistant.threads.setTitle": Method(sessions.set_title, TIER_3, ("assistant:write",)),
}
