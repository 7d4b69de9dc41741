"""One Web API call: its arguments, who makes it, and the workspace it acts on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evals.emulators.slack.blockkit.check import check_blocks
from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.events import Events
from evals.emulators.slack.model import App, Channel, Json
from evals.emulators.slack.state import Workspace

JSON_ARGUMENTS = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "view": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "chunks": "invalid_chunks",
    "files": "invalid_arguments",
    "prompts": "invalid_arguments",
    "message": "invalid_arguments",
    "loading_messages": "invalid_arguments",
}
MAX_PAGE = 1000


@dataclass(frozen=True)
class Call:
    """What a method sees. `base_url` is the emulator's own address, `new_socket_url` makes a Socket Mode URL."""

    arguments: Mapping[str, Any]
    workspace: Workspace
    events: Events
    base_url: str
    new_socket_url: Callable[[], str]

    @property
    def app(self) -> App:
        return self.workspace.app

    def text(self, name: str) -> str | None:
        value = self.arguments.get(name)
        return None if value is None or value == "" else str(value)

    def required(self, name: str) -> str:
        """A text argument; invalid_arguments when it is absent."""
        value = self.text(name)
        if value is None:
            raise refused("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """A boolean as JSON or form text."""
        return str(self.arguments.get(name, "")).lower() in {"true", "1"}

    def limit(self, default: int = 100) -> int:
        return max(1, min(int(self.text("limit") or default), MAX_PAGE))

    def json(self, name: str) -> Any:
        """A structured argument, given as JSON or as JSON inside a string; None when absent."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except json.JSONDecodeError:
            raise SlackError(JSON_ARGUMENTS.get(name, "invalid_arguments")) from None

    def blocks(self) -> list[Json]:
        """The checked blocks of a message, empty when none are given."""
        blocks = self.json("blocks")
        if blocks is None:
            return []
        if not isinstance(blocks, list):
            raise SlackError("invalid_blocks_format")
        if problems := check_blocks(blocks):
            raise refused("invalid_blocks", problems)
        return blocks

    def need(self, *scopes: str) -> None:
        """Refuse with missing_scope unless one of these was granted."""
        if not self.app.may(*scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.app.scopes or ())))

    def channel(self, name: str = "channel") -> Channel:
        """The conversation an argument names by id; channel_not_found when the app cannot know of it."""
        found = self.workspace.channels.get(self.required(name))
        if found is None or (found.kind != "public" and self.app.bot_user not in found.members):
            raise SlackError("channel_not_found")
        return found

    def joined_channel(self, name: str = "channel") -> Channel:
        """A conversation the app is a member of."""
        found = self.channel(name)
        if self.app.bot_user not in found.members:
            raise SlackError("not_in_channel")
        return found

    def readable(self, suffix: str, name: str = "channel") -> Channel:
        """A conversation that the app's `<type>:<suffix>` scope lets it read."""
        found = self.channel(name)
        family = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}[found.kind]
        self.need(f"{family}:{suffix}")
        return found


def page(rows: list[Any], call: Call, name: str, default: int = 100) -> Json:
    """One page of rows with Slack's cursor."""
    start = int(call.text("cursor") or 0)
    end = start + call.limit(default)
    cursor = str(end) if end < len(rows) else ""
    return {name: rows[start:end], "response_metadata": {"next_cursor": cursor}}
