"""One message becomes one turn: answered, asked back, proposed or refused."""

import asyncio

import pytest

from assistant.agent.models.scripted import calling
from assistant.agent.transcript import returned
from assistant.conversation import Usage
from tests.builders.agent import (
    CHECKOUT,
    FACTS,
    SETTLED,
    answering,
    make_chat,
    make_facts,
    planning,
    reading,
    returning,
)
from tools.contract import Verdict
from tools.errors import Ambiguous, Forbidden, NotFound, Unavailable


async def test_an_answer_carries_claims_evidence_calls_and_usage():
    replies = [calling(("get_workload", CHECKOUT), usage=Usage(calls=1, prompt_tokens=10)), answering()]
    chat = make_chat(replies, returning("get_workload", FACTS))

    turn = await chat.say("what happened to checkout in staging?")

    assert (turn.kind, turn.answer.verdict, turn.answer.summary) == (
        "answer",
        Verdict.CONFIRMED,
        "checkout was OOMKilled.",
    )
    assert turn.answer.claims[0].evidence == ("E1",)
    assert [entry.id for entry in turn.evidence] == ["E1", "E2"]
    assert [(call.tool, call.args, call.error) for call in turn.tool_calls] == [("get_workload", CHECKOUT, None)]
    assert (turn.usage.calls, turn.usage.prompt_tokens, turn.model) == (2, 10, "scripted")
    assert len(turn.prompt_hash) == 12


async def test_a_conclusive_result_ends_the_turn_without_a_second_model_call():
    chat = make_chat([calling(("diagnose_workload", CHECKOUT))], returning("diagnose_workload", SETTLED))

    turn = await chat.say("why is checkout failing in staging?")

    assert turn.answer.summary == "checkout runs out of memory."
    assert len(chat.model.requests) == 1


async def test_a_question_of_two_parts_goes_back_to_the_model():
    replies = [calling(("diagnose_workload", CHECKOUT)), answering(summary="checkout runs out of memory.")]
    chat = make_chat(replies, returning("diagnose_workload", SETTLED))

    await chat.say("why is checkout failing in staging, and who owns it?")

    assert len(chat.model.requests) == 2


async def test_reads_of_one_step_are_all_shown_to_the_model():
    replies = [calling(("get_workload", CHECKOUT), ("get_changes", CHECKOUT)), answering()]
    chat = make_chat(replies, returning("get_workload", FACTS), returning("get_changes", make_facts("revision 3")))

    turn = await chat.say("what happened to checkout?")

    tools = [returned(message).tool for message in chat.model.requests[1].messages if message["role"] == "tool"]
    assert tools == ["get_workload", "get_changes"]
    assert [entry.evidence.text for entry in turn.evidence][-1] == "revision 3"


async def test_progress_is_told_in_words():
    chat = make_chat([calling(("diagnose_workload", CHECKOUT))], returning("diagnose_workload", SETTLED))

    await chat.say("why is checkout failing in staging?")

    assert chat.steps == ["Diagnosing checkout in staging"]


async def test_a_question_back_ends_the_turn():
    chat = make_chat([calling(("ask", {"question": "Which service?", "choices": ["why is cart failing?"]}))])

    turn = await chat.say("why is it failing?")

    assert (turn.kind, turn.question.text, turn.question.choices) == (
        "question",
        "Which service?",
        ("why is cart failing?",),
    )


async def test_several_candidates_become_choices_that_are_whole_messages():
    error = Ambiguous("checkout runs in 2 places.", ("checkout in shop-staging", "checkout in pay-staging"))
    chat = make_chat([calling(("diagnose_workload", {"workload": "checkout"}))], returning("diagnose_workload", error))

    turn = await chat.say("why is checkout failing?")

    assert turn.question.choices == (
        "why is checkout in shop-staging failing?",
        "why is checkout in pay-staging failing?",
    )


async def test_a_misspelt_name_is_asked_back_with_the_nearest_ones():
    error = NotFound("There is no chekout.", ("checkout",))
    chat = make_chat([calling(("diagnose_workload", {"workload": "chekout"}))], returning("diagnose_workload", error))

    turn = await chat.say("why is chekout failing?")

    assert turn.question.choices == ("why is checkout failing?",)


async def test_a_name_the_model_made_up_never_reaches_a_tool():
    replies = [calling(("diagnose_workload", {"workload": "example-service"})), answering(claims=[])]
    chat = make_chat(replies, returning("diagnose_workload", SETTLED))

    turn = await chat.say("why does it fail?")

    body = returned(chat.model.requests[1].messages[-1]).body
    assert body["error"]["message"].startswith("Nobody named that")
    assert "example-service" not in body["error"]["message"]
    assert turn.tool_calls == ()


async def test_a_question_for_information_never_leads_to_a_proposal():
    replies = [calling(("restart_workload", CHECKOUT)), answering(claims=[])]
    chat = make_chat(replies, planning("restart_workload"))

    turn = await chat.say("who owns checkout in staging?")

    assert turn.proposals == ()
    assert "wants no change" in turn.tool_calls[0].error


async def test_a_system_that_is_down_is_named_in_the_answer():
    down = Unavailable("The catalog did not answer in 5 s.", system="catalog")
    replies = [calling(("get_entity", CHECKOUT), ("get_workload", CHECKOUT)), answering()]
    chat = make_chat(replies, returning("get_entity", down), returning("get_workload", FACTS))

    turn = await chat.say("what is up with checkout?")

    assert turn.answer.notices == ("Not everything could be read: The catalog did not answer in 5 s.",)
    assert turn.tool_calls[0].error == "Unavailable: The catalog did not answer in 5 s."


async def test_a_missing_right_reaches_the_model_and_the_record():
    error = Forbidden("You may not list pods in pay.", missing="list pods in pay")
    summary = "You may not list pods in pay."
    chat = make_chat(
        [calling(("get_workload", CHECKOUT)), answering(claims=[], summary=summary)], returning("get_workload", error)
    )

    turn = await chat.say("what is up with checkout in pay?")

    assert returned(chat.model.requests[1].messages[-1]).body["error"]["type"] == "Forbidden"
    assert turn.tool_calls[0].error == "Forbidden: You may not list pods in pay."


async def test_a_tool_that_hangs_is_given_up_and_the_others_are_told():
    async def hang(_args):
        await asyncio.Event().wait()

    hanging = reading("get_changes", hang, timeout_seconds=0.02)
    replies = [calling(("get_changes", CHECKOUT), ("get_workload", CHECKOUT)), answering()]
    chat = make_chat(replies, hanging, returning("get_workload", FACTS))

    turn = await chat.say("what is up with checkout?")

    assert turn.tool_calls[0].error.startswith("Unavailable: get_changes did not finish in time.")
    assert turn.answer.claims[0].evidence == ("E1",)


async def test_a_bug_in_a_tool_does_not_spoil_the_thread():
    async def break_down(_args):
        raise ZeroDivisionError

    question = calling(("ask", {"question": "What?", "choices": []}))
    chat = make_chat([calling(("get_workload", CHECKOUT)), question], reading("get_workload", break_down))
    with pytest.raises(ExceptionGroup):
        await chat.say("what is up with checkout?")

    turn = await chat.say("hello")

    assert turn.kind == "question"
    assert [message["role"] for message in chat.model.requests[1].messages] == ["system", "user"]
