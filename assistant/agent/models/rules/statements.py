"""Sentences that a tool's result proves, each with the numbers of its evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from assistant.agent.grounding import is_grounded
from tools.contract import Evidence, Source

MAX_CLAIM = 300  # characters, as `answer` allows
MAX_CITED = 6

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Statement:
    """One sentence, the ids of its evidence, the name of what it is about, and the newest time among the evidence."""

    text: str
    ids: tuple[str, ...]
    name: str
    at: datetime


def statements(result: Any, relations: Mapping[str, str]) -> tuple[Statement, ...]:
    """All sentences of a dumped result in its order: findings in the tool's words, other evidence as it was read.

    A finding whose words its evidence does not contain is said in the evidence's words instead. `relations`: words for
    relations of the catalog ("dependsOn": "depends on").
    """
    said: dict[tuple[str, ...], Statement] = {}
    for row, cited in _found(result):
        statement = _statement(_words(row, cited[0], relations), row, cited)
        said.setdefault(statement.ids, statement)
    return tuple(said.values())


def _found(value: Any) -> Iterator[tuple[dict[str, Any], tuple[dict[str, Any], ...]]]:
    """Each finding or row with its evidence; evidence outside of one stands for itself."""
    if isinstance(value, list):
        for part in value:
            yield from _found(part)
    elif isinstance(value, dict):
        if _is_evidence(value):
            yield {}, (value,)
            return
        cited = _evidence_of(value)
        if cited:
            yield value, cited
        for name, part in value.items():
            if name != "evidence" or not cited:
                yield from _found(part)


def _evidence_of(value: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The evidence of a finding, a claim or a row; a bare list of facts has no sentence of its own."""
    given = value.get("evidence")
    listed = given if isinstance(given, list) else [given]
    cited = tuple(item for item in listed if isinstance(item, dict) and _is_evidence(item))
    return cited if len(cited) == 1 or (cited and _sentence(value)) else ()


def _is_evidence(value: dict[str, Any]) -> bool:
    return {"id", "source", "subject", "where", "text", "at"} <= set(value)


def _words(row: dict[str, Any], first: dict[str, Any], relations: Mapping[str, str]) -> str:
    """The sentence of a finding, or of a row that relates entities."""
    relation, refs = row.get("relation"), row.get("refs")
    if isinstance(relation, str) and relation in relations and isinstance(refs, list):
        return f"{name_of(str(first['subject']))} {relations[relation]} {', '.join(map(str, refs))}."
    return _sentence(row)


def _sentence(row: dict[str, Any]) -> str:
    """What a tool wrote as a sentence or clause; the title of a catalog entity is none."""
    names = ("sentence", "title", "text") if "explanation" in row else ("sentence", "summary", "text")
    text = next((row[name] for name in names if isinstance(row.get(name), str)), "")
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _statement(text: str, row: dict[str, Any], cited: tuple[dict[str, Any], ...]) -> Statement:
    evidence = [item for item in map(_evidence, cited) if item]
    good = bool(text) and len(text) <= MAX_CLAIM and is_grounded(text, evidence)
    workload = row.get("workload")
    named = workload.get("name") if isinstance(workload, dict) else None
    return Statement(
        text=_capital(text) if good else _short(_as_read(cited[0])),
        ids=tuple(str(item["id"]) for item in cited[:MAX_CITED]) if good else (str(cited[0]["id"]),),
        name=str(named or name_of(str(cited[0]["subject"]))),
        at=max((item.at for item in evidence), default=_LONG_AGO),
    )


def _as_read(item: dict[str, Any]) -> str:
    """Evidence in its own words, with what they are about."""
    text, subject = str(item["text"]), str(item["subject"])
    if item["source"] == Source.LOG:
        return _logged(text, str(item["where"]))
    if text.startswith((f"{subject} ", f"{name_of(subject)}:")):
        return text
    field = str(item["where"]).removeprefix("spec.template.").removeprefix("spec.")
    return f"{field}: {text}" if item["source"] == Source.CHANGE else f"{subject}: {text}"


def _logged(text: str, where: str) -> str:
    """ "ERROR no route to db (log app, 14 times between 10:02 and 10:31)"."""
    line, room = " ".join(text.split()), MAX_CLAIM - len(where) - len(" ()")
    return f"{line if len(line) <= room else line[: room - 1].rstrip() + '…'} ({where})"


def name_of(subject: str) -> str:
    """ "checkout" of "Deployment shop-staging/checkout" and of "component:default/checkout"."""
    return subject.rpartition(" ")[2].rpartition("/")[2]


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
