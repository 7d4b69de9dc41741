"""What the acknowledgement of a submitted modal does to the screen."""

from dataclasses import dataclass

from evals.emulators.slack.blockkit.check import check_view
from evals.emulators.slack.blockkit.walk import nested_blocks
from evals.emulators.slack.model import Json, View
from evals.emulators.slack.screen import replace, show
from evals.emulators.slack.state import Workspace


@dataclass(frozen=True)
class Submission:
    """What a person sees after submitting.

    Not `acked`: Slack's own error, because the app was silent or answered what Slack cannot show (`problem` says why).
    `errors` stand under their inputs; `view` is the modal on top afterwards.
    """

    acked: bool
    errors: dict[str, str]
    view: View | None
    problem: str = ""


def answer_problem(view: View, answer: Json) -> str:
    """Why Slack could not do what the ack of a submission asks; empty when it can."""
    action = answer.get("response_action")
    if action in {"update", "push"}:
        return "; ".join(str(problem) for problem in check_view(answer.get("view")))
    if action == "errors":
        inputs = {block["block_id"] for block in nested_blocks(view.blocks) if block.get("type") == "input"}
        unknown = sorted(set(answer.get("errors") or {"": ""}) - inputs)
        return f"errors name no input block: {unknown}" if unknown else ""
    return "" if action in {None, "clear"} else f"unknown response_action {action!r}"


def apply_answer(workspace: Workspace, view: View, answer: Json) -> None:
    """Show errors, update, push, clear, or close the modal when the ack says nothing."""
    view.errors = {}
    stack = workspace.modals[view.user]
    action = answer.get("response_action")
    if action == "errors":
        view.errors = dict(answer["errors"])
    elif action == "update":
        replace(workspace, view, answer["view"])
    elif action == "push":
        show(workspace, workspace.new_view(view.user, answer["view"], view))
    elif action == "clear":
        stack.clear()
    elif view in stack:
        stack.remove(view)
    workspace.changes.notify()
