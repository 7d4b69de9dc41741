"""Whole turns with a model server on the wire, well behaved and not."""

from contextlib import asynccontextmanager

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent.agent import Agent, Budgets
from assistant.agent.checkpoints import strict_serializer
from assistant.agent.models.openai import OpenAIModel, open_client
from assistant.agent.models.scripted import ScriptedModel, calling
from assistant.conversation import Question
from evals.emulators.openai.replies import (
    call,
    call_as_text,
    calls,
    cut_by_length,
    cut_stream,
    empty,
    endless_blanks,
    failure,
    json_reply,
    text,
)
from evals.emulators.openai.server import OpenAIEmulator
from tests.builders.agent import NOW, Chat, Desk, make_facts, make_ref, make_toolbox, planning, returning
from tools.clock import system_clock
from tools.contract import Verdict

CHECKOUT = {"workload": "checkout", "environment": "staging"}
FACTS = make_facts("exit code 137, reason OOMKilled", refs=[make_ref()])
LOOK = calls(call("get_workload", CHECKOUT))
ANSWER = {
    "verdict": "confirmed",
    "summary": "checkout was OOMKilled.",
    "claims": [{"text": "It ended with exit code 137.", "evidence": ["E1"]}],
    "next_steps": [],
}
END = calls(call("answer", ANSWER))


@asynccontextmanager
async def chatting(*script, wire="tools", fallback=None):
    async with OpenAIEmulator(system_clock, script=script) as server:
        client = open_client(server.base_url, "any", timeout_seconds=5, max_retries=0)
        model = OpenAIModel(client, "small", wire=wire, max_output_tokens=200)
        agent = Agent(model, fallback, InMemorySaver(serde=strict_serializer()), Budgets(), lambda: NOW)
        yield server, Chat(agent, model, make_toolbox(returning("get_workload", FACTS), planning()), Desk())
        await model.close()


async def test_a_question_is_answered_with_tool_calls():
    async with chatting(LOOK, END) as (server, chat):
        turn = await chat.say("what is up with checkout in staging?")

    assert (turn.answer.verdict, turn.answer.claims[0].evidence) == (Verdict.CONFIRMED, ("E1",))
    assert [request.status for request in server.requests] == [200, 200]
    assert turn.usage.calls == 2


async def test_a_question_is_answered_with_structured_replies():
    look = json_reply({"call": {"tool": "get_workload", "arguments": CHECKOUT}})
    end = json_reply({"call": {"tool": "answer", "arguments": ANSWER}})

    async with chatting(look, end, wire="structured") as (server, chat):
        turn = await chat.say("what is up with checkout in staging?")

    assert turn.answer.verdict is Verdict.CONFIRMED
    assert [message["role"] for message in server.bodies[1]["messages"]] == ["system", "user", "assistant", "user"]


async def test_a_change_is_proposed():
    async with chatting(calls(call("restart_workload", CHECKOUT))) as (_, chat):
        turn = await chat.say("restart checkout in staging")

    assert [view.id for view in turn.proposals] == ["p-1"]


async def test_a_follow_up_is_a_conversation_that_the_api_accepts():
    async with chatting(LOOK, END, LOOK, END) as (server, chat):
        await chat.say("what is up with checkout in staging?")
        turn = await chat.say("and now?")

    assert {request.status for request in server.requests} == {200}
    assert turn.answer.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "fault",
    [
        calls(call("get_workload", '{"workload": "chec')),
        calls(call("kubectl", {"command": "get pods"})),
        calls(call("get_workload", {"service": "checkout"})),
        text("Let me look into it."),
        empty(),
        endless_blanks(),
        cut_by_length(LOOK),
    ],
    ids=["broken JSON", "unknown tool", "wrong arguments", "prose", "empty", "endless blanks", "cut"],
)
class TestFaults:
    async def test_one_fault_is_repaired(self, fault):
        async with chatting(fault, LOOK, END) as (server, chat):
            turn = await chat.say("what is up with checkout in staging?")

        assert turn.answer.verdict is Verdict.CONFIRMED
        assert {request.status for request in server.requests} == {200}

    async def test_the_same_fault_again_ends_in_a_partial_answer(self, fault):
        async with chatting(LOOK, fault, fault) as (server, chat):
            turn = await chat.say("what is up with checkout in staging?")

        assert turn.answer.verdict is Verdict.INCONCLUSIVE
        assert "get_workload" in turn.answer.summary
        assert len(server.requests) == 3


@pytest.mark.parametrize("style", ["bare", "fenced", "tagged"])
async def test_a_call_written_as_text_is_carried_out(style):
    async with chatting(call_as_text("get_workload", CHECKOUT, style), END) as (_, chat):
        turn = await chat.say("what is up with checkout in staging?")

    assert turn.answer.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "broken", [failure(500), failure(401), cut_stream(LOOK, abort=True)], ids=["500", "401", "cut"]
)
async def test_a_provider_that_fails_is_replaced_openly(broken):
    rules = ScriptedModel([calling(("ask", {"question": "Which?", "choices": []}))], name="rules")

    async with chatting(broken, fallback=rules) as (_, chat):
        turn = await chat.say("what is up with checkout in staging?")

    assert turn.question == Question(text="Which?")
    assert turn.model == "rules"
