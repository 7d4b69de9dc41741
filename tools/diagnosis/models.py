"""What a diagnosis says: findings, the change that explains them, and the whole answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from tools.contract import Change, Claim, Conclusion, Evidence, ObjectRef, Result, SuggestedAction, Verdict
from tools.diagnosis.causes import CAUSES, Role

Health = Literal["healthy", "progressing", "idle", "degraded", "down", "failed", "unknown"]
"""`idle`: scaled to zero or suspended on purpose. `failed`: a Job. `unknown`: too little could be read."""


class Finding(BaseModel, frozen=True):
    """One thing found. `title` is a clause without capital or full stop, so that it can follow a colon.

    `cause` is an id of `CAUSES`, which also gives `layer` and `role`. `confidence`: 0..1, 0.9 and more is proven by a
    field, event or log line. `affected`: pods that show it. `explained_by`: causes found beside it that make it an
    effect. `since`: first sign of it, UTC. `pods` (names), `container` and `key` serve to merge and compare findings:
    they are not part of its JSON.
    """

    cause: str
    layer: str = ""
    role: Role = "cause"
    title: str
    explanation: str = ""
    subject: str
    evidence: tuple[Evidence, ...]
    confidence: Annotated[float, Field(ge=0, le=1)]
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()
    explained_by: tuple[str, ...] = ()
    affected: int = 1
    since: datetime | None = None
    pods: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    container: Annotated[str, Field(exclude=True)] = ""
    key: Annotated[str, Field(exclude=True)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, given: Any) -> Any:
        known = CAUSES.get(given.get("cause", "")) if isinstance(given, dict) else None
        return {"layer": known.layer, "role": known.role, **given} if known else given

    @property
    def sentence(self) -> str:
        """The title as a sentence."""
        return sentence(self.title)


class WhatChanged(BaseModel, frozen=True):
    """The change nearest before the failure. `explains` False: it was looked at and does not explain it.

    `revision`: what was rolled out, `to_revision`: the one before it. `named`: changed variables that the failing log
    line names, `configuration`: the ConfigMap that changed; neither is part of its JSON, the summary says them.
    """

    summary: str
    explains: bool
    at: datetime | None = None
    fields: tuple[Change, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    revision: int | None = None
    to_revision: int | None = None
    named: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    configuration: Annotated[str, Field(exclude=True)] = ""


class Diagnosis(Result, frozen=True):
    """What is wrong with a workload, or that nothing is.

    `resolved`: how the name became this object. `state`: one clause ("0 of 3 pods ready"). `since`: onset, UTC.
    `root_cause` is None when nothing is wrong or nothing could be told. `effects` are explained by the root cause;
    `others` are not. `facts`: what proves a state that has no root cause. `ruled_out`: what was checked and is fine.
    `not_read`: what could not be read, and why. `related`: workloads of dependencies that were looked into. `cut`:
    findings or excerpts were shortened to fit a model's context.
    """

    target: ObjectRef
    resolved: str
    owner: str | None = None
    health: Health
    state: str
    verdict: Verdict
    summary: str
    since: datetime | None = None
    root_cause: Finding | None = None
    facts: tuple[Claim, ...] = ()
    change: WhatChanged | None = None
    effects: tuple[Finding, ...] = ()
    others: tuple[Finding, ...] = ()
    ruled_out: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()
    related: tuple[ObjectRef, ...] = ()
    examined_at: datetime
    cut: bool = False

    def conclusion(self) -> Conclusion:
        """The answer, composed from the findings: also when it is that nothing could be told."""
        return Conclusion(
            subject=str(self.target),
            verdict=self.verdict,
            summary=self.summary,
            claims=tuple(self._claims()),
            next_steps=self.next_steps,
            actions=self.actions,
        )

    def observed(self) -> tuple[ObjectRef, ...]:
        """The workload, and the workloads of dependencies that were looked into."""
        return (self.target, *self.related)

    def _claims(self) -> Iterator[Claim]:
        if self.root_cause:
            yield _claim(self.root_cause)
        yield from self.facts
        if self.change and self.change.evidence:
            yield Claim(text=self.change.summary, evidence=self.change.evidence)
        for finding in (*self.effects, *self.others):
            yield Claim(text=finding.sentence, evidence=finding.evidence)


def _claim(finding: Finding) -> Claim:
    text = f"{finding.sentence} {finding.explanation}".strip()
    return Claim(text=text, evidence=finding.evidence)


def sentence(clause: str) -> str:
    """A clause with a capital and a full stop; a clause that starts with a name in lower case keeps it."""
    text = clause.strip()
    starts_with_word = text.split(" ", 1)[0] in _OPENERS
    text = text[:1].upper() + text[1:] if starts_with_word else text
    return text if text.endswith((".", "!", "?")) else f"{text}."


_OPENERS = frozenset(
    ("a", "an", "the", "its", "it", "no", "all", "every", "one", "new", "some", "none", "nothing", "this", "init")
)
