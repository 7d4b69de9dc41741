"""What a person chose is reported as Slack reports it."""

import pytest

from evals.emulators.slack.elements import action_of, check_inputs, fill, state_with
from evals.emulators.slack.errors import CannotSubmit, NotOnScreen
from evals.emulators.slack.screen import initial_values
from tests.builders.slack_views import make_input

BLOCK = {"block_id": "b"}
SMALL = {"text": {"type": "plain_text", "text": "Small"}, "value": "small"}


@pytest.mark.parametrize(
    ("element", "choice", "reported"),
    [
        ({"type": "static_select", "options": [SMALL]}, "small", {"selected_option": SMALL}),
        ({"type": "static_select", "option_groups": [{"options": [SMALL]}]}, "small", {"selected_option": SMALL}),
        ({"type": "multi_static_select", "options": [SMALL]}, ["small"], {"selected_options": [SMALL]}),
        ({"type": "overflow", "options": [SMALL]}, "small", {"selected_option": SMALL}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
        ({"type": "channels_select"}, "C1", {"selected_channel": "C1"}),
        ({"type": "multi_conversations_select"}, ["C1"], {"selected_conversations": ["C1"]}),
        ({"type": "datepicker"}, "2026-11-22", {"selected_date": "2026-11-22"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
        ({"type": "plain_text_input"}, "hi", {"value": "hi"}),
    ],
)
def test_a_choice_becomes_an_action(element, choice, reported) -> None:
    action = action_of(BLOCK, {"action_id": "a", **element}, choice)

    assert action == {"action_id": "a", "block_id": "b", "type": element["type"], **reported}


def test_feedback_is_the_value_of_the_thumb() -> None:
    thumbs = {
        name: {"text": {"type": "plain_text", "text": name}, "value": name}
        for name in ("positive_button", "negative_button")
    }
    element = {"type": "feedback_buttons", "action_id": "f", **thumbs}

    assert action_of(BLOCK, element, "negative_button")["value"] == "negative_button"
    with pytest.raises(NotOnScreen, match="no feedback"):
        action_of(BLOCK, element, "meh")


def test_initial_values_stand_until_something_is_typed() -> None:
    blocks = [
        make_input("name", {"type": "plain_text_input", "action_id": "n", "initial_value": "fix"}),
        make_input("day", {"type": "datepicker", "action_id": "d"}),
        make_input("who", {"type": "multi_users_select", "action_id": "w"}),
    ]
    values = initial_values(blocks)
    fill(blocks, values, {"day": "2026-11-22"})

    assert values["name"]["n"]["value"] == "fix"
    assert values["day"]["d"]["selected_date"] == "2026-11-22"
    assert values["who"]["w"]["selected_users"] == []


@pytest.mark.parametrize("typed", ["many", "0", "11"])
def test_a_number_outside_its_limits_is_not_submitted(typed) -> None:
    element = {
        "type": "number_input",
        "action_id": "n",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": "10",
    }
    blocks = [make_input("replicas", element)]

    with pytest.raises(CannotSubmit, match="replicas"):
        check_inputs(blocks, {"replicas": {"n": state_with(element, typed)}})
