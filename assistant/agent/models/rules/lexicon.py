"""The vocabulary of the model-free assistant: prompts/rules/*.yaml, checked and indexed."""

import re
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field

Slot = Literal["workload", "environment", "replicas", "team", "image", "resources", "probe"]
Phrase = tuple[str, ...]


class IntentSpec(BaseModel, frozen=True, extra="forbid"):
    """One thing people ask for. `phrases` are words; "*" stands for up to four words.

    `named`, `unnamed`, `unplaced`: the intent to use instead when a service was said, none was, or no environment was.
    `without`: the intent to use where its tool is not there.
    `as_`: the argument that gets the service's name, when it is not a service the tool takes.
    `continues`: a part of the sentence that begins with one of these words goes on with it.
    `match` across: a phrase may reach over "but" and "and". `pairs`: it is about two environments, and `unpaired` is
    the intent to use when fewer are known. `everywhere`: no environment means all, not that of the thread.
    """

    name: str
    tool: str | None = None
    toolset: str | None = None
    match: Literal["anywhere", "start", "whole", "across", "never"] = "anywhere"
    needs: tuple[Slot, ...] = ()
    fixed: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    unnamed: str | None = None
    named: str | None = None
    without: str | None = None
    unplaced: str | None = None
    as_: str | None = Field(default=None, alias="as")
    continues: frozenset[str] = frozenset()
    pairs: bool = False
    unpaired: str | None = None
    everywhere: bool = False
    phrases: tuple[str, ...]
    not_before: frozenset[str] = frozenset()

    @cached_property
    def split(self) -> tuple[Phrase, ...]:
        """The phrases as words, those with most words first: the longest that fits is the one meant."""
        return tuple(sorted((tuple(phrase.split()) for phrase in self.phrases), key=lambda words: (-len(words), words)))

    @property
    def writes(self) -> bool:
        """Whether it asks for a change."""
        return self.match == "start" and self.tool is not None

    @property
    def names_other(self) -> bool:
        """Whether what it changes is no service: a pod, a job, a node. Then a service is never meant by "it"."""
        return self.writes and self.as_ is not None


class Words(BaseModel, frozen=True, extra="forbid"):
    """Words that are no request by themselves. See prompts/rules/words.yaml."""

    contractions: dict[str, str]
    polite: tuple[str, ...]
    requesting: tuple[str, ...]
    negations: tuple[str, ...]
    exclusions: tuple[str, ...]
    conditions: tuple[str, ...]
    joiners: frozenset[str]
    naming: frozenset[str]
    verbs: frozenset[str]
    subject_verbs: frozenset[str]
    pronouns: frozenset[str]
    nothing: frozenset[str]
    works: frozenset[str]
    fails: frozenset[str]
    fillers: tuple[str, ...]
    kinds: dict[str, str]
    environments: dict[str, tuple[str, ...]]
    weak_environments: frozenset[str]
    environment_nouns: frozenset[str]
    environment_prepositions: frozenset[str]
    name_prepositions: frozenset[str]
    team_nouns: frozenset[str]
    numbers: dict[str, int]
    replica_nouns: frozenset[str]
    revision_nouns: frozenset[str]
    units: dict[str, int]
    moments: dict[str, int | str]
    span_words: frozenset[str]
    log_words: dict[str, str]
    pattern_openers: frozenset[str]
    ordinals: dict[str, int]
    stop: tuple[str, ...]
    weak_names: tuple[str, ...]
    min_typo_length: int

    @cached_property
    def polite_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(self.polite)

    @cached_property
    def requesting_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(self.requesting)

    @cached_property
    def negation_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(self.negations)

    @cached_property
    def exclusion_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(self.exclusions)

    @cached_property
    def condition_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(self.conditions)

    @cached_property
    def ignored(self) -> frozenset[str]:
        """Words that name nothing unless quoted."""
        return self.stop_words | frozenset(" ".join(self.polite).split()) | self.pronouns | self.joiners

    @cached_property
    def moment_phrases(self) -> tuple[Phrase, ...]:
        return _longest_first(tuple(self.moments))

    @cached_property
    def stop_words(self) -> frozenset[str]:
        return frozenset(" ".join(self.stop).split())

    @cached_property
    def filler_words(self) -> frozenset[str]:
        return frozenset(" ".join(self.fillers).split())

    @cached_property
    def doubtful_names(self) -> frozenset[str]:
        return frozenset(" ".join(self.weak_names).split())

    @cached_property
    def environment_words(self) -> dict[str, str]:
        """Every way to say an environment -> its usual name."""
        said = {name: name for name in self.environments}
        return said | {alias: name for name, aliases in self.environments.items() for alias in aliases}


class QuestionText(BaseModel, frozen=True, extra="forbid"):
    """A question of the rules themselves, with choices as templates."""

    text: str
    choices: tuple[str, ...] = ()


class Replies(BaseModel, frozen=True, extra="forbid"):
    """What the rules say themselves. See prompts/rules/replies.yaml."""

    questions: dict[str, QuestionText]
    again: dict[str, str]
    environments: tuple[str, ...]
    replicas: tuple[int, ...]
    answers: dict[str, str]
    focus: dict[str, tuple[str, ...]]
    relations: dict[str, str]


class Lexicon(BaseModel, frozen=True):
    """Everything the rules know of the English language."""

    words: Words
    intents: tuple[IntentSpec, ...]
    replies: Replies

    @cached_property
    def by_name(self) -> dict[str, IntentSpec]:
        """Intents by name; the first entry of a name that several share."""
        return {intent.name: intent for intent in reversed(self.intents)}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All words that make a request within a sentence."""
        inside = (intent for intent in self.intents if intent.match != "whole")
        return frozenset(word for intent in inside for phrase in intent.split for word in phrase) - {"*"}

    @cached_property
    def change_words(self) -> tuple[Phrase, ...]:
        """Words that speak of a change without asking for it."""
        return self.by_name["change_words"].split


def load_lexicon(folder: Traversable | Path) -> Lexicon:
    """The vocabulary in words.yaml, intents.yaml and replies.yaml of a folder. Raises ValueError when one is wrong."""
    parts = {name: yaml.load((folder / f"{name}.yaml").read_text("utf-8"), _Plain) for name in _FILES}  # noqa: S506
    return Lexicon.model_validate(parts)


_FILES = ("words", "intents", "replies")


class _Plain(yaml.CSafeLoader):
    """YAML in which "on", "off", "yes" and "no" are words: only true and false are not."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _longest_first(phrases: tuple[str, ...]) -> tuple[Phrase, ...]:
    return tuple(sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True))
