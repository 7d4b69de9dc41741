"""People can only do what is on their screen; everything else is refused or forged on purpose."""

import copy

import pytest

from evals.emulators.slack.errors import CannotSubmit, NotOnScreen
from evals.emulators.slack.model import App
from evals.emulators.slack.outbox import Ack
from tests.builders.slack_bot import client_for, make_workspace
from tests.builders.slack_views import make_button, make_card, make_modal


class Recorder:
    """A transport that acknowledges everything with one payload."""

    def __init__(self, answer=None) -> None:
        self.answer = answer
        self.sent = []

    async def attempt(self, delivery, retry, timeout):
        self.sent.append(delivery.payload)
        return Ack(self.answer, 0.0)


def recorded(workspace, answer=None) -> Recorder:
    workspace.outbox.transport = Recorder(answer)
    return workspace.outbox.transport


async def post(workspace, blocks):
    await client_for(workspace).chat_postMessage(channel="C0SHOP", text="x", blocks=blocks)
    return workspace.messages("shop")[-1]


async def open_modal(workspace, **more):
    trigger = workspace.state.new_trigger("U0ALICE")
    await client_for(workspace).views_open(trigger_id=trigger, view=make_modal(**more))
    return workspace.as_user("alice")


async def test_a_click_carries_what_the_message_holds() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        card = await post(workspace, make_card("p-7"))
        await workspace.as_user("bob").click(card, "confirm")

        payload = app.sent[-1]
        assert payload["type"] == "block_actions"
        assert payload["user"]["id"] == "U0BOB"
        assert payload["container"]["message_ts"] == card.ts
        assert {"action_id": "confirm", "block_id": "decision", "value": "p-7"}.items() <= payload["actions"][0].items()


async def test_only_what_is_on_screen_can_be_clicked() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        card = await post(workspace, make_card("p-7"))
        before = copy.deepcopy(card)
        await client_for(workspace).chat_update(channel="C0SHOP", ts=card.ts, text="done", blocks=[])
        alice = workspace.as_user("alice")

        with pytest.raises(NotOnScreen, match="no control 'confirm'"):
            await alice.click(card, "confirm")
        with pytest.raises(NotOnScreen, match="does not see"):
            await alice.click(before, "confirm")
        await alice.click(before, "confirm", stale=True)
        assert app.sent[-1]["actions"][0]["value"] == "p-7"


async def test_a_button_for_others_and_a_message_for_another_are_out_of_reach() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        card = await post(workspace, [{"type": "actions", "elements": [make_button(visible_to_user_ids=["U0BOB"])]}])
        await client_for(workspace).chat_postEphemeral(channel="C0SHOP", user="U0BOB", text="x", blocks=make_card("p"))
        private = workspace.messages("shop", "bob")[-1]

        with pytest.raises(NotOnScreen):
            await workspace.as_user("alice").click(card, "confirm")
        with pytest.raises(NotOnScreen):
            await workspace.as_user("alice").click(private, "confirm")
        assert await workspace.as_user("bob").click(card, "confirm") is not None


async def test_an_ephemeral_message_is_not_in_the_payload_of_its_click() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        await client_for(workspace).chat_postEphemeral(channel="C0SHOP", user="U0BOB", text="x", blocks=make_card("p"))
        await workspace.as_user("bob").click(workspace.messages("shop", "bob")[-1], "confirm")

        assert app.sent[-1]["container"]["is_ephemeral"] is True
        assert "message" not in app.sent[-1]


async def test_choices_in_a_message_are_reported_as_state() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        option = {"text": {"type": "plain_text", "text": "Two"}, "value": "2"}
        boxes = {"type": "checkboxes", "action_id": "which", "options": [option]}
        card = await post(workspace, [{"type": "actions", "block_id": "b", "elements": [boxes, make_button()]}])
        alice = workspace.as_user("alice")
        await alice.click(card, "which", ["2"])
        await alice.click(card, "confirm")

        assert app.sent[-2]["actions"][0]["selected_options"] == [option]
        assert app.sent[-1]["state"]["values"]["b"]["which"]["selected_options"] == [option]
        with pytest.raises(NotOnScreen, match="no option '9'"):
            await alice.click(card, "which", ["9"])


async def test_a_forged_action_is_sent_as_it_is() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        await workspace.as_user("bob").forge_action(
            {"action_id": "confirm", "value": "p-999"}, channel={"id": "C0SHOP"}, container={"message_ts": "1.0"}
        )

        assert app.sent[-1]["actions"][0]["value"] == "p-999"
        assert app.sent[-1]["user"]["id"] == "U0BOB"


async def test_a_modal_is_not_submitted_before_it_is_filled_in() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        alice = await open_modal(workspace)

        with pytest.raises(CannotSubmit, match="name: please complete"):
            await alice.submit()
        with pytest.raises(CannotSubmit, match="21 characters"):
            await alice.submit({"name": "x" * 21})
        with pytest.raises(NotOnScreen, match="no input"):
            await alice.submit({"colour": "red"})
        assert (await alice.submit({"name": "fix-42"})).acked
        with pytest.raises(NotOnScreen, match="no modal"):
            await alice.submit({})


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "errors name no input block"),
        ({"response_action": "errors"}, "errors name no input block"),
        ({"response_action": "update", "view": {"type": "modal"}}, "missing required field: title"),
        ({"response_action": "explode"}, "unknown response_action"),
    ],
)
async def test_an_answer_that_slack_cannot_show_leaves_the_modal_open(answer, problem) -> None:
    async with make_workspace() as workspace:
        recorded(workspace, answer)
        alice = await open_modal(workspace)
        result = await alice.submit({"name": "x"})

        assert not result.acked
        assert problem in result.problem
        assert alice.modal is result.view


async def test_submissions_can_update_push_and_clear() -> None:
    async with make_workspace() as workspace:
        other = make_modal(title={"type": "plain_text", "text": "Other"})
        app = recorded(workspace, {"response_action": "push", "view": other})
        alice = await open_modal(workspace)
        root = alice.modal
        pushed = (await alice.submit({"name": "x"})).view
        app.answer = {"response_action": "update", "view": make_modal()}
        updated = (await alice.submit({"name": "x"})).view
        app.answer = {"response_action": "clear"}

        assert pushed.previous_id == root.id
        assert updated is pushed
        assert (await alice.submit({"name": "x"})).view is None


async def test_closing_is_reported_when_asked_for() -> None:
    async with make_workspace() as workspace:
        app = recorded(workspace)
        alice = await open_modal(workspace, notify_on_close=True)
        await alice.close_modal()
        await open_modal(workspace)
        await alice.close_modal()

        assert [payload["type"] for payload in app.sent] == ["view_closed"]


async def test_commands_and_shortcuts_are_those_of_the_manifest() -> None:
    app = App(commands={"/infra": True}, shortcuts={"diagnose": "message"})
    async with make_workspace(app) as workspace:
        sent = recorded(workspace)
        alice = workspace.as_user("alice")
        await alice.command("/infra", "why @bob in #shop", "shop")
        message = alice.say("broken", "shop")
        await alice.message_shortcut(message, "diagnose")

        assert sent.sent[0]["text"] == "why <@U0BOB|bob> in <#C0SHOP|shop>"
        assert sent.sent[-1]["message"]["text"] == "broken"
        with pytest.raises(NotOnScreen):
            await alice.command("/other")
        with pytest.raises(NotOnScreen):
            await alice.shortcut("diagnose")


async def test_edits_deletions_files_and_bots_reach_the_app_as_slack_words_them() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        alice = workspace.as_user("alice")
        message = alice.say("one", "shop")
        alice.edit(message, "two")
        alice.delete(message)
        alice.share_file("a.log", b"x", "shop", text="see")
        workspace.post_as_bot("alertmanager", "shop", "checkout is down")
        workspace.rename_channel("shop", "store")

        events = [delivery.payload["event"] for delivery in workspace.deliveries]
        assert [(event["type"], event.get("subtype")) for event in events] == [
            ("message", None),
            ("message", "message_changed"),
            ("message", "message_deleted"),
            ("message", "file_share"),
            ("message", "bot_message"),
            ("channel_rename", None),
        ]
        assert events[1]["message"]["text"] == "two"
        assert events[1]["previous_message"]["text"] == "one"
        assert events[3]["files"][0]["name"] == "a.log"


async def test_a_guest_of_slack_connect_is_marked_on_message_and_envelope() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        workspace.add_user("eve", team_id="T0OTHER")
        workspace.add_channel("partners", ["eve"], shared=True)
        workspace.as_user("eve").mention("restart everything", "partners")

        payload = workspace.deliveries[0].payload
        assert payload["is_ext_shared_channel"] is True
        assert payload["team_id"] == "T0SHOP"
        assert payload["event"]["user_team"] == "T0OTHER"


async def test_the_app_hears_nothing_of_channels_it_is_not_in() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        bob = workspace.as_user("bob")
        bob.mention("hello?", "ops")
        assert workspace.deliveries == []

        bob.invite_bot("ops")
        bob.mention("hello?", "ops")

        kinds = [delivery.event_type for delivery in workspace.deliveries]
        assert kinds == ["member_joined_channel", "app_mention", "message"]
        with pytest.raises(NotOnScreen):
            workspace.as_user("alice").say("let me in", "ops")


async def test_stop_is_there_only_while_the_session_is_processing() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        message = workspace.as_user("alice").say("go", "shop")

        with pytest.raises(NotOnScreen, match="Stop"):
            workspace.as_user("alice").stop(message)


async def test_opening_the_apps_tabs_and_looking_elsewhere_is_told() -> None:
    async with make_workspace() as workspace:
        recorded(workspace)
        alice = workspace.as_user("alice")
        alice.open_home()
        alice.open_messages()
        alice.look_at({"channel_id": "C0SHOP"})

        events = [delivery.payload["event"] for delivery in workspace.deliveries]
        assert [(event["type"], event.get("tab")) for event in events] == [
            ("app_home_opened", "home"),
            ("app_home_opened", "messages"),
            ("app_context_changed", None),
        ]
