import pytest
from pydantic import ValidationError

from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.face.actions import ACTIONS
from tests.builders.slack_bot import make_workspace
from tests.builders.slack_sample_blocks import option, plain
from tests.builders.slack_views import make_card, make_input


async def do(workspace, handle, action, **fields):
    return await ACTIONS[action].model_validate(fields).run(workspace.as_user(handle))


async def test_nobody_writes_where_they_are_not():
    async with make_workspace() as workspace:
        with pytest.raises(NotOnScreen):
            await do(workspace, "alice", "say", channel="ops", text="hello")


async def test_a_message_of_a_strange_channel_cannot_be_used():
    async with make_workspace() as workspace:
        secret = workspace.as_user("bob").say("secret", "ops")

        with pytest.raises(NotOnScreen):
            await do(workspace, "alice", "react", channel="G0OPS", ts=secret.ts, name="eyes")


async def test_an_ephemeral_message_of_another_person_cannot_be_used():
    async with make_workspace() as workspace:
        note = workspace.as_user("alice").say("for alice", "shop")
        note.ephemeral_for, note.blocks = "U0ALICE", make_card("p-1")
        target = {"kind": "message", "channel": "C0SHOP", "ts": note.ts}

        with pytest.raises(NotOnScreen):
            await do(workspace, "bob", "click", target=target, action_id="confirm", block_id="decision")


async def test_only_a_control_that_is_there_can_be_used():
    async with make_workspace() as workspace:
        card = workspace.post_as_bot("infra", "shop", "card", blocks=make_card("p-1"))
        target = {"kind": "message", "channel": "C0SHOP", "ts": card.ts}

        with pytest.raises(NotOnScreen):
            await do(workspace, "alice", "click", target=target, action_id="delete_all", block_id="decision")


async def test_the_second_same_reaction_takes_the_first_back():
    async with make_workspace() as workspace:
        message = workspace.as_user("bob").say("done", "shop")
        where = {"channel": "C0SHOP", "ts": message.ts, "name": "tada"}

        await do(workspace, "alice", "react", **where)
        first = str(message.reactions)
        await do(workspace, "alice", "react", **where)

        assert first == "{'tada': ['U0ALICE']}"
        assert message.reactions == {}


async def test_what_was_typed_reaches_the_app_with_a_click_in_the_modal():
    async with make_workspace() as workspace:
        name = make_input("name", {"type": "plain_text_input", "action_id": "value"})
        size = {"type": "static_select", "action_id": "size", "options": [option("Small", "small")]}
        blocks = [name, {"type": "actions", "block_id": "more", "elements": [size]}]
        definition = {"type": "modal", "title": plain("New"), "blocks": blocks}
        view = workspace.state.new_view("U0ALICE", definition)
        view.values = {"name": {"value": {"type": "plain_text_input", "value": None}}, "more": {}}
        workspace.state.modals["U0ALICE"] = [view]

        await do(
            workspace, "alice", "click", target={"kind": "modal"}, action_id="size", block_id="more", choice="small",
            typed={"name": "fix-42"},
        )  # fmt: skip

        sent = workspace.deliveries[-1].payload["view"]["state"]["values"]
        assert sent["name"]["value"]["value"] == "fix-42"
        assert sent["more"]["size"]["selected_option"]["value"] == "small"


def test_unknown_fields_are_refused():
    with pytest.raises(ValidationError):
        ACTIONS["say"].model_validate({"channel": "shop", "text": "hi", "as": "bob"})
