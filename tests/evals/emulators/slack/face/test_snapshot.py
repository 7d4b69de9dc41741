from evals.emulators.slack.face.reading import Reading
from evals.emulators.slack.face.snapshot import snapshot
from tests.builders.slack_bot import make_workspace
from tests.builders.slack_sample import make_sample_workspace


def rows(workspace, handle):
    return snapshot(workspace.state, workspace.state.user_named(handle), Reading())


def messages(workspace, handle):
    return [row["text"] for key, row in rows(workspace, handle).items() if key.startswith("message/")]


async def test_people_see_only_the_conversations_they_are_in():
    async with make_workspace() as workspace:
        workspace.as_user("alice").say("in shop", "shop")
        workspace.as_user("bob").say("in ops", "ops")

        assert messages(workspace, "alice") == ["in shop"]
        assert messages(workspace, "bob") == ["in shop", "in ops"]
        assert "channel/G0OPS" not in rows(workspace, "alice")


async def test_an_ephemeral_message_is_on_one_screen_only():
    async with make_workspace() as workspace:
        note = workspace.as_user("alice").say("only for alice", "shop")
        note.ephemeral_for = "U0ALICE"

        assert messages(workspace, "alice") == ["only for alice"]
        assert messages(workspace, "bob") == []


async def test_a_modal_is_on_the_screen_of_the_person_who_opened_it():
    async with make_workspace() as workspace:
        view = workspace.state.new_view("U0ALICE", {"type": "modal", "title": {"text": "Sure?"}, "blocks": []})
        workspace.state.modals["U0ALICE"] = [view]

        assert [one["title"]["text"] for one in rows(workspace, "alice")["modals"]["views"]] == ["Sure?"]
        assert rows(workspace, "bob")["modals"] == {"views": []}


async def test_names_what_the_manifest_offers():
    async with make_sample_workspace() as workspace:
        app = rows(workspace, "alice")["workspace"]["app"]

        assert app["commands"] == [{"command": "/infra", "hint": "Ask about a service"}]
        assert {"callback_id": "diagnose", "type": "message", "name": "Diagnose this message"} in app["shortcuts"]
        assert app["prompts"][0]["title"] == "Why is checkout failing?"


async def test_credentials_of_the_app_are_in_no_row():
    async with make_workspace() as workspace:
        shown = str(rows(workspace, "alice"))

        assert workspace.app.bot_token not in shown
        assert workspace.app.signing_secret not in shown
