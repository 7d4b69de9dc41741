"""A thread is remembered, small."""

from assistant.agent.models.scripted import calling
from assistant.agent.transcript import returned, said
from tests.builders.agent import (
    CHECKOUT,
    SETTLED,
    make_chat,
    returning,
)


class TestFollowUps:
    async def test_the_next_turn_sees_calls_and_digests_but_no_tool_output(self):
        question = calling(("ask", {"question": "What?", "choices": []}))
        chat = make_chat([calling(("diagnose_workload", CHECKOUT)), question], returning("diagnose_workload", SETTLED))
        await chat.say("why is checkout failing in staging?")

        await chat.say("and in production?")

        _system, first, called, tool, ended, second = chat.model.requests[1].messages
        assert (said(first), said(second)) == ("why is checkout failing in staging?", "and in production?")
        assert called["tool_calls"][0]["function"]["name"] == "diagnose_workload"
        assert returned(tool).body == {
            "digest": "checkout runs out of memory.",
            "saw": ["Deployment shop-staging/checkout"],
        }
        assert ended["content"] == "checkout runs out of memory."

    async def test_the_system_prompt_is_the_same_for_every_person_and_turn(self):
        question = calling(("ask", {"question": "What?", "choices": []}))
        chat = make_chat([question, question])
        await chat.say("hello")

        await chat.say("hello", thread="cli:other")

        first, second = chat.model.requests
        assert first.messages[0] == second.messages[0]
        assert first.tools == second.tools

    async def test_the_oldest_turns_are_forgotten(self):
        question = calling(("ask", {"question": "What?", "choices": []}))
        chat = make_chat([question] * 14)
        for number in range(14):
            await chat.say(f"message {number}")

        words = [said(message) for message in chat.model.requests[-1].messages if message["role"] == "user"]
        assert words == [f"message {number}" for number in range(5, 14)]
