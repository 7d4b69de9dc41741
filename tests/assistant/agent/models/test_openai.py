"""Chat Completions on the wire: what is sent, what is understood, what is refused and by whom it must be put right."""

import json
from contextlib import asynccontextmanager

import httpx2
import openai
import pytest

from assistant.agent.models.capabilities import Capabilities
from assistant.agent.models.openai import OpenAIModel, open_client
from assistant.agent.models.port import ModelRequest, ModelUnavailable
from assistant.agent.prompting import build_prompt
from assistant.agent.transcript import (
    calls_message,
    data_message,
    notice_message,
    person_message,
    system_message,
)
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
    rate_limited,
    raw,
    slow,
    text,
)
from evals.emulators.openai.server import OpenAIEmulator
from evals.tokens import every_tool
from tests.builders.agent import ALICE, NOW
from tools.clock import system_clock

PROMPT = build_prompt(every_tool())
CHECKOUT = {"workload": "checkout", "environment": "staging"}
DIAGNOSE = call("diagnose_workload", CHECKOUT)


def make_request(*more, end_user="u1"):
    said = person_message("why is checkout failing?", ALICE, NOW)
    return ModelRequest((system_message(PROMPT.system), said, *more), PROMPT.schemas(()), end_user)


@asynccontextmanager
async def serving(
    *script, wire="tools", capabilities=None, key="any", name="gpt-4o", timeout=5.0, retries=0, **emulator
):
    async with OpenAIEmulator(system_clock, script=list(script), **emulator) as server:
        client = open_client(server.base_url, key, timeout_seconds=timeout, max_retries=retries)
        model = OpenAIModel(client, name, wire=wire, capabilities=capabilities, max_output_tokens=300)
        try:
            yield server, model
        finally:
            await model.close()


class TestTools:
    async def test_a_call_comes_back_with_usage(self):
        async with serving(calls(DIAGNOSE)) as (server, model):
            reply = await model.complete(make_request())

        assert [(one.name, json.loads(one.arguments)) for one in reply.calls] == [("diagnose_workload", CHECKOUT)]
        assert reply.usage.calls == 1
        assert reply.usage.prompt_tokens > 0
        assert server.bodies[0]["tool_choice"] == "required"

    async def test_several_calls_come_back_in_order(self):
        async with serving(calls(DIAGNOSE, call("list_workloads", {}))) as (_, model):
            reply = await model.complete(make_request())

        assert [one.name for one in reply.calls] == ["diagnose_workload", "list_workloads"]

    async def test_every_schema_is_strict_and_the_length_of_a_reply_is_limited(self):
        async with serving(calls(DIAGNOSE)) as (server, model):
            await model.complete(make_request())

        body = server.bodies[0]
        assert all(tool["function"]["strict"] for tool in body["tools"])
        assert (body["max_tokens"], body["parallel_tool_calls"], body["temperature"]) == (300, True, 0)

    async def test_a_conversation_with_calls_and_results_is_accepted(self):
        called = (await _reply_of(calls(DIAGNOSE))).calls
        history = [
            calls_message(called),
            *(data_message(one, {"result": {}}) for one in called),
            notice_message("Go on."),
        ]

        async with serving(calls(DIAGNOSE)) as (server, model):
            await model.complete(make_request(*history))

        assert server.requests[0].status == 200

    async def test_equal_requests_are_equal_bytes(self):
        async with serving(calls(DIAGNOSE), calls(DIAGNOSE)) as (server, model):
            await model.complete(make_request())
            await model.complete(make_request())

        assert json.dumps(server.bodies[0]) == json.dumps(server.bodies[1])

    @pytest.mark.parametrize("style", ["bare", "fenced", "tagged"])
    async def test_a_call_written_as_text_is_understood(self, style):
        reply = await _reply_of(call_as_text("diagnose_workload", CHECKOUT, style))

        assert [(one.name, json.loads(one.arguments)) for one in reply.calls] == [("diagnose_workload", CHECKOUT)]

    async def test_prose_comes_back_as_text(self):
        reply = await _reply_of(text("I think it is broken."))

        assert (reply.calls, reply.text, reply.cut) == ((), "I think it is broken.", False)

    @pytest.mark.parametrize("blank", [empty(), endless_blanks()], ids=["empty", "endless blanks"])
    async def test_an_empty_reply_has_neither_calls_nor_text(self, blank):
        reply = await _reply_of(blank)

        assert (reply.calls, reply.text) == ((), "")

    async def test_broken_arguments_are_passed_on_to_be_explained(self):
        reply = await _reply_of(calls(call("diagnose_workload", '{"workload": "chec')))

        assert reply.calls[0].arguments == '{"workload": "chec'

    async def test_a_reply_cut_at_its_limit_has_no_broken_call(self):
        reply = await _reply_of(cut_by_length(calls(DIAGNOSE)))

        assert (reply.calls, reply.cut) == ((), True)


class TestStructured:
    async def test_the_response_schema_is_one_object_with_one_call(self):
        async with serving(json_reply({}), wire="structured") as (server, model):
            await model.complete(make_request())

        schema = server.bodies[0]["response_format"]["json_schema"]
        variants = schema["schema"]["properties"]["call"]["anyOf"]
        assert schema["strict"] is True
        assert {variant["properties"]["tool"]["const"] for variant in variants} == {tool.name for tool in PROMPT.core}
        assert "tools" not in server.bodies[0]

    async def test_the_call_is_read(self):
        wrapped = {"call": {"tool": "diagnose_workload", "arguments": CHECKOUT}}

        reply = await _reply_of(json_reply(wrapped), wire="structured")

        assert [(one.name, json.loads(one.arguments)) for one in reply.calls] == [("diagnose_workload", CHECKOUT)]

    async def test_tools_are_signatures_in_the_prompt(self):
        async with serving(json_reply({}), wire="structured") as (server, model):
            await model.complete(make_request())

        system = server.bodies[0]["messages"][0]["content"]
        assert "- scale_workload(workload: string, environment: string|null, replicas: integer): " in system

    async def test_earlier_calls_and_results_are_text_of_alternating_roles(self):
        called = (await _reply_of(calls(DIAGNOSE))).calls
        history = [
            calls_message(called),
            *(data_message(one, {"result": {}}) for one in called),
            notice_message("Go on."),
        ]

        async with serving(json_reply({}), wire="structured") as (server, model):
            await model.complete(make_request(*history))

        messages = server.bodies[0]["messages"]
        assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
        assert json.loads(messages[2]["content"]) == {"call": {"tool": "diagnose_workload", "arguments": CHECKOUT}}

    async def test_texts_in_the_schema_are_short_enough_for_a_grammar(self):
        async with serving(json_reply({}), wire="structured") as (server, model):
            await model.complete(make_request())

        assert max(_lengths(server.bodies[0]["response_format"])) <= 200


class TestCapabilities:
    async def test_a_refused_parameter_is_left_out_from_then_on(self):
        refusing = _Refusing({"parallel_tool_calls": "Unrecognized request argument supplied: parallel_tool_calls"})
        model = refusing.model()

        await model.complete(make_request())
        await model.complete(make_request())

        assert ["parallel_tool_calls" in body for body in refusing.bodies] == [True, False, False]

    async def test_the_newer_name_of_the_length_limit_is_learned(self):
        async with serving(calls(DIAGNOSE), name="gpt-5", capabilities=Capabilities(temperature=False)) as (
            server,
            model,
        ):
            await model.complete(make_request())

        assert [request.status for request in server.requests] == [400, 200]
        assert server.bodies[1]["max_completion_tokens"] == 300

    async def test_several_refusals_are_learned_one_by_one(self):
        refusing = _Refusing({"parallel_tool_calls": "parallel_tool_calls: extra", "temperature": "temperature: extra"})
        model = refusing.model()

        reply = await model.complete(make_request())

        assert reply.calls
        assert len(refusing.bodies) == 3

    async def test_lengths_that_a_grammar_refuses_are_left_out(self):
        refusing = _Refusing({'maxLength"': "failed to parse grammar: number of repetitions exceeds sane defaults"})
        model = refusing.model()

        await model.complete(make_request())

        assert "maxLength" not in json.dumps(refusing.bodies[1])

    async def test_openai_itself_is_told_who_asks_and_other_servers_are_not(self):
        official = _Refusing({}, base_url="https://api.openai.com/v1")
        other = _Refusing({})

        await official.model().complete(make_request())
        await other.model().complete(make_request())

        assert official.bodies[0]["safety_identifier"] == "u1"
        assert "safety_identifier" not in other.bodies[0]


class TestFailures:
    @pytest.mark.parametrize(
        ("reply", "says"),
        [
            (failure(404, "The model `gpt-4o` does not exist"), "MODEL__NAME"),
            (failure(403), "403"),
            (failure(400, "context length exceeded"), "context length exceeded"),
            (failure(503), "fails itself (503)"),
            (rate_limited(0.01), "429"),
            (raw(b"<html>proxy</html>", "text/html"), "MODEL__BASE_URL"),
            (raw(b'{"error": {"message": "overloaded"}}'), "no chat completion"),
            (raw(b'{"choices": [{"mess'), "no chat completion"),
            (raw(b"[]"), "no chat completion"),
            (raw(b'{"choices": []}'), "no chat completion"),
        ],
    )
    async def test_a_failure_says_what_to_do(self, reply, says):
        async with serving(reply, reply) as (_, model):
            with pytest.raises(ModelUnavailable, match=says.replace("(", r"\(").replace(")", r"\)")):
                await model.complete(make_request())

    async def test_a_wrong_key_is_named_by_its_setting_and_not_shown(self):
        async with serving(api_key="right", key="sk-wrong-0123456789abcdef0123") as (_, model):
            with pytest.raises(ModelUnavailable, match="MODEL__API_KEY") as caught:
                await model.complete(make_request())

        assert "sk-wrong" not in str(caught.value)

    async def test_a_server_that_is_not_there_is_named_by_its_setting(self):
        async with serving() as (server, _):
            gone = server.base_url
        model = OpenAIModel(open_client(gone, "any", timeout_seconds=1, max_retries=0), "gpt-4o")

        with pytest.raises(ModelUnavailable, match="MODEL__BASE_URL"):
            await model.complete(make_request())
        await model.close()

    async def test_a_slow_server_is_given_up(self):
        async with serving(slow(calls(DIAGNOSE), 5), timeout=0.2, retries=0) as (_, model):
            with pytest.raises(ModelUnavailable, match="did not reply in time"):
                await model.complete(make_request())

    async def test_a_failure_that_passes_is_not_seen(self):
        async with serving(failure(503), calls(DIAGNOSE), retries=1) as (server, model):
            reply = await model.complete(make_request())

        assert reply.calls
        assert len(server.requests) == 2

    async def test_a_cut_connection_is_tried_again_and_then_unavailable(self):
        broken = httpx2.MockTransport(_raise_read_error)
        client = openai.AsyncOpenAI(
            base_url="http://llm.test/v1", api_key="x", max_retries=1, http_client=httpx2.AsyncClient(transport=broken)
        )

        with pytest.raises(ModelUnavailable, match="cut the connection"):
            await OpenAIModel(client, "gpt-4o").complete(make_request())
        await client.close()

    async def test_a_content_filter_is_said(self):
        body = {"choices": [{"index": 0, "finish_reason": "content_filter", "message": {"role": "assistant"}}]}

        async with serving(raw(json.dumps(body).encode())) as (_, model):
            with pytest.raises(ModelUnavailable, match="content filter"):
                await model.complete(make_request())

    async def test_a_refusal_comes_back_as_text(self):
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        body = {"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}

        reply = await _reply_of(raw(json.dumps(body).encode()))

        assert (reply.calls, reply.text) == ((), "I cannot help with that.")

    @pytest.mark.parametrize("abort", [True, False])
    async def test_a_reply_that_breaks_off_does_not_escape_as_something_else(self, abort):
        async with serving(*[cut_stream(calls(DIAGNOSE), abort=abort)] * 2) as (_, model):
            try:
                reply = await model.complete(make_request())
            except ModelUnavailable:
                return

        assert reply is not None


async def _reply_of(reply, **given):
    async with serving(reply, **given) as (_, model):
        return await model.complete(make_request())


def _raise_read_error(request):
    raise httpx2.ReadError("connection reset", request=request)


def _lengths(schema):
    if isinstance(schema, dict):
        own = [schema["maxLength"]] if isinstance(schema.get("maxLength"), int) else []
        return own + [length for part in schema.values() for length in _lengths(part)]
    return [length for part in schema for length in _lengths(part)] if isinstance(schema, list) else []


class _Refusing:
    """A server that answers 400 while a request contains one of some texts."""

    def __init__(self, refused, base_url="http://llm.test/v1"):
        self.refused = refused
        self.base_url = base_url
        self.bodies = []

    def model(self):
        transport = httpx2.MockTransport(self._answer)
        client = openai.AsyncOpenAI(
            base_url=self.base_url, api_key="x", http_client=httpx2.AsyncClient(transport=transport)
        )
        return OpenAIModel(client, "m")

    def _answer(self, request):
        self.bodies.append(json.loads(request.content))
        said = next((said for part, said in self.refused.items() if part in request.content.decode()), None)
        if said:
            return httpx2.Response(400, json={"error": {"message": said, "type": "invalid_request_error"}})
        function = {"name": "ask", "arguments": "{}"}
        message = {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "function": function}]}
        return httpx2.Response(200, json={"choices": [{"message": message, "finish_reason": "tool_calls"}]})
