"""Calls that models write as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.models.text_calls import parse_calls

NAMES = ("diagnose_workload", "answer")
CHECKOUT = {"workload": "checkout", "environment": None}
JSON = json.dumps(CHECKOUT)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"name": "diagnose_workload", "arguments": {JSON}}}',
        f'{{"call": {{"tool": "diagnose_workload", "arguments": {JSON}}}}}',
        f'I will look.\n```json\n{{"tool": "diagnose_workload", "args": {JSON}}}\n```\nWait.',
        f'<tool_call>\n{{"name": "diagnose_workload", "parameters": {JSON}}}\n</tool_call>',
        f'{{"type": "function", "function": {{"name": "diagnose_workload", "arguments": {JSON}}}}}',
        f'{{"name": "diagnose_workload", "arguments": {json.dumps(JSON)}}}',
        f'{{"diagnose_workload": {JSON}}}',
        f"<function=diagnose_workload>{JSON}</function>",
        'diagnose_workload(workload="checkout", environment=None)',
        "```python\nresult = diagnose_workload(workload='checkout', environment=None)\n```",
    ],
)
def test_one_call_in_any_usual_form(text):
    assert [(one.name, json.loads(one.arguments)) for one in parse_calls(text, NAMES)] == [
        ("diagnose_workload", CHECKOUT)
    ]


def test_several_calls_in_a_list_keep_their_order():
    text = json.dumps([{"name": "diagnose_workload", "arguments": {}}, {"name": "answer", "arguments": {}}])

    assert [one.name for one in parse_calls(text, NAMES)] == ["diagnose_workload", "answer"]


def test_an_unknown_tool_is_reported_so_that_it_can_be_explained():
    assert [one.name for one in parse_calls('{"name": "kubectl", "arguments": {}}', NAMES)] == ["kubectl"]


@pytest.mark.parametrize(
    "text",
    ["checkout is broken", '{"name": "checkout"}', '{"workload": "checkout"}', '{"name": "diag', "", "{" * 50_000],
)
def test_what_is_no_call_is_none(text):
    assert parse_calls(text, NAMES) == ()


@given(st.text(alphabet='{}[]",:a(=)<>/ \n', max_size=300))
def test_any_text_is_read_without_failing(text):
    assert len(parse_calls(text, NAMES)) <= 6
