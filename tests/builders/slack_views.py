"""Blocks and views that an app might send."""

from typing import Any


def make_button(action_id: str = "confirm", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Restart"}, **more}


def make_card(value: str) -> list[dict[str, Any]]:
    """A question and a button that carries `value`."""
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Restart checkout?"}},
        {"type": "actions", "block_id": "decision", "elements": [make_button(value=value, style="primary")]},
    ]


def make_input(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": block_id.title()}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}


def make_modal(**more: Any) -> dict[str, Any]:
    """A modal with a required name and an optional size."""
    options = [{"text": {"type": "plain_text", "text": one}, "value": one} for one in ("small", "large")]
    return {
        "type": "modal",
        "callback_id": "environment",
        "title": {"type": "plain_text", "text": "New environment"},
        "submit": {"type": "plain_text", "text": "Create"},
        "blocks": [
            make_input("name", {"type": "plain_text_input", "action_id": "value", "max_length": 20}),
            make_input("size", {"type": "static_select", "action_id": "size", "options": options}, optional=True),
        ],
        **more,
    }
