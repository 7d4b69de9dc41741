"""The few block shapes we send, each within Slack's limits (docs.slack.dev/reference/block-kit)."""

from collections.abc import Iterable
from typing import Any, Literal

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2000
MAX_FALLBACK = 3000  # Slack takes 40,000; a notification shows one line
CUT = " … (cut)"
NOTHING = "(nothing)"


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and a mark that it was cut."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def section(text: str) -> Block:
    """A paragraph of mrkdwn, already escaped. Slack refuses an empty one."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, MAX_SECTION) or NOTHING}}


def context(text: str) -> Block:
    """Small print of mrkdwn, already escaped."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(text, MAX_SECTION) or NOTHING}]}


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Lines packed into as few sections as the limit allows; no line is split unless it is over the limit itself."""
    blocks: list[Block] = []
    packed = ""
    for line in lines:
        short = clip(line, MAX_SECTION)
        if packed and len(packed) + len(short) + 1 > MAX_SECTION:
            blocks.append(section(packed))
            packed = ""
        packed = f"{packed}\n{short}" if packed else short
    return [*blocks, section(packed)] if packed else blocks


def button(
    text: str, action_id: str, value: str, *, style: Literal["primary", "danger"] | None = None, confirm: str = ""
) -> Block:
    """A button. `confirm` asks once more in Slack's own dialog."""
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": _short(text, MAX_BUTTON_TEXT), "emoji": False},
        "action_id": action_id,
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = {
            "title": {"type": "plain_text", "text": "Are you sure?"},
            "text": {"type": "plain_text", "text": _short(confirm, 300)},
            "confirm": {"type": "plain_text", "text": "Yes, do it"},
            "deny": {"type": "plain_text", "text": "No"},
            "style": "danger",
        }
    return made


def actions(block_id: str, *buttons: Block) -> Block:
    """A row of buttons, at most 25."""
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)}


def modal(title: str, blocks: list[Block]) -> Block:
    """A modal that only shows; at most 100 blocks."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": _short(title, 24)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks[:100],
    }


def form(title: str, callback_id: str, blocks: list[Block], *, submit: str, metadata: str) -> Block:
    """A modal to fill in. `metadata` comes back with it, at most 3000 characters."""
    return {
        **modal(title, blocks),
        "callback_id": callback_id,
        "submit": {"type": "plain_text", "text": _short(submit, 24)},
        "close": {"type": "plain_text", "text": "Cancel"},
        "private_metadata": metadata,
    }


def option(text: str, value: str) -> Block:
    """One choice of a list."""
    return {"text": {"type": "plain_text", "text": _short(text, 75)}, "value": value}


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
