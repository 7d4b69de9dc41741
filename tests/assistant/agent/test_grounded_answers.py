"""An answer says what its evidence says."""

from assistant.agent.models.scripted import calling
from tests.builders.agent import (
    ANSWER,
    CHECKOUT,
    FACTS,
    SETTLED,
    answering,
    make_chat,
    returning,
)
from tools.contract import Verdict


class TestGrounding:
    async def test_a_claim_without_evidence_is_dropped_and_said(self):
        claims = [*ANSWER["claims"], {"text": "The node has 99 GB.", "evidence": ["E1"]}]
        chat = make_chat(
            [calling(("get_workload", CHECKOUT)), answering(claims=claims)], returning("get_workload", FACTS)
        )

        turn = await chat.say("what is up with checkout?")

        assert [claim.text for claim in turn.answer.claims] == ["It ended with exit code 137."]
        assert turn.answer.verdict is Verdict.LIKELY
        assert turn.answer.notices == ("1 statement was left out: no evidence shows it.",)

    async def test_an_answer_of_which_nothing_holds_is_tried_once_more(self):
        wrong = answering(claims=[{"text": "It ended with exit code 137.", "evidence": ["E9"]}])
        chat = make_chat([calling(("get_workload", CHECKOUT)), wrong, answering()], returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert "cite only E1, E2" in chat.model.requests[2].messages[-1]["content"]
        assert turn.answer.verdict is Verdict.CONFIRMED

    async def test_a_conclusion_stands_in_for_an_answer_of_which_nothing_holds(self):
        wrong = answering(claims=[{"text": "Exit code 1.", "evidence": ["E1"]}])
        replies = [calling(("diagnose_workload", CHECKOUT)), wrong, answering(claims=[])]
        chat = make_chat(replies, returning("diagnose_workload", SETTLED))

        turn = await chat.say("why is checkout failing and since when?")

        assert turn.answer.summary == "checkout runs out of memory."

    async def test_a_summary_that_names_what_nobody_saw_is_replaced(self):
        chat = make_chat(
            [calling(("get_workload", CHECKOUT)), answering(summary="example-service is broken.")],
            returning("get_workload", FACTS),
        )

        turn = await chat.say("what is up with checkout?")

        assert turn.answer.summary == "It ended with exit code 137."

    async def test_confirmed_without_a_claim_is_inconclusive(self):
        chat = make_chat([answering(claims=[], summary="All is well.")])

        turn = await chat.say("is all well?")

        assert turn.answer.verdict is Verdict.INCONCLUSIVE
