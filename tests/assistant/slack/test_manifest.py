"""The manifest asks for what the code uses, and for nothing else."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from assistant.slack.listeners.shortcuts import DIAGNOSE

ROOT = Path(__file__).parents[3]
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "assistant" / "slack").rglob("*.py")))
MANIFEST = yaml.safe_load((ROOT / "assistant" / "slack" / "manifest.yaml").read_text())
SCOPES_OF_METHODS = {
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "chat_postEphemeral": "chat:write",
    "conversations_open": "im:write",
    "chat_getPermalink": None,
    "chat_startStream": "chat:write",
    "chat_appendStream": "chat:write",
    "chat_stopStream": "chat:write",
    "agents_sessions_setStatus": "chat:write",
    "assistant_threads_setSuggestedPrompts": "assistant:write",
    "views_open": None,
    "views_update": None,
    "views_publish": None,
    "auth_test": None,
}
SCOPES_OF_EVENTS = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "app_home_opened": None,
    "agent_session_stopped": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "member_joined_channel": "channels:read",
}


def methods_called() -> set[str]:
    return set(re.findall(r"(?:client|quick)\.([a-z_]+_[A-Za-z]+)\(", CODE)) - {"is_connected"}


def test_every_method_called_is_known_with_its_scope():
    assert methods_called() <= set(SCOPES_OF_METHODS)


def test_scopes_are_exactly_those_that_methods_events_and_features_need():
    needed = {SCOPES_OF_METHODS[method] for method in methods_called()}
    needed |= {SCOPES_OF_EVENTS[event] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}
    needed |= {"commands", "assistant:write"}  # /infra, agent_view
    needed |= {"groups:read"}  # member_joined_channel of private channels

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed - {None}


def test_every_event_has_its_handling():
    listened = set(re.findall(r'app\.event\("([a-z_]+)"\)', CODE)) | {"app_mention", "message"}

    events = {event.partition(".")[0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}

    assert events == listened


def test_every_command_has_its_listener():
    listened = set(re.findall(r'app\.command\("(/[a-z]+)"\)', CODE))

    assert {command["command"] for command in MANIFEST["features"]["slash_commands"]} == listened


def test_every_shortcut_has_its_listener():
    declared = {shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]}

    assert declared == {DIAGNOSE}


def test_the_bot_is_an_agent_not_a_legacy_assistant():
    assert "agent_view" in MANIFEST["features"]
    assert "assistant_view" not in MANIFEST["features"]


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_the_manifest_follows_the_published_schema(version):
    schema = json.loads((ROOT / "tests" / "data" / "slack" / f"manifest.schema.{version}.json").read_text())

    jsonschema.Draft7Validator(schema).validate(MANIFEST)
