"""The modals on a person's screen: a stack of at most three."""

from evals.emulators.slack.blockkit.walk import elements_of, nested_blocks
from evals.emulators.slack.errors import SlackError
from evals.emulators.slack.model import Json, View
from evals.emulators.slack.state import Workspace

MAX_STACK = 3  # docs.slack.dev/surfaces/modals: a root view and two on top


def show(workspace: Workspace, view: View) -> None:
    """Put a view on top of its user's stack."""
    stack = workspace.modals.setdefault(view.user, [])
    if len(stack) >= MAX_STACK:
        raise SlackError("push_limit_reached")
    view.values = initial_values(view.blocks)
    stack.append(view)
    workspace.changes.notify()


def replace(workspace: Workspace, view: View, definition: Json) -> None:
    """A new version of a view; what was typed stays where block and action ids stay."""
    view.definition = workspace.with_block_ids(definition)
    view.hash = workspace.new_hash()
    fresh = initial_values(view.blocks)
    view.values = {
        block: {action: view.values.get(block, {}).get(action, state) for action, state in actions.items()}
        for block, actions in fresh.items()
    }
    view.errors = {}
    workspace.changes.notify()


def initial_values(blocks: list[Json]) -> dict[str, Json]:
    """The `state.values` of untouched blocks: block id -> action id -> state of the element."""
    values: dict[str, Json] = {}
    for block in nested_blocks(blocks):
        if block.get("type") not in {"input", "actions", "section"}:
            continue
        found = {entry["action_id"]: state_of(entry) for entry in elements_of(block) if holds_state(entry)}
        if found:
            values[block["block_id"]] = found
    return values


def holds_state(element: Json) -> bool:
    return element["type"] not in {"button", "overflow", "image", "workflow_button", "icon_button", "feedback_buttons"}


def value_field(element: Json) -> str:
    """The name under which this element reports what was chosen."""
    kind = element["type"]
    fixed = {
        "datepicker": "selected_date",
        "timepicker": "selected_time",
        "datetimepicker": "selected_date_time",
        "checkboxes": "selected_options",
        "radio_buttons": "selected_option",
        "rich_text_input": "rich_text_value",
        "file_input": "files",
    }
    if kind in fixed:
        return fixed[kind]
    if not kind.endswith("_select"):
        return "value"
    noun = {"static": "option", "external": "option", "users": "user", "channels": "channel"}
    base = kind.removeprefix("multi_").removesuffix("_select")
    return f"selected_{noun.get(base, 'conversation')}{'s' if kind.startswith('multi_') else ''}"


def state_of(element: Json) -> Json:
    """The state of an untouched element, its initial value included."""
    field = value_field(element)
    given = next((value for name, value in element.items() if name.startswith("initial_")), None)
    empty: list[Json] | None = [] if field.endswith("s") else None
    return {"type": element["type"], field: empty if given is None else given}
