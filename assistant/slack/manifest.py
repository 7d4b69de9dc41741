"""The app's manifest, for the mode and name of a workspace."""

from importlib.resources import files
from typing import Any, Literal

import yaml

EVENTS_PATH = "/slack/events"
MAX_NAME = 35


def shipped() -> dict[str, Any]:
    """The manifest beside this module: Socket Mode, the product's own name."""
    text = files("assistant.slack").joinpath("manifest.yaml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def manifest(*, mode: Literal["socket", "http"], name: str | None = None, url: str | None = None) -> str:
    """YAML to paste at api.slack.com/apps. `url`: where Slack reaches the assistant, needed for `http`.

    Raises ValueError: what is wrong with name or url.
    """
    made = shipped()
    if name is not None:
        _rename(made, name)
    if mode == "http":
        _receive_at(made, url)
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=110)


def _rename(made: dict[str, Any], name: str) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise ValueError(f"The name needs 1 to {MAX_NAME} characters.")
    made["display_information"]["name"] = name.strip()
    made["features"]["bot_user"]["display_name"] = name.strip()


def _receive_at(made: dict[str, Any], url: str | None) -> None:
    if not url or not url.startswith("https://"):
        raise ValueError("Mode http needs --url, an address that Slack can reach and that starts with https://.")
    address = url.rstrip("/") + ("" if url.rstrip("/").endswith(EVENTS_PATH) else EVENTS_PATH)
    made["settings"]["socket_mode_enabled"] = False
    made["settings"]["event_subscriptions"]["request_url"] = address
    made["settings"]["interactivity"]["request_url"] = address
    for command in made["features"]["slash_commands"]:
        command["url"] = address
