"""The vocabulary files are whole: what they name is there."""

import shutil
from pathlib import Path
from string import Formatter

import pytest

from assistant.agent.control import AskArgs
from assistant.agent.models.rules.lexicon import Lexicon, load_lexicon
from assistant.agent.models.rules.phrases import Speller
from tests.builders.rules import VOCABULARY, WRITES, whole_prompt, whole_toolbox

LEXICON = load_lexicon(VOCABULARY)
INTENTS = {f"{index} {intent.name}": intent for index, intent in enumerate(LEXICON.intents)}
FILLED = {"workload", "environment", "in", "version", "message"}


@pytest.mark.parametrize("name", INTENTS)
def test_an_intent_names_tools_and_intents_that_exist(name: str) -> None:
    intent = INTENTS[name]
    others = [other for other in (intent.named, intent.unnamed, intent.unplaced, intent.without) if other]

    assert intent.tool is None or whole_toolbox().get(intent.tool)
    assert intent.toolset is None or intent.toolset in whole_prompt().toolsets
    assert all(other in LEXICON.by_name for other in others)


def test_only_commands_at_the_start_of_a_sentence_change_something() -> None:
    writing = [intent for intent in LEXICON.intents if intent.tool in WRITES]

    assert {intent.tool for intent in writing} == WRITES
    assert all(intent.match == "start" and intent.writes for intent in writing)


def test_every_reply_that_an_intent_leads_to_is_written() -> None:
    own = {intent.name for intent in LEXICON.intents if intent.tool is None and intent.match != "never"}
    slots = {f"missing_{slot}" for intent in LEXICON.intents for slot in intent.needs}

    assert (own | slots) <= set(LEXICON.replies.questions)


def test_every_request_can_be_said_again() -> None:
    asked = {
        intent.name for intent in LEXICON.intents if intent.tool and intent.name not in {"list_teams", "components"}
    }

    assert asked <= set(LEXICON.replies.again)


@pytest.mark.parametrize("name", LEXICON.replies.questions)
def test_a_question_is_short_and_ends_as_one(name: str) -> None:
    question = LEXICON.replies.questions[name]
    fields = {
        field for text in (question.text, *question.choices) for _, field, _, _ in Formatter().parse(text) if field
    }

    assert AskArgs(question=question.text, choices=list(question.choices))
    assert question.text.endswith("?")
    assert fields <= FILLED


def test_words_that_yaml_would_turn_into_truth_stay_words() -> None:
    assert {"on", "yes"} <= set(LEXICON.words.environment_prepositions) | set(LEXICON.words.polite)


def test_a_wrong_file_says_where(tmp_path: Path) -> None:
    shutil.copytree(VOCABULARY, tmp_path / "rules")
    (tmp_path / "rules" / "intents.yaml").write_text("- name: x\n  match: sometimes\n  phrases: [x]\n")

    with pytest.raises(ValueError, match=r"intents\.0\.match"):
        load_lexicon(tmp_path / "rules")


def test_a_platform_team_adds_a_phrase_without_code(tmp_path: Path) -> None:
    shutil.copytree(VOCABULARY, tmp_path / "rules")
    words = (tmp_path / "rules" / "intents.yaml").read_text()
    (tmp_path / "rules" / "intents.yaml").write_text(words.replace("phrases: [events, event,", "phrases: [gossip,"))

    changed: Lexicon = load_lexicon(tmp_path / "rules")

    assert ("gossip",) in changed.by_name["events"].split


@pytest.mark.parametrize(
    ("written", "word", "same"),
    [
        ("reatart", "restart", True),
        ("restrat", "restart", True),
        ("faling", "failing", True),
        ("lgos", "logs", True),
        ("sclae", "scale", True),
        ("rollbak", "rollback", True),
        ("stale", "scale", False),
        ("scaler", "scale", False),
        ("orders", "errors", False),
        ("restart", "reboot", False),
        ("changed", "changes", False),
        ("42", "24", False),
    ],
)
def test_a_near_miss_is_forgiven_and_another_word_is_not(written: str, word: str, same: bool) -> None:
    assert Speller(LEXICON).means(written, word) is same
