"""Prompts render with exactly their variables and stay within their tokens."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.agent.prompting import PromptError, build_prompt, read_prompt, render
from evals.tokens import every_tool, measure, offline_count
from tests.builders.agent import make_facts, make_toolbox, returning

PROMPTS = Path(__file__).parents[3] / "prompts"


def test_the_system_prompt_renders_with_every_toolset_named():
    prompt = build_prompt(every_tool())

    assert "$" not in prompt.system
    assert all(f"- {name}: " in prompt.system for name in prompt.toolsets)


def test_every_toolset_has_a_text_and_every_text_a_toolset():
    texts = {path.stem for path in (PROMPTS / "toolsets").glob("*.md")}

    assert set(build_prompt(every_tool()).toolset_texts) == texts


@pytest.mark.parametrize(("text", "variables"), [("Hello $name", {}), ("Hello", {"name": "x"}), ("$ 5", {})])
def test_a_variable_too_many_or_too_few_is_an_error(text, variables):
    with pytest.raises(PromptError):
        render(text, **variables)


def test_a_missing_prompt_is_an_error():
    with pytest.raises(PromptError, match=r"prompts/nothing\.md"):
        read_prompt("nothing")


def test_the_hash_changes_with_a_schema_and_with_nothing_else():
    one, same = build_prompt(every_tool()), build_prompt(every_tool())
    tool = returning("get_workload", make_facts())

    assert one.hash == same.hash
    assert build_prompt(make_toolbox(tool)).hash != build_prompt(make_toolbox(replace(tool, summary="Other."))).hash


def test_a_loaded_toolset_is_added_behind_what_was_there():
    prompt = build_prompt(every_tool())

    assert prompt.schemas(("logs",))[: len(prompt.core)] == prompt.core
    assert [schema.name for schema in prompt.schemas(("logs",))[len(prompt.core) :]] == ["search_logs"]


@pytest.mark.parametrize("row", measure(build_prompt(every_tool()), offline_count), ids=lambda row: row.what)
def test_the_prefix_stays_within_its_tokens(row):
    assert row.tokens <= row.bound
