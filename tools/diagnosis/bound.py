"""Keep a diagnosis small enough to stand beside others in a model's context. Pure."""

from collections.abc import Callable

from tools.contract import Claim, Evidence
from tools.diagnosis.facts import excerpt
from tools.diagnosis.models import Diagnosis, Finding, WhatChanged

MAX_CHARACTERS = 5600  # of its JSON: about 1,500 tokens, with the ids of evidence that the ledger adds


def fit(diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis within `MAX_CHARACTERS`: what matters least is shortened or left out first, and `cut` says so."""
    for step in _STEPS:
        if size(diagnosis) <= MAX_CHARACTERS:
            return diagnosis
        diagnosis = step(diagnosis).model_copy(update={"cut": True})
    return diagnosis


def size(diagnosis: Diagnosis) -> int:
    """Characters of its JSON as a model gets it."""
    return len(diagnosis.model_dump_json(context={"cite": lambda _: "E999"}))


def _fewer(effects: int, others: int) -> Callable[[Diagnosis], Diagnosis]:
    def step(given: Diagnosis) -> Diagnosis:
        return given.model_copy(update={"effects": given.effects[:effects], "others": given.others[:others]})

    return step


def _briefer(root: int, rest: int, pieces: int) -> Callable[[Diagnosis], Diagnosis]:
    """Cut excerpts to so many characters, and evidence of lesser findings to so many pieces."""

    def step(given: Diagnosis) -> Diagnosis:
        shorter = given.root_cause and _finding(given.root_cause, root, 4)
        return given.model_copy(
            update={
                "root_cause": shorter,
                "effects": tuple(_finding(one, rest, pieces) for one in given.effects),
                "others": tuple(_finding(one, rest, pieces) for one in given.others),
                "facts": tuple(_claim(one, rest) for one in given.facts[:1]),
                "change": given.change and _change(given.change, rest),
            }
        )

    return step


def _finding(finding: Finding, limit: int, pieces: int) -> Finding:
    return finding.model_copy(
        update={
            "title": excerpt(finding.title, limit),
            "explanation": excerpt(finding.explanation, limit),
            "evidence": _texts(finding.evidence[:pieces], limit),
            "next_steps": tuple(excerpt(step, limit) for step in finding.next_steps[:2]),
        }
    )


def _claim(claim: Claim, limit: int) -> Claim:
    return Claim(text=excerpt(claim.text, limit), evidence=_texts(claim.evidence[:2], limit))


def _texts(evidence: tuple[Evidence, ...], limit: int) -> tuple[Evidence, ...]:
    short = {"subject": 120, "where": 120, "text": limit}
    return tuple(
        one.model_copy(update={name: excerpt(getattr(one, name), size) for name, size in short.items()})
        for one in evidence
    )


def _change(change: WhatChanged, limit: int) -> WhatChanged:
    return change.model_copy(
        update={
            "summary": excerpt(change.summary, max(limit, 240)),
            "fields": (),
            "evidence": _texts(change.evidence, limit),
        }
    )


def _plainer(given: Diagnosis) -> Diagnosis:
    """Steps and actions stand once, at the top; lists are cut."""
    bare = {"next_steps": (), "actions": ()}
    return given.model_copy(
        update={
            "summary": excerpt(given.summary, 400),
            "root_cause": given.root_cause and given.root_cause.model_copy(update=bare),
            "effects": tuple(one.model_copy(update=bare | {"explanation": ""}) for one in given.effects),
            "others": tuple(one.model_copy(update=bare) for one in given.others),
            "ruled_out": given.ruled_out[:6],
            "not_read": tuple(excerpt(why, 160) for why in given.not_read[:4]),
            "next_steps": tuple(excerpt(step, 240) for step in given.next_steps[:3]),
            "actions": given.actions[:2],
            "related": given.related[:2],
        }
    )


def _barest(given: Diagnosis) -> Diagnosis:
    """The answer, two proofs, two steps."""
    root = given.root_cause
    return given.model_copy(
        update={
            "root_cause": root and root.model_copy(update={"evidence": _texts(root.evidence[:2], 200)}),
            "facts": () if root else given.facts,
            "ruled_out": given.ruled_out[:3],
            "not_read": given.not_read[:2],
            "next_steps": given.next_steps[:2],
            "actions": given.actions[:1],
        }
    )


_STEPS: tuple[Callable[[Diagnosis], Diagnosis], ...] = (
    _plainer,
    _fewer(3, 3),
    _briefer(400, 200, 1),
    _fewer(2, 2),
    _briefer(300, 140, 1),
    _fewer(1, 1),
    _briefer(200, 100, 1),
    _fewer(0, 0),
    _barest,
)
