"""The real client cannot tell the emulator from the API, in good answers and in bad ones."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import openai
import pytest
from openai import AsyncOpenAI

from evals.emulators.openai.replies import (
    call,
    call_as_text,
    calls,
    cut_by_length,
    cut_stream,
    empty,
    endless_blanks,
    error_in_stream,
    failure,
    json_reply,
    rate_limited,
    raw,
    slow,
    text,
)
from evals.emulators.openai.server import OpenAIEmulator

QUESTION = [{"role": "user", "content": "why is checkout failing?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_pods",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"namespace": {"type": "string", "maxLength": 63}},
            "required": ["namespace"],
            "additionalProperties": False,
        },
    },
}
PODS = call("get_pods", {"namespace": "staging-and-more"})


@asynccontextmanager
async def provider(*replies, max_retries=0, timeout=5.0, **settings):
    emulator = OpenAIEmulator(lambda: datetime(2026, 11, 22, tzinfo=UTC), replies, **settings)
    async with (
        emulator,
        AsyncOpenAI(api_key="key", base_url=emulator.base_url, max_retries=max_retries, timeout=timeout) as client,
    ):
        yield emulator, client


def ask(client: AsyncOpenAI, **more):
    return client.chat.completions.create(**{"model": "m", "messages": QUESTION, **more})


async def test_a_scripted_tool_call_arrives_whole() -> None:
    async with provider(calls(PODS)) as (emulator, client):
        answer = await ask(client, tools=[TOOL], tool_choice="required")

    [made] = answer.choices[0].message.tool_calls
    assert (made.function.name, made.function.arguments) == ("get_pods", '{"namespace": "staging-and-more"}')
    assert answer.choices[0].finish_reason == "tool_calls"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert emulator.bodies[0]["tool_choice"] == "required"


async def test_a_stream_gives_the_same_calls_piece_by_piece_and_usage_at_the_end() -> None:
    async with provider(calls(PODS, call("get_pods", {"namespace": "b"}), content="looking")) as (_, client):
        options = {"include_usage": True}
        async with client.chat.completions.stream(
            model="m", messages=QUESTION, tools=[TOOL], stream_options=options
        ) as stream:
            seen = [event.type async for event in stream]
            final = await stream.get_final_completion()

    message = final.choices[0].message
    assert message.content == "looking"
    assert [one.function.parsed_arguments for one in message.tool_calls] == [
        {"namespace": "staging-and-more"},
        {"namespace": "b"},
    ]
    assert seen.count("tool_calls.function.arguments.delta") > 2
    assert final.usage.completion_tokens > 0


async def test_answers_can_be_a_function_of_the_request() -> None:
    async def answer(request):
        return text(f"{len(request['messages'])} messages")

    emulator = OpenAIEmulator(lambda: datetime(2026, 11, 22, tzinfo=UTC), answer)
    async with emulator, AsyncOpenAI(api_key="key", base_url=emulator.base_url) as client:
        found = await ask(client)

    assert found.choices[0].message.content == "1 messages"


async def test_json_schema_answers_are_content() -> None:
    wanted = {
        "type": "json_schema",
        "json_schema": {"name": "turn", "strict": True, "schema": TOOL["function"]["parameters"]},
    }
    async with provider(json_reply({"namespace": "staging"})) as (_, client):
        answer = await ask(client, response_format=wanted)

    assert answer.choices[0].message.content == '{"namespace": "staging"}'


async def test_a_length_cut_leaves_half_the_arguments() -> None:
    async with provider(cut_by_length(calls(PODS))) as (_, client):
        answer = await ask(client, tools=[TOOL])

    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"namespac'


async def test_endless_blanks_end_at_the_token_limit() -> None:
    async with provider(endless_blanks(" ")) as (_, client):
        answer = await ask(client, max_tokens=40)

    assert answer.choices[0].message.content == " " * 40
    assert answer.choices[0].finish_reason == "length"


async def test_a_call_written_as_text_is_content_and_no_call() -> None:
    async with provider(call_as_text("get_pods", {"namespace": "x"}, "fenced"), empty()) as (_, client):
        written, nothing = await ask(client, tools=[TOOL]), await ask(client)

    assert written.choices[0].message.content.startswith("```json")
    assert written.choices[0].message.tool_calls is None
    assert nothing.choices[0].message.content == ""


async def test_a_stream_cut_without_finish_reason_ends_early() -> None:
    async with provider(cut_stream(calls(PODS), after=3)) as (_, client):
        chunks = [chunk async for chunk in await ask(client, tools=[TOOL], stream=True)]

    assert len(chunks) == 3
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks)


async def test_a_broken_connection_is_a_connection_error() -> None:
    async with provider(cut_stream(calls(PODS), after=2, abort=True)) as (_, client):
        stream = await ask(client, tools=[TOOL], stream=True)

        with pytest.raises((openai.APIConnectionError, openai.APIError)):
            [chunk async for chunk in stream]


async def test_an_error_inside_a_stream_is_an_api_error() -> None:
    async with provider(error_in_stream(text("hello"), "overloaded")) as (_, client):
        stream = await ask(client, stream=True)

        with pytest.raises(openai.APIError, match="overloaded"):
            [chunk async for chunk in stream]


async def test_a_rate_limit_is_retried_after_what_the_server_says() -> None:
    async with provider(rate_limited(0.01), text("there"), max_retries=1) as (emulator, client):
        answer = await ask(client)

    assert answer.choices[0].message.content == "there"
    assert [request.status for request in emulator.requests] == [429, 200]


async def test_a_server_error_and_a_timeout_reach_the_caller() -> None:
    async with provider(failure(503, "overloaded"), slow(text("late"), 1.0), timeout=0.1) as (_, client):
        with pytest.raises(openai.InternalServerError, match="overloaded"):
            await ask(client)
        with pytest.raises(openai.APITimeoutError):
            await ask(client)


async def test_raw_bytes_are_sent_as_they_are() -> None:
    async with provider(raw(b"data: {oops\n\n", "text/event-stream")) as (_, client):
        stream = await ask(client, stream=True)

        with pytest.raises(ValueError, match="Expecting property name"):
            [chunk async for chunk in stream]


async def test_a_wrong_key_and_an_unknown_model_are_refused() -> None:
    async with provider(api_key="another", models=["m"]) as (_, client):
        with pytest.raises(openai.AuthenticationError):
            await ask(client)
    async with provider(models=["m"]) as (_, client):
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            await ask(client, model="gpt-unknown")
        assert [model.id async for model in client.models.list()] == ["m"]


async def test_an_exhausted_script_is_a_server_error() -> None:
    async with provider() as (_, client):
        with pytest.raises(openai.InternalServerError, match="no reply left"):
            await ask(client)
