"""views.*: modals on a person's screen and their App Home."""

import json

from evals.emulators.slack.blockkit.check import check_view
from evals.emulators.slack.errors import SlackError, refused
from evals.emulators.slack.methods.call import Call
from evals.emulators.slack.model import Json, View
from evals.emulators.slack.render import view_json
from evals.emulators.slack.screen import replace, show

MAX_VIEW_BYTES = 250_000


def open_view(call: Call) -> Json:
    """Opens a modal for whoever caused the trigger; a modal already open is replaced."""
    definition = _definition(call, "modal")
    trigger = call.workspace.exchange(_trigger_id(call))
    view = call.workspace.new_view(trigger.user, definition)
    call.workspace.modals[trigger.user] = []
    show(call.workspace, view)
    return {"view": view_json(call.workspace, view)}


def push_view(call: Call) -> Json:
    """Puts a view on top of the one the trigger came from."""
    definition = _definition(call, "modal")
    trigger = call.workspace.exchange(_trigger_id(call))
    stack = call.workspace.modals.get(trigger.user, [])
    if not stack:
        raise SlackError("not_found")
    view = call.workspace.new_view(trigger.user, definition, stack[-1])
    show(call.workspace, view)
    return {"view": view_json(call.workspace, view)}


def update_view(call: Call) -> Json:
    """Replaces a view by `view_id` or `external_id`; `hash` guards against a newer version."""
    definition = _definition(call)
    view = _known(call)
    if (given := call.text("hash")) and given != view.hash:
        raise SlackError("hash_conflict")
    replace(call.workspace, view, definition)
    return {"view": view_json(call.workspace, view)}


def publish_view(call: Call) -> Json:
    """Sets somebody's App Home tab."""
    if not call.app.home_tab:
        raise SlackError("not_enabled")
    user = call.required("user_id")
    if user not in call.workspace.users:
        raise SlackError("user_not_found")
    definition = _definition(call, "home")
    view = call.workspace.homes.get(user)
    if view is None:
        view = call.workspace.homes[user] = call.workspace.new_view(user, definition)
        call.workspace.changes.notify()
    elif (given := call.text("hash")) and given != view.hash:
        raise SlackError("hash_conflict")
    else:
        replace(call.workspace, view, definition)
    return {"view": view_json(call.workspace, view)}


def _trigger_id(call: Call) -> str:
    pointer = call.text("interactivity_pointer")
    return pointer or call.required("trigger_id")


def _definition(call: Call, kind: str | None = None) -> Json:
    view: Json | None = call.json("view")
    if view is None:
        raise refused("invalid_arguments", ["[ERROR] missing required field: view"])
    if len(json.dumps(view)) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    if problems := check_view(view):
        raise refused("invalid_arguments", problems)
    if kind and view["type"] != kind:
        raise refused("invalid_arguments", [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"])
    return view


def _known(call: Call) -> View:
    open_views = [view for stack in call.workspace.modals.values() for view in stack]
    for view in [*open_views, *call.workspace.homes.values()]:
        if view.id == call.text("view_id") or (
            call.text("external_id") and view.definition.get("external_id") == call.text("external_id")
        ):
            return view
    raise SlackError("not_found")
