"""What a workspace holds: people, conversations, messages, views, files, sessions, the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im", "mpim"]
SessionStatus = Literal["active", "processing", "suspended", "closed"]


@dataclass
class User:
    """A person or a bot user. `team_id` other than the workspace's marks a Slack Connect guest."""

    id: str
    handle: str
    real_name: str
    team_id: str
    email: str | None = None
    tz: str = "Europe/Berlin"
    tz_offset_seconds: int = 3600
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False


@dataclass
class Channel:
    id: str
    name: str
    kind: ChannelKind = "public"
    members: list[str] = field(default_factory=list)
    is_ext_shared: bool = False
    is_archived: bool = False
    topic: str = ""
    created: int = 0


@dataclass
class Stream:
    """The part of a streamed message that is still being written."""

    mode: Literal["markdown_text", "chunks"] | None
    display: str
    started_at: float
    state: Literal["streaming", "stopped", "stopped_by_user"] = "streaming"
    parts: list[Json] = field(default_factory=list)
    plan_title: str | None = None


@dataclass
class Message:
    """One message. `ephemeral_for` names the only person who sees it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str | None = None
    app_id: str | None = None
    subtype: str | None = None
    edited_at: str | None = None
    edited_by: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    ephemeral_for: str | None = None
    username: str | None = None
    stream: Stream | None = None

    @property
    def root_ts(self) -> str:
        """The ts of the thread this message belongs to or would start."""
        return self.thread_ts or self.ts


@dataclass
class File:
    id: str
    name: str
    size: int
    user: str
    content: bytes = b""
    title: str = ""
    mimetype: str = "application/octet-stream"
    alt_text: str | None = None
    uploaded: bool = False
    completed: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass
class View:
    """A modal on somebody's screen, or their App Home tab. `values` is what was typed so far."""

    id: str
    user: str
    definition: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.definition.get("blocks", [])
        return blocks


@dataclass
class Session:
    """An agent session or legacy assistant thread of one thread."""

    channel: str
    thread_ts: str | None
    status: SessionStatus = "active"
    title: str | None = None
    initiator: str | None = None
    thinking: str = ""
    loading_messages: list[str] = field(default_factory=list)
    prompts: list[Json] = field(default_factory=list)
    prompts_title: str | None = None


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class App:
    """The installed app as its manifest describes it, and its credentials.

    `scopes`, `events` None mean that everything is granted and subscribed (no manifest given). `labels` are what menus
    say of a command (by its name) or a shortcut (by its callback id), `prompts` what the Messages tab offers.
    """

    id: str = "A0INFRA"
    name: str = "infra-assistant"
    bot_user: str = "U0BOT"
    bot_id: str = "B0BOT"
    # Each looks like a token to the SDK but belongs to no one.
    bot_token: str = "xoxb-emulator-bot"  # noqa: S105
    app_token: str = "xapp-emulator-app"  # noqa: S105
    signing_secret: str = "emulator-signing-secret"  # noqa: S105
    verification_token: str = "emulator-verification"  # noqa: S105
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: Mapping[str, bool] | None = None
    shortcuts: Mapping[str, str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    prompts: tuple[Json, ...] = ()
    is_agent: bool = True
    home_tab: bool = True
    messages_tab: bool = True

    def wants(self, *events: str) -> bool:
        """Whether one of these event types is subscribed."""
        return self.events is None or any(event in self.events for event in events)

    def may(self, *scopes: str) -> bool:
        """Whether one of these scopes was granted."""
        return self.scopes is None or not scopes or any(scope in self.scopes for scope in scopes)


def app_from_manifest(manifest: Json, **credentials: str) -> App:
    """The app that a manifest (parsed YAML or JSON) describes; `credentials` override ids and tokens of `App`."""
    features = manifest.get("features", {})
    scopes = manifest.get("oauth_config", {}).get("scopes", {})
    events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
    home = features.get("app_home", {})
    return App(
        **{"name": features.get("bot_user", {}).get("display_name", "app"), **credentials},
        scopes=frozenset([*scopes.get("bot", []), *scopes.get("bot_optional", [])]),
        events=frozenset(events),
        commands={row["command"]: bool(row.get("should_escape")) for row in features.get("slash_commands", [])},
        shortcuts={row["callback_id"]: row["type"] for row in features.get("shortcuts", [])},
        labels={
            **{row["callback_id"]: row["name"] for row in features.get("shortcuts", [])},
            **{row["command"]: _hint(row) for row in features.get("slash_commands", [])},
        },
        prompts=tuple(features.get("agent_view", {}).get("suggested_prompts", [])),
        is_agent="agent_view" in features,
        home_tab=bool(home.get("home_tab_enabled")),
        messages_tab=bool(home.get("messages_tab_enabled")),
    )


def _hint(command: Json) -> str:
    return " ".join(filter(None, [command.get("usage_hint"), command.get("description")]))
