from evals.emulators.slack.face.reading import Reading
from tests.builders.slack_bot import make_workspace


async def test_counts_what_others_wrote_after_the_mark():
    reading = Reading()
    async with make_workspace() as workspace:
        bob = workspace.as_user("bob")
        first = bob.say("one", "shop")
        workspace.as_user("alice").say("mine", "shop")
        bob.say("two", "shop")

        reading.mark("U0ALICE", "C0SHOP", first.ts)

        assert reading.unread(workspace.state, "U0ALICE", workspace.state.channels["C0SHOP"]) == {
            "unread": 1,
            "calls": 0,
        }


async def test_a_mention_of_a_person_or_of_their_group_calls_them():
    reading = Reading()
    async with make_workspace() as workspace:
        workspace.add_group("platform", ["bob"])
        workspace.as_user("alice").say("<@U0BOB> look", "shop")
        workspace.as_user("alice").say("<!subteam^S0PLATFORM> look", "shop")
        workspace.as_user("alice").say("nobody in particular", "shop")

        assert reading.calls_for(workspace.state, "U0BOB") == 2


async def test_everything_in_a_direct_message_calls():
    reading = Reading()
    async with make_workspace() as workspace:
        direct = workspace.state.direct_message("U0ALICE")
        workspace.post_as_bot("infra", direct.id, "done")

        assert reading.calls_for(workspace.state, "U0ALICE") == 1


async def test_reading_never_goes_back():
    reading = Reading()
    async with make_workspace() as workspace:
        first = workspace.as_user("bob").say("one", "shop")
        second = workspace.as_user("bob").say("two", "shop")
        reading.mark("U0ALICE", "C0SHOP", second.ts)

        assert not reading.mark("U0ALICE", "C0SHOP", first.ts)
        assert reading.last_read("U0ALICE", "C0SHOP") == second.ts
