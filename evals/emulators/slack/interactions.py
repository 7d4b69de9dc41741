"""Interaction payloads: clicks, submissions, shortcuts, slash commands, and what their acks do."""

from dataclasses import dataclass
from typing import Any

from evals.emulators.slack.model import Channel, Json, Message, User, View
from evals.emulators.slack.outbox import Ack, Outbox
from evals.emulators.slack.render import message_json, view_json
from evals.emulators.slack.response_urls import ResponseUrls
from evals.emulators.slack.state import Workspace


@dataclass(frozen=True)
class Interactions:
    workspace: Workspace
    outbox: Outbox
    response_urls: ResponseUrls

    async def act(self, user: User, target: Message | View, action: Json, values: Json) -> Ack | None:
        """One block action in a message or view; None when the app did not acknowledge it in time."""
        action = {**action, "action_ts": self.workspace.next_ts()}
        payload = self._base("block_actions", user) | {"actions": [action], "state": {"values": values}}
        if isinstance(target, View):
            container = {"type": "view", "view_id": target.id}
            payload |= {"view": view_json(self.workspace, target), "container": container}
            payload["trigger_id"] = self.workspace.new_trigger(user.id, target.id)
        else:
            payload |= self._message_context(user, target)
        return await self.outbox.interact("interactive", payload)

    async def suggest(self, user: User, target: Message | View, element: Json, query: str) -> list[Json]:
        """What an external select offers for `query`, option groups flattened; nothing when not answered."""
        payload = self._base("block_suggestion", user) | {**element, "type": "block_suggestion", "value": query}
        if isinstance(target, View):
            payload |= {"view": view_json(self.workspace, target), "container": {"type": "view", "view_id": target.id}}
        else:
            payload |= self._message_context(user, target)
        ack = await self.outbox.interact("interactive", payload)
        answer = (ack.payload if ack else None) or {}
        groups = answer.get("option_groups") or [answer]
        return [option for group in groups for option in group.get("options", [])]

    async def submit(self, view: View) -> Ack | None:
        user = self.workspace.users[view.user]
        payload = self._base("view_submission", user) | {"view": view_json(self.workspace, view), "response_urls": []}
        return await self.outbox.interact("interactive", payload)

    async def closed(self, view: View, *, cleared: bool) -> Ack | None:
        user = self.workspace.users[view.user]
        payload = self._base("view_closed", user) | {"view": view_json(self.workspace, view), "is_cleared": cleared}
        return await self.outbox.interact("interactive", payload)

    async def shortcut(self, user: User, callback_id: str) -> Ack | None:
        extra = {"callback_id": callback_id, "action_ts": self.workspace.next_ts()}
        return await self.outbox.interact("interactive", self._base("shortcut", user) | extra)

    async def message_shortcut(self, user: User, message: Message, callback_id: str) -> Ack | None:
        channel = self.workspace.channels[message.channel]
        payload = self._base("message_action", user) | {
            "callback_id": callback_id,
            "action_ts": self.workspace.next_ts(),
            "message_ts": message.ts,
            "channel": _channel(channel),
            "message": message_json(self.workspace, message),
            "response_url": self.response_urls.issue(user.id, channel.id),
        }
        return await self.outbox.interact("interactive", payload)

    async def command(self, user: User, channel: Channel, command: str, text: str) -> Ack | None:
        """A slash command; an ack with text or blocks becomes a message, seen by the person alone unless in_channel."""
        payload = {
            "token": self.workspace.app.verification_token,
            "team_id": self.workspace.team_id,
            "team_domain": self.workspace.team_name,
            "channel_id": channel.id,
            "channel_name": _channel(channel)["name"],
            "user_id": user.id,
            "user_name": user.handle,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_urls.issue(user.id, channel.id),
            "trigger_id": self.workspace.new_trigger(user.id),
        }
        ack = await self.outbox.interact("slash_commands", payload)
        if ack and ack.payload and (ack.payload.get("text") or ack.payload.get("blocks")):
            self.response_urls.reply(user.id, channel.id, ack.payload)
        return ack

    async def forge(self, user: User, payload: Json) -> Ack | None:
        """A block_actions payload with anything in it: what only an attacker inside Slack's signature could send."""
        return await self.outbox.interact("interactive", self._base("block_actions", user) | payload)

    def _base(self, kind: str, user: User) -> Json:
        workspace = self.workspace
        return {
            "type": kind,
            "team": {"id": workspace.team_id, "domain": workspace.team_name},
            "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team_id},
            "api_app_id": workspace.app.id,
            "token": workspace.app.verification_token,
            "trigger_id": workspace.new_trigger(user.id),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _message_context(self, user: User, message: Message) -> Json:
        channel = self.workspace.channels[message.channel]
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_for is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        context: dict[str, Any] = {
            "container": container,
            "channel": _channel(channel),
            "response_url": self.response_urls.issue(user.id, channel.id, message),
        }
        if message.ephemeral_for is None:
            context["message"] = message_json(self.workspace, message)
        return context


def _channel(channel: Channel) -> Json:
    special = {"im": "directmessage", "private": "privategroup", "mpim": "privategroup"}
    return {"id": channel.id, "name": special.get(channel.kind, channel.name)}
