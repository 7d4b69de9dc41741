"""Sentences that a tool's result proves, each with the numbers of its evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from assistant.agent.grounding import is_grounded
from tools.contract import Evidence

MAX_CLAIM = 300  # characters, as `answer` allows
MAX_CITED = 6


@dataclass(frozen=True)
class Statement:
    """One sentence, the ids of its evidence, and the newest time among it."""

    text: str
    ids: tuple[str, ...]
    subject: str
    at: datetime


def statements(result: Any) -> tuple[Statement, ...]:
    """All sentences of a dumped result in its order: findings in the tool's words, other evidence as it was read.

    A finding whose words its evidence does not contain is said in the evidence's words instead.
    """
    said: dict[tuple[str, ...], Statement] = {}
    for text, cited in _found(result):
        statement = _statement(text, cited)
        said.setdefault(statement.ids, statement)
    return tuple(said.values())


def _found(value: Any) -> Iterator[tuple[str, tuple[dict[str, Any], ...]]]:
    if isinstance(value, list):
        for part in value:
            yield from _found(part)
    elif isinstance(value, dict):
        if _is_evidence(value):
            yield "", (value,)
            return
        cited = _evidence_of(value)
        if cited:
            yield _words(value), cited
        for name, part in value.items():
            if name != "evidence" or not cited:
                yield from _found(part)


def _evidence_of(value: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The evidence of a finding, a claim or a row; a bare list of facts has no sentence of its own."""
    given = value.get("evidence")
    listed = given if isinstance(given, list) else [given]
    cited = tuple(item for item in listed if isinstance(item, dict) and _is_evidence(item))
    return cited if len(cited) == 1 or (cited and _words(value)) else ()


def _is_evidence(value: dict[str, Any]) -> bool:
    return {"id", "source", "subject", "where", "text", "at"} <= set(value)


def _words(value: dict[str, Any]) -> str:
    texts = (value.get(name) for name in ("sentence", "title", "summary", "text"))
    text = next((text for text in texts if isinstance(text, str)), "")
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _statement(text: str, cited: tuple[dict[str, Any], ...]) -> Statement:
    evidence = [item for item in map(_evidence, cited) if item]
    first = cited[0]
    own = f"{first['subject']}: {first['text']}"
    good = bool(text) and len(text) <= MAX_CLAIM and is_grounded(text, evidence)
    return Statement(
        text=_capital(text) if good else _short(own),
        ids=tuple(str(item["id"]) for item in cited[:MAX_CITED]) if good else (str(first["id"]),),
        subject=str(first["subject"]),
        at=max((item.at for item in evidence), default=datetime.min),  # noqa: DTZ901 (never shown: it only sorts last)
    )


def _evidence(item: dict[str, Any]) -> Evidence | None:
    try:
        return Evidence.model_validate({name: part for name, part in item.items() if name != "id"})
    except ValidationError:
        return None


def _capital(text: str) -> str:
    """A sentence begins with a capital, unless it begins with a name."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() else text


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CLAIM else line[: MAX_CLAIM - 1].rstrip() + "…"
