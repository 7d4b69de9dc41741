"""Slack's limits and required fields, block by block."""

import inspect

import pytest
from slack_sdk.models.blocks import block_elements, blocks
from slack_sdk.models.views import View

from evals.emulators.slack.blockkit.blocks import BLOCKS
from evals.emulators.slack.blockkit.check import HOME, MODAL, check_blocks, check_view
from evals.emulators.slack.blockkit.elements import ELEMENTS
from tests.builders.slack_views import make_button, make_card, make_input, make_modal


def plain(length: int) -> dict:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict:
    return {"type": "mrkdwn", "text": "x" * length}


def actions(*elements: dict) -> list[dict]:
    return [{"type": "actions", "elements": list(elements)}]


def options(count: int, **more) -> list[dict]:
    return [{"text": plain(5), "value": str(number), **more} for number in range(count)]


def test_a_card_with_everything_passes() -> None:
    confirm = {"title": plain(100), "text": mrkdwn(300), "confirm": plain(30), "deny": plain(30), "style": "danger"}
    menu = {"type": "overflow", "action_id": "more", "options": options(5)}
    feedback = {"text": plain(4), "value": "good"}
    message = [
        {"type": "header", "text": plain(150)},
        {"type": "section", "text": mrkdwn(3000), "accessory": menu, "expand": True},
        {"type": "section", "fields": [mrkdwn(2000)] * 10},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn(10), {"type": "image", "image_url": "http://x", "alt_text": "x"}]},
        {
            "type": "context_actions",
            "elements": [
                {"type": "feedback_buttons", "action_id": "f", "positive_button": feedback, "negative_button": feedback}
            ],
        },
        {"type": "markdown", "text": "x" * 12_000},
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1, "text": "1"}]],
        },
        {"type": "container", "title": plain(3), "child_blocks": [{"type": "divider"}], "is_collapsible": True},
        {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn(150), "actions": [make_button("go")]}]},
        {"type": "data_visualization", "title": "Restarts", "chart": {"type": "line"}},
        *actions(make_button(confirm=confirm, value="x" * 2000, style="danger")),
    ]

    assert check_blocks(message) == []


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "spinner"}], "unsupported type: spinner [json-pointer:/blocks/0/type]"),
        ([{"type": "alert", "text": plain(3)}], "unsupported type: alert [json-pointer:/blocks/0/type]"),
        ([{"type": "section"}], "missing required field: one of text, fields [json-pointer:/blocks/0]"),
        ([{"type": "section", "text": mrkdwn(3001)}], "must be less than 3001 characters"),
        ([{"type": "section", "fields": [mrkdwn(2001)]}], "must be less than 2001 characters"),
        ([{"type": "section", "fields": [mrkdwn(1)] * 11}], "no more than 10 items allowed"),
        ([{"type": "section", "text": {"type": "text", "text": "x"}}], "unsupported type: text"),
        ([{"type": "section", "text": mrkdwn(1), "colour": "red"}], "invalid additional property: colour"),
        ([{"type": "header", "text": mrkdwn(10)}], "unsupported type: mrkdwn"),
        ([{"type": "header", "text": plain(151)}], "must be less than 151 characters"),
        ([{"type": "header"}], "missing required field: text"),
        ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "in total"),
        ([{"type": "context", "elements": [mrkdwn(1)] * 11}], "no more than 10 items allowed"),
        ([{"type": "image", "image_url": "http://x"}], "missing required field: alt_text"),
        ([{"type": "image", "alt_text": "x"}], "missing required field: one of image_url, slack_file"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}], "no more than 20 items allowed"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2, "no more than 1 table blocks"),
        ([{"type": "task_card", "task_id": "1", "title": "x", "status": "done"}], "must be a valid enum value"),
        ([{"type": "divider", "block_id": "x" * 256}], "must be less than 256 characters"),
        ([{"type": "divider", "block_id": "a"}] * 2, "`block_id` a already exists"),
        (actions(), "no fewer than 1 items allowed"),
        (actions(*[make_button(f"b{number}") for number in range(26)]), "no more than 25 items allowed"),
        (actions(make_button("a"), make_button("a")), "`action_id` a already exists"),
        (actions(make_button(text=plain(76))), "must be less than 76 characters"),
        (actions(make_button(text=mrkdwn(5))), "unsupported type: mrkdwn"),
        (actions(make_button(value="x" * 2001)), "must be less than 2001 characters"),
        (actions(make_button(url="x" * 3001)), "must be less than 3001 characters"),
        (actions(make_button(style="default")), "must be a valid enum value"),
        (actions(make_button(confirm={"title": plain(101)})), "must be less than 101 characters"),
        (actions({"type": "overflow", "action_id": "a", "options": options(6)}), "no more than 5 items allowed"),
        (actions({"type": "static_select", "action_id": "a"}), "one of options, option_groups"),
        (actions({"type": "static_select", "action_id": "a", "options": options(101)}), "no more than 100 items"),
        (actions({"type": "radio_buttons", "action_id": "a", "options": options(1, text=plain(76))}), "less than 76"),
        (actions({"type": "plain_text_input", "action_id": "a"}), "unsupported type: plain_text_input"),
        ("none", "must be an array [json-pointer:/blocks]"),
    ],
)
def test_a_message_beyond_the_limits_is_refused(message, problem) -> None:
    assert any(problem in str(found) for found in check_blocks(message))


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"type": "modal", "blocks": [{"type": "divider"}]}, "missing required field: title"),
        (make_modal(title=plain(25)), "must be less than 25 characters"),
        (make_modal(submit=None), "missing required field: submit"),
        (make_modal(close=plain(25)), "must be less than 25 characters"),
        (make_modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (make_modal(blocks=[{"type": "divider"}] * 101), "no more than 100 items allowed"),
        (make_modal(blocks=[{"type": "markdown", "text": "x"}]), "unsupported type: markdown"),
        (make_modal(blocks=[make_input("a", make_button())]), "unsupported type: button"),
        ({"type": "home", "blocks": [], "submit": plain(3)}, "invalid additional property: submit"),
        ({"type": "page"}, "unsupported type: page"),
    ],
)
def test_a_view_beyond_the_limits_is_refused(view, problem) -> None:
    assert any(problem in str(found) for found in check_view(view))


def test_modals_and_home_tabs_that_slack_takes_pass() -> None:
    assert check_view(make_modal()) == []
    assert check_view({"type": "home", "blocks": make_card("x")}) == []


def described(module, base):
    """The models of the SDK that stand for something on the wire: (type, its field names)."""
    for model in vars(module).values():
        if inspect.isclass(model) and issubclass(model, base) and getattr(model, "type", None):
            yield model.type, model.__new__(model).attributes


def test_every_field_the_sdk_knows_is_known_here() -> None:
    text_parts = {kind for kind, _ in described(block_elements, block_elements.RichTextElement)}
    for kind, fields in described(blocks, blocks.Block):
        assert fields <= {*BLOCKS[kind].required, *BLOCKS[kind].optional}, kind
    for kind, fields in described(block_elements, block_elements.BlockElement):
        if kind in text_parts or kind == "url":
            continue
        base = {"placeholder", "focus_on_load"}  # the SDK gives them to every input, Slack to those that can show them
        assert fields - base <= {*ELEMENTS[kind].required, *ELEMENTS[kind].optional}, kind


def test_every_field_of_a_view_the_sdk_sends_is_known_here() -> None:
    answered_only = {"id", "bot_id", "hash", "previous_view_id", "root_view_id", "state", "team_id", "app_id"}

    known = {*HOME.required, *HOME.optional, *MODAL.required, *MODAL.optional}

    assert View.__new__(View).attributes - answered_only <= known
