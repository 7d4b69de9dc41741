from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from assistant.slack.blocks.edit import edit_form, edited, problems
from evals.emulators.slack.blockkit.check import check_view
from tools.cluster.restart_workload import RestartWorkloadArgs
from tools.cluster.rollback_workload import RollbackWorkloadArgs
from tools.cluster.scale_workload import ScaleWorkloadArgs
from tools.contract import Args

SCALE = {"workload": "checkout", "environment": "staging", "replicas": 3}


class EveryKind(Args):
    size: Literal["small", "large"]
    ratio: Annotated[float, Field(ge=0, le=1)]
    force: bool = False
    note: str | None = None
    parts: tuple[str, ...] = ()


def inputs(form):
    return {block["block_id"]: block for block in form["blocks"] if block["type"] == "input"}


def state(**typed):
    """What Slack sends of fields: text of inputs, options of selects."""
    return {
        f"arg.{name}": {
            f"arg.{name}": {"selected_option": {"value": value[0]}} if isinstance(value, list) else {"value": value}
        }
        for name, value in typed.items()
    }


@pytest.mark.parametrize("model", [ScaleWorkloadArgs, RestartWorkloadArgs, RollbackWorkloadArgs, EveryKind])
def test_the_form_of_a_tool_is_within_the_limits_of_slack(model):
    form = edit_form(model, {"workload": "x" * 253}, summary="Scale <!channel>", token="p-1:ab")

    assert check_view(form) == []


def test_the_form_is_filled_in_with_the_arguments():
    fields = inputs(edit_form(ScaleWorkloadArgs, SCALE, summary="Scale", token="p-1:ab"))

    assert fields["arg.workload"]["element"]["initial_value"] == "checkout"
    assert fields["arg.replicas"]["element"]["initial_value"] == "3"
    assert fields["arg.replicas"]["element"]["max_value"] == "1000"
    assert fields["arg.environment"]["optional"]
    assert not fields["arg.replicas"]["optional"]


def test_choices_are_lists_and_lists_are_left_alone():
    fields = inputs(edit_form(EveryKind, {"size": "large", "force": True}, summary="x", token="p-1:ab"))

    assert fields["arg.size"]["element"]["initial_option"]["value"] == "large"
    assert fields["arg.force"]["element"]["initial_option"]["value"] == "true"
    assert "arg.parts" not in fields


def test_what_was_typed_is_typed_again_and_the_rest_is_kept():
    args = edited(
        EveryKind, {"parts": ["a"], "note": "old"}, state(size=["small"], ratio="0.5", force=["true"], note=None)
    )

    assert EveryKind.model_validate(args) == EveryKind(size="small", ratio=0.5, force=True, note=None, parts=("a",))


def test_what_is_wrong_is_said_at_its_field():
    typed = state(workload="checkout", replicas="5000")
    args = edited(ScaleWorkloadArgs, SCALE, typed)

    with pytest.raises(ValidationError) as refused:
        ScaleWorkloadArgs.model_validate(args)

    assert set(problems(refused.value, typed)) == {"arg.replicas"}


def test_words_in_a_number_field_are_said_there():
    typed = state(replicas="three")

    with pytest.raises(ValidationError) as refused:
        ScaleWorkloadArgs.model_validate(edited(ScaleWorkloadArgs, SCALE, typed))

    assert "arg.replicas" in problems(refused.value, typed)
