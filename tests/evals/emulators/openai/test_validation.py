"""What the API refuses before a model runs."""

import copy

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from evals.emulators.openai.problems import Refused
from evals.emulators.openai.strict import strict_problem
from evals.emulators.openai.validation import KNOWN, check_request

USER = {"role": "user", "content": "hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_pods", "arguments": "{}"}}
ASSISTANT = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOOL_ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "[]"}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def request(**more):
    return {"model": "m", "messages": [USER], **more}


def tool(parameters, *, strict=True, name="get_pods"):
    return {"type": "function", "function": {"name": name, "strict": strict, "parameters": parameters}}


def changed(schema, **more):
    return {**copy.deepcopy(schema), **more}


def test_a_whole_conversation_with_answered_calls_passes() -> None:
    messages = [
        {"role": "system", "content": "s"},
        USER,
        ASSISTANT,
        TOOL_ANSWER,
        {"role": "assistant", "content": "done"},
    ]

    check_request(request(messages=messages, tools=[tool(OBJECT)], tool_choice="required", max_tokens=100))


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "too short"),
        ([{"role": "boss", "content": "x"}], "Invalid value: 'boss'"),
        ([{"role": "user", "content": None}], "expected a string, got null"),
        ([USER, {"role": "assistant", "content": None}], "expected a string, got null"),
        ([USER, TOOL_ANSWER], "must be a response to a preceding message"),
        ([USER, ASSISTANT], "did not have response messages: call_1"),
        ([USER, ASSISTANT, USER], "did not have response messages: call_1"),
        ([USER, ASSISTANT, {**TOOL_ANSWER, "tool_call_id": "call_9"}], "'tool_call_id' of 'call_9' not found"),
        ([USER, {**ASSISTANT, "tool_calls": []}], "expected a string"),
        ([USER, {**ASSISTANT, "tool_calls": [{**CALL, "id": "c" * 41}]}], "string too long"),
    ],
)
def test_broken_conversations_are_refused(messages, reason) -> None:
    with pytest.raises(Refused, match=reason):
        check_request(request(messages=messages))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"model": ""}, "must provide a model"),
        ({"modle": "x"}, "Unrecognized request argument supplied: modle"),
        ({"tools": []}, "too short"),
        ({"tools": [tool(OBJECT, name="get pods")]}, "does not match pattern"),
        ({"tools": [tool(OBJECT), tool(OBJECT)]}, "must be unique"),
        ({"tool_choice": "required"}, "only allowed when 'tools'"),
        (
            {"tools": [tool(OBJECT)], "tool_choice": {"type": "function", "function": {"name": "x"}}},
            "not found in 'tools'",
        ),
        ({"tools": [tool({"type": "string"}, strict=False)]}, "must be a JSON Schema"),
        ({"max_tokens": 0}, "below minimum"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "at the same time"),
        ({"model": "gpt-5.6", "max_tokens": 5}, "Use 'max_completion_tokens' instead"),
        ({"model": "o3", "temperature": 0}, "does not support this value"),
        ({"stream_options": {"include_usage": True}}, "only allowed when 'stream'"),
        ({"temperature": 3}, "out of range"),
        ({"response_format": {"type": "json_object"}}, "must contain the word 'json'"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": OBJECT}}}, "json_schema.name"),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "x", "strict": True, "schema": {"anyOf": []}},
                }
            },
            "Invalid schema for response_format 'x'",
        ),
    ],
)
def test_broken_parameters_are_refused(more, reason) -> None:
    with pytest.raises(Refused, match=reason):
        check_request(request(**more))


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"anyOf": [OBJECT]}, "'type: \"object\"'"),
        (changed(OBJECT, additionalProperties={"type": "string"}), "'additionalProperties' is required"),
        (changed(OBJECT, required=[]), "Missing 'a'"),
        (changed(OBJECT, required=["a", "b"]), "Extra required key 'b'"),
        (changed(OBJECT, properties={"a": {"type": "string", "default": "x"}}), r"\('properties', 'a'\), 'default'"),
        (changed(OBJECT, properties={"a": {"oneOf": [{"type": "string"}]}}), "'oneOf' is not permitted"),
        (changed(OBJECT, properties={"a": {"description": "no type"}}), "must have a 'type' key"),
        (changed(OBJECT, properties={"a": {"type": "array"}}), "missing items"),
        (changed(OBJECT, properties={"a": {"$ref": "#/$defs/A", "description": "x"}}), "cannot have keywords"),
        (changed(OBJECT, properties={"a": {"enum": [str(n) for n in range(1001)]}}), "1001 enum values"),
    ],
)
def test_schemas_outside_the_strict_subset_are_refused(schema, reason) -> None:
    with pytest.raises(Refused, match=reason):
        check_request(request(tools=[tool(schema)]))


def test_deep_nesting_is_refused_and_references_are_fine() -> None:
    deep = OBJECT
    for _ in range(11):
        deep = {**OBJECT, "properties": {"a": deep}}
    referring = {**OBJECT, "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": OBJECT}}

    assert strict_problem(deep) == "12 levels of nesting exceed the limit of 10."
    assert strict_problem(referring) is None


def test_a_lenient_server_takes_any_schema() -> None:
    check_request(request(tools=[tool({"type": "object"})]), strict_schemas=False)


def test_every_parameter_of_the_client_is_known() -> None:
    assert set(CompletionCreateParamsBase.__annotations__) | {"stream"} == KNOWN
