"""Each limit ends in an answer."""

from assistant.agent.agent import Budgets
from assistant.agent.models.port import ModelUnavailable
from assistant.agent.models.scripted import ScriptedModel, calling
from assistant.conversation import Usage
from tests.builders.agent import (
    CHECKOUT,
    FACTS,
    SETTLED,
    Stepping,
    answering,
    make_chat,
    returning,
)
from tools.contract import Verdict


class TestBudgets:
    async def test_at_the_step_limit_only_an_answer_may_follow(self):
        replies = [calling(("get_workload", CHECKOUT)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS), budgets=Budgets(steps=1))

        turn = await chat.say("what is up with checkout?")

        assert [tool.name for tool in chat.model.requests[1].tools] == ["answer"]
        assert turn.answer.summary == "checkout was OOMKilled."
        assert "The limit of 1 steps for one message is used up." in turn.answer.notices

    async def test_a_model_that_does_not_answer_at_the_limit_gets_a_partial_answer(self):
        replies = [calling(("get_workload", CHECKOUT)), calling(("get_workload", {"workload": "cart"}))]
        chat = make_chat(replies, returning("get_workload", FACTS), budgets=Budgets(steps=1))

        turn = await chat.say("what is up with checkout?")

        assert turn.answer.verdict is Verdict.INCONCLUSIVE
        assert turn.answer.claims

    async def test_tokens_are_limited(self):
        replies = [calling(("get_workload", CHECKOUT), usage=Usage(calls=1, prompt_tokens=900)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS), budgets=Budgets(tokens=500))

        turn = await chat.say("what is up with checkout?")

        assert "The limit of 500 tokens for one message is used up." in turn.answer.notices

    async def test_a_message_too_long_to_read_is_cut_and_said(self):
        chat = make_chat([answering(claims=[], verdict="inconclusive")])

        turn = await chat.say("why? " + "log line " * 5_000)

        assert "Only the first 6000 characters of your message were read." in turn.answer.notices
        assert len(chat.model.requests[0].messages[-1]["content"]) < 6_200

    async def test_seconds_are_limited(self):
        replies = [calling(("get_workload", CHECKOUT)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS), budgets=Budgets(seconds=20), timer=Stepping(step=6))

        turn = await chat.say("what is up with checkout?")

        assert "The limit of 20 seconds for one message is used up." in turn.answer.notices


class TestFallback:
    async def test_another_model_takes_over_when_the_first_is_down_and_the_answer_says_so(self):
        rules = ScriptedModel([calling(("diagnose_workload", CHECKOUT))], name="rules")
        down = ModelUnavailable("The model server llm refused the key (401). Check MODEL__API_KEY.")
        chat = make_chat([down], returning("diagnose_workload", SETTLED), fallback=rules)

        turn = await chat.say("why is checkout failing?")

        assert turn.answer.summary == "checkout runs out of memory."
        assert turn.answer.notices == (
            "The language model is down: The model server llm refused the key (401). Check MODEL__API_KEY. "
            "Built-in rules answered instead.",
        )
        assert turn.model == "rules"

    async def test_it_takes_over_in_the_middle_of_a_turn(self):
        rules = ScriptedModel([answering()], name="rules")
        replies = [calling(("get_workload", CHECKOUT)), ModelUnavailable("down.")]
        chat = make_chat(replies, returning("get_workload", FACTS), fallback=rules)

        turn = await chat.say("what is up with checkout?")

        assert turn.answer.claims[0].evidence == ("E1",)
        assert turn.model == "scripted, then rules"

    async def test_without_a_fallback_the_answer_says_what_was_checked(self):
        replies = [calling(("get_workload", CHECKOUT)), ModelUnavailable("The model server llm is down.")]
        chat = make_chat(replies, returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert "The model server llm is down." in turn.answer.notices
        assert turn.answer.claims[0].evidence == ("E1",)
