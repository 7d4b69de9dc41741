"""The visible conversation as plain text, for people and for tests."""

import html
import re
from collections.abc import Iterator
from typing import Any

from evals.emulators.slack.model import Channel, Json, Message
from evals.emulators.slack.state import Workspace

LINK = re.compile(r"<([^<>|]+)\|([^<>]*)>|<([^<>|]+)>")
TASK_MARKS = {"pending": "[ ]", "in_progress": "[~]", "complete": "[x]", "error": "[!]"}


def transcript(workspace: Workspace, channel: Channel, viewer: str | None = None) -> str:
    """All messages `viewer` (a user id) sees, oldest thread first, replies indented below their root."""
    seen = workspace.history(channel.id, viewer)
    roots = [
        message
        for message in seen
        if message.thread_ts is None or (channel.id, message.thread_ts) not in workspace.messages
    ]
    lines: list[str] = []
    for root in roots:
        lines.extend(message_lines(workspace, root))
        replies = [reply for reply in workspace.replies(channel.id, root.ts, viewer) if reply is not root]
        lines.extend(f"  {line}" for reply in replies for line in message_lines(workspace, reply))
    return "\n".join(lines)


def message_lines(workspace: Workspace, message: Message) -> list[str]:
    """One message: who, then what is drawn of its blocks (its text when it has none), files and reactions."""
    author = message.username or workspace.users[message.user].handle
    marks = " (only visible to you)" if message.ephemeral_for else " (edited)" if message.edited_at else ""
    body = list(blocks_lines(workspace, message.blocks)) or _plain(workspace, message.text).splitlines()
    body += [f"[file {workspace.files[one].name}]" for one in message.files]
    body += [f":{name}: {len(users)}" for name, users in message.reactions.items()]
    if message.stream and message.stream.state == "streaming":
        body.append("...")
    first, *rest = body or [""]
    return [f"{author}{marks}: {first}", *(f"  {line}" for line in rest)]


def blocks_lines(workspace: Workspace, blocks: list[Json]) -> Iterator[str]:
    """The lines of Block Kit blocks, buttons as [Label]."""
    for block in blocks:
        for text in _block(workspace, block):
            yield from _plain(workspace, text).splitlines()


def _block(workspace: Workspace, block: Json) -> Iterator[str]:
    match block.get("type"):
        case "divider":
            yield "---"
        case "rich_text":
            yield _rich(block)
        case "table":
            yield from (" | ".join(_cell(cell) for cell in row) for row in block["rows"])
        case "task_card":
            details = [_rich(block[name]) for name in ("details", "output") if name in block]
            yield " ".join([TASK_MARKS[block["status"]], block["title"], *details])
        case "plan" | "container" | "carousel":
            yield from filter(None, [_text(block.get("title")), _text(block.get("subtitle"))])
            inner = block.get("tasks") or block.get("child_blocks") or block.get("elements") or []
            yield from blocks_lines(workspace, inner)
        case _:
            yield from _common(block)


def _common(block: Json) -> Iterator[str]:
    """What most blocks have: texts one below the other, then their controls in one line."""
    for name in ("title", "subtitle", "label", "text", "body", "description", "hint"):
        if text := _text(block.get(name)):
            yield text
    yield from filter(None, (_text(one) for one in block.get("fields", [])))
    if block.get("type") == "image":
        yield f"[image: {block['alt_text']}]"
    elements = [*block.get("elements", []), *block.get("actions", []), block.get("accessory"), block.get("element")]
    if controls := [_element(one) for one in elements if one]:
        yield " ".join(controls)


def _element(element: Json) -> str:
    match element.get("type"):
        case "plain_text" | "mrkdwn":
            return str(element["text"])
        case "image":
            return f"[image: {element['alt_text']}]"
        case "feedback_buttons":
            return f"[{_text(element['positive_button']['text'])}] [{_text(element['negative_button']['text'])}]"
        case "overflow":
            return " ".join(f"[{_text(option['text'])}]" for option in element["options"])
        case _:
            label = _text(element.get("text")) or _text(element.get("placeholder")) or element.get("action_id", "")
            return f"[{label}]"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return value if isinstance(value, str) else ""


def _cell(cell: Json) -> str:
    return _rich(cell) if cell.get("type") == "rich_text" else str(cell.get("text", cell.get("value", "")))


def _rich(value: Json) -> str:
    if "elements" in value:
        joint = "\n" if value.get("type") in {"rich_text", "rich_text_list"} else ""
        return joint.join(_rich(one) for one in value["elements"])
    if value.get("type") == "user":
        return f"<@{value['user_id']}>"
    return str(value.get("text") or value.get("url") or value.get("name") or "")


def _plain(workspace: Workspace, text: str) -> str:
    """Slack markup as a reader sees it: names instead of ids, labels with their links, no escapes."""
    return html.unescape(LINK.sub(lambda match: _link(workspace, match), text))


def _link(workspace: Workspace, match: re.Match[str]) -> str:
    target, label = (match[1], match[2]) if match[1] else (match[3], "")
    if target.startswith("@") and target[1:] in workspace.users:
        return f"@{workspace.users[target[1:]].handle}"
    if target.startswith("#") and target[1:] in workspace.channels:
        return f"#{workspace.channels[target[1:]].name}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return f"{label} ({target})" if label else target
