"""What developers write leads to the right calls: the tables in tests/data/rules."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.agent.models.rules.lexicon import load_lexicon
from tests.builders.rules import VOCABULARY, WRITES, Called, RulesThread, said_args

DATA = Path(__file__).parents[4] / "data" / "rules"
REPLIES = load_lexicon(VOCABULARY).replies
TABLES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(DATA.glob("*.yaml"))}
CASES = [pytest.param(case, id=f"{table}: {case['say']}") for table, cases in TABLES.items() for case in cases]


def shown(calls: list[Called]) -> list[str]:
    return [f"{name}({', '.join(f'{key}={value}' for key, value in said_args(args).items())})" for name, args in calls]


@pytest.mark.parametrize("case", CASES)
async def test_a_message_leads_to_these_calls(case: dict[str, Any]) -> None:
    calls = await RulesThread(before=case.get("before", ())).hears(case["say"])

    if "asks" in case:
        begins = REPLIES.questions[case["asks"]].text.split("{")[0]
        assert calls[0][0] == "ask"
        assert calls[0][1]["question"].startswith(begins)
    else:
        assert shown(calls) == case["calls"]


def test_the_tables_cover_what_was_promised() -> None:
    called = {call.split("(")[0] for cases in TABLES.values() for case in cases for call in case.get("calls", ())}

    assert len(CASES) >= 150
    assert called >= WRITES | {"diagnose_workload", "list_workloads", "find_entities", "get_entity", "get_workload"}
    assert called >= {"list_events", "get_changes", "search_logs"}


@pytest.mark.parametrize("case", [case for case in CASES if "asks" in case.values[0]])
async def test_every_choice_is_a_message_the_rules_understand(case: dict[str, Any]) -> None:
    (_, asked), *_ = await RulesThread(before=case.get("before", ())).hears(case["say"])

    for choice in asked["choices"]:
        (name, args), *_ = await RulesThread().hears(choice)
        assert name != "ask" or args["question"] != REPLIES.questions["unclear"].text, choice


@pytest.mark.parametrize("case", [case for case in CASES if "asks" in case.values[0]])
async def test_a_question_back_is_one_the_thread_remembers_as_open(case: dict[str, Any]) -> None:
    (_, asked), *_ = await RulesThread(before=case.get("before", ())).hears(case["say"])

    assert asked["question"].endswith("?")
    assert len(json.dumps(asked)) < 1500
