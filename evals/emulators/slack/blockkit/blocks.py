"""Shapes of Block Kit blocks, and on which surface each may stand."""

from collections.abc import Mapping

from evals.emulators.slack.blockkit.elements import (
    CHOICES,
    ELEMENTS,
    INPUTS,
    PICKERS,
    SELECTS,
    SLACK_FILE,
    plain,
    text,
)
from evals.emulators.slack.blockkit.schema import (
    Check,
    Shape,
    anything,
    array,
    boolean,
    either,
    number,
    one_of,
    string,
    typed,
)


def element(*names: str) -> Check:
    return typed(ELEMENTS, frozenset(names))


BLOCKS: dict[str, Shape] = {}
BLOCK_ID: Mapping[str, Check] = {"block_id": string(255)}
KIND: Mapping[str, Check] = {"type": anything}
STATUS = one_of("pending", "in_progress", "complete", "error")
IMAGE = element("image")


def _block(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *one_required: tuple[str, ...]
) -> Shape:
    return Shape({**KIND, **required}, {**BLOCK_ID, **(optional or {})}, one_required)


RICH_PART = Shape(
    KIND,
    {
        "elements": array(anything, 0),
        "style": one_of("bullet", "ordered"),
        "indent": number,
        "offset": number,
        "border": number,
        "language": string(),
    },
)
RICH_PARTS = typed(
    dict.fromkeys(("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"), RICH_PART)
)
RICH_TEXT = _block({"elements": array(RICH_PARTS)})
CELL = typed(
    {
        "raw_text": Shape({"type": anything, "text": string()}),
        "raw_number": Shape({"type": anything, "value": number}, {"text": string()}),
        "rich_text": RICH_TEXT,
    }
)

BLOCKS.update(
    {
        "section": _block(
            {},
            {
                "text": text(3000),
                "fields": array(text(2000), 1, 10),
                "accessory": element(
                    "button", "overflow", "image", "workflow_button", *SELECTS, *PICKERS - {"datetimepicker"}, *CHOICES
                ),
                "expand": boolean,
            },
            ("text", "fields"),
        ),
        "divider": _block({}),
        "header": _block({"text": plain(150)}, {"level": number}),
        "markdown": _block({"text": string(12_000)}),
        "image": _block(
            {"alt_text": string(2000)},
            {"image_url": string(3000), "slack_file": SLACK_FILE, "title": plain(2000)},
            ("image_url", "slack_file"),
        ),
        "actions": _block(
            {
                "elements": array(
                    element("button", "overflow", "workflow_button", *SELECTS, *PICKERS, *CHOICES, "rich_text_input"),
                    1,
                    25,
                )
            }
        ),
        "context": _block({"elements": array(either(text(3000), IMAGE), 1, 10)}),
        "context_actions": _block({"elements": array(element("feedback_buttons", "icon_button"), 1, 5)}),
        "input": _block(
            {"label": plain(2000), "element": element(*INPUTS)},
            {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        ),
        "rich_text": RICH_TEXT,
        "table": _block({"rows": array(array(CELL, 1, 20), 1, 100)}, {"column_settings": array(anything, 0, 20)}),
        "file": _block({"external_id": string(), "source": one_of("remote")}),
        "call": _block({"call_id": string()}, {"call": anything, "api_decoration_available": boolean}),
        "video": _block(
            {"alt_text": string(), "title": plain(199), "thumbnail_url": string(), "video_url": string()},
            {
                "author_name": string(49),
                "description": plain(200),
                "provider_icon_url": string(),
                "provider_name": string(),
                "title_url": string(),
            },
        ),
        "alert": _block({"text": text(3000)}, {"level": one_of("default", "info", "warning", "error", "success")}),
        "task_card": _block(
            {"task_id": string(), "title": string(256), "status": STATUS},
            {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(element("url"), 0)},
        ),
        "plan": _block({"title": string(256)}, {"tasks": array(typed(BLOCKS, frozenset({"task_card"})), 0, 50)}),
        "card": _block(
            {},
            {
                "icon": IMAGE,
                "hero_image": IMAGE,
                "title": text(150),
                "subtitle": text(150),
                "body": text(200),
                "actions": array(element("button"), 1),
            },
            ("hero_image", "title", "actions", "body"),
        ),
        "carousel": _block({"elements": array(typed(BLOCKS, frozenset({"card"})), 1, 10)}),
        "container": _block(
            {"child_blocks": array(typed(BLOCKS), 1, 10)},
            {
                "title": plain(150),
                "rich_text_title": RICH_TEXT,
                "subtitle": text(150),
                "icon": IMAGE,
                "width": one_of("narrow", "standard", "wide", "full"),
                "is_collapsible": boolean,
                "default_collapsed": boolean,
                "has_header_divider": boolean,
            },
            ("title", "rich_text_title"),
        ),
        "data_table": _block(
            {"caption": string(), "rows": array(array(anything, 1, 20), 2, 201)},
            {"page_size": number, "row_header_column_index": number},
        ),
        "data_visualization": _block({"title": string(50), "chart": anything}),
        "auth_provider": _block(
            {"value": string(150), "name": plain(75), "is_connected": boolean},
            {
                "description": plain(150),
                "connected_identity": plain(75),
                "connected_context": plain(75),
                "icon_url": string(3000),
                "auth_url": string(3000),
                "disconnect_url": string(3000),
                "fallback": anything,
                "accessory": element("overflow"),
            },
        ),
    }
)

# Docs name only messages, or only views, as their surface.
MESSAGE_ONLY = frozenset({"markdown", "table", "context_actions", "task_card", "plan", "file", "data_table"})
VIEW_ONLY = frozenset({"alert"})
ON_MESSAGES = typed(BLOCKS, frozenset(BLOCKS) - VIEW_ONLY)
ON_VIEWS = typed(BLOCKS, frozenset(BLOCKS) - MESSAGE_ONLY)
