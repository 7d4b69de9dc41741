"""What a person chose, as Slack reports it in actions and in view state."""

from typing import Any

from evals.emulators.slack.blockkit.walk import elements_of, nested_blocks
from evals.emulators.slack.errors import CannotSubmit, NotOnScreen
from evals.emulators.slack.model import Json
from evals.emulators.slack.screen import value_field


def find_element(blocks: list[Json], action_id: str, viewer: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and element with this action id that `viewer` sees; NotOnScreen when there is none."""
    for block in nested_blocks(blocks):
        for element in elements_of(block):
            here = element.get("action_id") == action_id and block_id in {None, block["block_id"]}
            if here and viewer in element.get("visible_to_user_ids", [viewer]):
                return block, element
    shown = [entry.get("action_id") for block in nested_blocks(blocks) for entry in elements_of(block)]
    raise NotOnScreen(f"no control {action_id!r} on screen; there are {shown}")


def action_of(block: Json, element: Json, choice: Any) -> Json:
    """The entry of `actions` for using an element. Buttons take no choice."""
    base = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    if element["type"] in {"button", "icon_button", "workflow_button"}:
        kept = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return base | kept
    if element["type"] == "feedback_buttons":
        return base | _feedback(element, choice)
    if element["type"] == "overflow":
        return base | {"selected_option": option_of(element, choice)}
    return base | state_with(element, choice)


def state_with(element: Json, choice: Any) -> Json:
    """The state of an input after a person chose or typed `choice` (values stand for options, None for nothing)."""
    field = value_field(element)
    if choice is None:
        choice = [] if field.endswith("s") else None
    elif field == "selected_option":
        choice = option_of(element, choice)
    elif field == "selected_options":
        choice = [option_of(element, one) for one in choice]
    return {"type": element["type"], field: choice}


def option_of(element: Json, value: Any) -> Json:
    """The option with this value; a whole option stands for itself (external selects have no list)."""
    if isinstance(value, dict):
        return value
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    for option in [*element.get("options", []), *grouped]:
        if option["value"] == value:
            return {name: option[name] for name in ("text", "value") if name in option}
    raise NotOnScreen(f"no option {value!r} in {element['action_id']}")


def _feedback(element: Json, choice: Any) -> Json:
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == choice:
            return {"text": element[name]["text"], "value": choice}
    raise NotOnScreen(f"no feedback {choice!r} in {element['action_id']}")


def fill(blocks: list[Json], values: dict[str, Json], typed: dict[str, Any]) -> None:
    """Put what a person typed, by block id or action id, into view state; NotOnScreen for an unknown id."""
    unused = dict(typed)
    for block in nested_blocks(blocks):
        for element in elements_of(block):
            for name in (block["block_id"], element.get("action_id")):
                if name in unused and block["block_id"] in values:
                    values[block["block_id"]][element["action_id"]] = state_with(element, unused.pop(name))
    if unused:
        raise NotOnScreen(f"no input {sorted(unused)} in this view; there are {sorted(values)}")


def check_inputs(blocks: list[Json], values: dict[str, Json]) -> None:
    """What Slack's client checks before it submits a modal; CannotSubmit names the block."""
    for block in nested_blocks(blocks):
        if block.get("type") != "input":
            continue
        element = block["element"]
        value = values[block["block_id"]][element["action_id"]].get(value_field(element))
        if not value and not block.get("optional"):
            raise CannotSubmit(f"{block['block_id']}: please complete this required field")
        if value:
            _check_typed(block["block_id"], element, value)


def _check_typed(block_id: str, element: Json, value: Any) -> None:
    if element["type"] == "plain_text_input":
        if len(value) < element.get("min_length", 0) or len(value) > element.get("max_length", 3000):
            raise CannotSubmit(f"{block_id}: {len(value)} characters are too few or too many")
    elif element["type"] == "number_input":
        low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
        if not _is_number(value) or not low <= float(value) <= high:
            raise CannotSubmit(f"{block_id}: {value!r} is not a number from {low} to {high}")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
