"""A change is only ever proposed, for a target that is known."""

from assistant.agent.models.scripted import calling
from assistant.errors import NotAllowed
from tests.builders.agent import (
    CHECKOUT,
    FACTS,
    SETTLED,
    Desk,
    EnvironmentArgs,
    ScaleArgs,
    answering,
    make_chat,
    make_plan,
    make_ref,
    planning,
    returning,
)
from tools.errors import Unavailable


class TestChanges:
    async def test_a_proposal_ends_the_turn_and_says_which_model_made_it(self):
        chat = make_chat([calling(("restart_workload", CHECKOUT))], planning())

        turn = await chat.say("restart checkout in staging")

        assert (turn.kind, [view.id for view in turn.proposals]) == ("proposal", ["p-1"])
        assert [(call.tool, call.args) for call in turn.tool_calls] == [("restart_workload", CHECKOUT)]
        assert chat.steps == ["Planning: restart checkout in staging"]
        assert chat.desk.taken[0][1].model == "scripted"
        assert chat.desk.taken[0][1].prompt_hash == turn.prompt_hash

    async def test_a_target_that_nobody_named_is_refused_before_it_is_stored(self):
        replies = [
            calling(("restart_workload", {"workload": "cart"})),
            calling(("ask", {"question": "Which?", "choices": []})),
        ]
        chat = make_chat(replies, planning(outcome=make_plan(target=make_ref("cart"))))

        turn = await chat.say("please restart it")

        assert turn.kind == "question"
        assert chat.desk.taken == []

    async def test_a_target_that_a_tool_observed_may_be_changed(self):
        replies = [calling(("list_workloads", {"environment": "staging"})), calling(("restart_workload", CHECKOUT))]
        chat = make_chat(replies, returning("list_workloads", FACTS, EnvironmentArgs), planning())

        turn = await chat.say("restart the one that fails")

        assert turn.kind == "proposal"

    async def test_what_was_observed_in_an_earlier_turn_may_be_changed(self):
        replies = [calling(("diagnose_workload", {"workload": "shop"})), calling(("restart_workload", CHECKOUT))]
        chat = make_chat(replies, returning("diagnose_workload", SETTLED), planning())
        await chat.say("why is shop failing?")

        turn = await chat.say("restart it")

        assert turn.kind == "proposal"

    async def test_another_thread_observed_nothing(self):
        replies = [
            calling(("diagnose_workload", {"workload": "shop"})),
            calling(("restart_workload", CHECKOUT)),
            calling(("ask", {"question": "Which?", "choices": []})),
        ]
        chat = make_chat(replies, returning("diagnose_workload", SETTLED), planning())
        await chat.say("why is shop failing?")

        turn = await chat.say("restart it", thread="cli:other")

        assert turn.kind == "question"

    async def test_at_most_three_changes_are_proposed_at_once(self):
        calls = [("scale_workload", CHECKOUT | {"replicas": number}) for number in range(5)]
        chat = make_chat([calling(*calls)], planning("scale_workload", args=ScaleArgs))

        turn = await chat.say("scale checkout in staging")

        assert len(turn.proposals) == 3

    async def test_what_policy_forbids_is_a_refusal_in_its_words(self):
        desk = Desk(refusal=NotAllowed("Only group:default/pay may restart pay.", ("pay-owners",)))
        chat = make_chat([calling(("restart_workload", CHECKOUT))], planning(), desk=desk)

        turn = await chat.say("restart checkout in staging")

        assert (turn.kind, turn.refusal) == ("refusal", "Only group:default/pay may restart pay.")

    async def test_a_plan_that_fails_is_told_to_the_model(self):
        replies = [calling(("restart_workload", CHECKOUT)), answering(claims=[], verdict="inconclusive")]
        chat = make_chat(replies, planning(outcome=Unavailable("The cluster is down.", system="cluster")))

        turn = await chat.say("restart checkout in staging")

        assert turn.kind == "answer"
        assert "Not everything could be read: The cluster is down." in turn.answer.notices

    async def test_a_diagnosis_on_the_way_is_told_beside_the_proposal(self):
        replies = [calling(("diagnose_workload", CHECKOUT)), calling(("restart_workload", CHECKOUT))]
        chat = make_chat(replies, returning("diagnose_workload", SETTLED), planning())

        turn = await chat.say("look at checkout in staging and restart it")

        assert turn.answer.summary == "checkout runs out of memory."
        assert turn.kind == "proposal"
