"""Shapes of Block Kit elements and composition objects (docs.slack.dev/reference/block-kit)."""

from collections.abc import Mapping

from evals.emulators.slack.blockkit.schema import (
    Check,
    Shape,
    anything,
    array,
    boolean,
    number,
    one_of,
    string,
    typed,
)


def text(maximum: int, *kinds: str) -> Check:
    """A text object; without `kinds` either formatting is allowed."""
    plain = Shape({"type": anything, "text": string(maximum)}, {"emoji": boolean})
    mrkdwn = Shape({"type": anything, "text": string(maximum)}, {"verbatim": boolean})
    return typed({"plain_text": plain, "mrkdwn": mrkdwn}, frozenset(kinds) if kinds else None)


def plain(maximum: int) -> Check:
    return text(maximum, "plain_text")


CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = Shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": string(3000)})
OPTION_GROUP = Shape({"label": plain(75), "options": array(OPTION, 1, 100)})
SLACK_FILE = Shape({}, {"id": string(), "url": string(3000)}, (("id", "url"),))
DISPATCH = Shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
FEEDBACK = Shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})

ACTION: Mapping[str, Check] = {"action_id": string(255), "confirm": CONFIRM, "alt_text": string(2000)}
INPUT: Mapping[str, Check] = {**ACTION, "focus_on_load": boolean, "placeholder": plain(150)}
TYPED: Mapping[str, Check] = {**INPUT, "dispatch_action_config": DISPATCH}
VISIBLE: Mapping[str, Check] = {
    "accessibility_label": string(75),
    "visible_to_user_ids": array(string(), 1, 10),
}
KIND: Mapping[str, Check] = {"type": anything}


def _input(optional: Mapping[str, Check], base: Mapping[str, Check] = INPUT) -> Shape:
    return Shape(KIND, {**base, **optional})


def _choices(initial: str, check: Check, extra: Mapping[str, Check] | None = None) -> Shape:
    options = {"options": array(OPTION, 1, 100), "option_groups": array(OPTION_GROUP, 1, 100)}
    return Shape(KIND, {**INPUT, **options, initial: check, **(extra or {})}, (("options", "option_groups"),))


SEVERAL: Mapping[str, Check] = {"max_selected_items": number}
CONVERSATION: Mapping[str, Check] = {"filter": anything, "default_to_current_conversation": boolean}
RESPONSE_URL: Mapping[str, Check] = {"response_url_enabled": boolean}
IDS = array(string(), 0)

IMAGE = Shape(
    {"type": anything, "alt_text": string(2000)},
    {"image_url": string(3000), "slack_file": SLACK_FILE},
    (("image_url", "slack_file"),),
)

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {"type": anything, "text": plain(75)},
        {
            **ACTION,
            **VISIBLE,
            "url": string(3000),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "agent_prompt": string(4000),
            "agent_prompt_display": anything,
        },
    ),
    "icon_button": Shape(
        {"type": anything, "text": plain(75), "icon": string()}, {**ACTION, **VISIBLE, "value": string(2000)}
    ),
    "feedback_buttons": Shape({"type": anything, "positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTION),
    "workflow_button": Shape(
        {"type": anything, "text": plain(75), "workflow": anything},
        {**ACTION, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "overflow": Shape({"type": anything, "options": array(OPTION, 1, 5)}, ACTION),
    "checkboxes": Shape(
        {"type": anything, "options": array(OPTION, 1, 10)}, {**INPUT, "initial_options": array(OPTION, 1, 10)}
    ),
    "radio_buttons": Shape({"type": anything, "options": array(OPTION, 1, 10)}, {**INPUT, "initial_option": OPTION}),
    "static_select": _choices("initial_option", OPTION),
    "multi_static_select": _choices("initial_options", array(OPTION, 1, 100), SEVERAL),
    "external_select": _input({"initial_option": OPTION, "min_query_length": number}),
    "multi_external_select": _input({"initial_options": array(OPTION), "min_query_length": number, **SEVERAL}),
    "users_select": _input({"initial_user": string()}),
    "multi_users_select": _input({"initial_users": IDS, **SEVERAL}),
    "conversations_select": _input({"initial_conversation": string(), **CONVERSATION, **RESPONSE_URL}),
    "multi_conversations_select": _input({"initial_conversations": IDS, **CONVERSATION, **SEVERAL}),
    "channels_select": _input({"initial_channel": string(), **RESPONSE_URL}),
    "multi_channels_select": _input({"initial_channels": IDS, **SEVERAL}),
    "datepicker": _input({"initial_date": string(10)}),
    "timepicker": _input({"initial_time": string(5), "timezone": string()}),
    "datetimepicker": _input({"initial_date_time": number}),
    "plain_text_input": _input(
        {"initial_value": string(3000, 0), "multiline": boolean, "min_length": number, "max_length": number}, TYPED
    ),
    "rich_text_input": _input({"initial_value": anything, "min_lines": number, "max_lines": number}, TYPED),
    "email_text_input": _input({"initial_value": string(3000, 0)}, TYPED),
    "url_text_input": _input({"initial_value": string(3000, 0)}, TYPED),
    "number_input": Shape(
        {"type": anything, "is_decimal_allowed": boolean},
        {**TYPED, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "file_input": _input({"filetypes": array(string()), "max_files": number}),
    "image": IMAGE,
    "url": Shape({"type": anything, "url": string(3000), "text": string()}),
}

SELECTS = frozenset(name for name in ELEMENTS if name.endswith("_select"))
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
BUTTONS = frozenset({"button", "icon_button", "feedback_buttons", "workflow_button"})
INPUTS = frozenset(name for name in ELEMENTS if name.endswith("_input")) | SELECTS | PICKERS | CHOICES
