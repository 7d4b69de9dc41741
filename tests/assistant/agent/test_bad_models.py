"""A model that errs gets one chance to correct itself, then the person gets what was found."""

import pytest

from assistant.agent.models.scripted import calling, saying
from tests.builders.agent import (
    ANSWER,
    CHECKOUT,
    FACTS,
    EnvironmentArgs,
    answering,
    make_chat,
    returning,
)
from tools.contract import Verdict


class TestBadModels:
    async def test_broken_json_is_explained_once(self):
        replies = [calling(("get_workload", '{"workload": "chec')), calling(("get_workload", CHECKOUT)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert "not one complete JSON object" in chat.model.requests[1].messages[-1]["content"]
        assert chat.model.requests[1].messages[-2]["tool_calls"][0]["function"]["arguments"] == "{}"
        assert turn.answer.verdict is Verdict.CONFIRMED

    async def test_an_unknown_tool_is_answered_with_the_names_that_exist(self):
        replies = [calling(("kubectl", {})), calling(("get_workload", CHECKOUT)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS))

        await chat.say("what is up with checkout?")

        assert "answer, ask, get_workload, load_toolset" in chat.model.requests[1].messages[-1]["content"]

    async def test_wrong_arguments_are_explained(self):
        replies = [calling(("get_workload", {"service": "checkout"})), calling(("get_workload", CHECKOUT)), answering()]
        chat = make_chat(replies, returning("get_workload", FACTS))

        await chat.say("what is up with checkout?")

        content = chat.model.requests[1].messages[-1]["content"]
        assert "workload: Field required" in content
        assert "service: Extra inputs are not permitted" in content

    @pytest.mark.parametrize(
        "bad",
        [
            calling(("get_workload", "{")),
            calling(("kubectl", {})),
            calling(("get_workload", {})),
            saying("Let me think."),
            saying(""),
        ],
        ids=["broken JSON", "unknown tool", "wrong arguments", "prose", "empty"],
    )
    async def test_a_fault_that_comes_again_ends_in_a_partial_answer(self, bad):
        chat = make_chat([calling(("get_workload", CHECKOUT)), bad, bad], returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert (turn.kind, turn.answer.verdict) == ("answer", Verdict.INCONCLUSIVE)
        assert "get_workload(checkout, staging)" in turn.answer.summary
        assert turn.answer.claims[0].evidence == ("E1",)
        assert turn.answer.next_steps

    async def test_the_same_call_again_is_not_run_and_then_ends_the_turn(self):
        again = calling(("get_workload", CHECKOUT))
        chat = make_chat([again, again, again], returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert len(turn.tool_calls) == 1
        assert "repeated call" in turn.answer.notices[0]

    async def test_an_optional_argument_may_be_null(self):
        replies = [calling(("list_workloads", {"environment": "staging", "only_failing": None})), answering()]
        chat = make_chat(replies, returning("list_workloads", FACTS, EnvironmentArgs))

        turn = await chat.say("what fails in staging?")

        assert turn.tool_calls[0].args == {"environment": "staging", "only_failing": False}

    async def test_an_answer_beside_a_read_is_sent_back(self):
        replies = [calling(("get_workload", CHECKOUT), ("answer", ANSWER)), answering(next_steps=[])]
        chat = make_chat(replies, returning("get_workload", FACTS))

        turn = await chat.say("what is up with checkout?")

        assert turn.answer.verdict is Verdict.CONFIRMED
        assert len(chat.model.requests) == 2

    async def test_a_tool_of_a_toolset_that_was_not_loaded_runs_all_the_same(self):
        logs = returning("search_logs", FACTS, toolset="logs", core=False)
        chat = make_chat([calling(("search_logs", CHECKOUT)), answering()], logs)

        await chat.say("what do the logs of checkout say?")

        assert [tool.name for tool in chat.model.requests[0].tools] == ["answer", "ask", "load_toolset"]
        assert chat.model.requests[1].tools[-1].name == "search_logs"

    async def test_loading_a_toolset_shows_its_tools_for_the_rest_of_the_thread(self):
        logs = returning("search_logs", FACTS, toolset="logs", core=False)
        question = calling(("ask", {"question": "Whose?", "choices": []}))
        chat = make_chat([calling(("load_toolset", {"name": "logs"})), question, question], logs)
        await chat.say("show logs")

        await chat.say("of checkout")

        assert chat.model.requests[2].tools[-1].name == "search_logs"
