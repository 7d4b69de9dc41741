"""What one turn gathers while it runs, and how it ends."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.agent.calls import FaultKind, ValidCall
from assistant.agent.ledger import Ledger
from assistant.conversation import Answer, ProposalView, Question, ToolCallRecord, Usage
from tools.contract import Conclusion, ObjectRef, Result


@dataclass(frozen=True)
class End:
    """How a turn ends. `closing`: what the conversation remembers of it."""

    kind: Literal["answer", "question", "proposal", "refusal"]
    closing: str
    answer: Answer | None = None
    question: Question | None = None
    refusal: str | None = None


@dataclass
class TurnLog:
    """The work of one turn. It lives beside the graph, not in its state: only the conversation is stored.

    `digests`: call id to what a later turn still needs of its result. `down`: system to what it failed with.
    """

    ledger: Ledger = field(default_factory=Ledger)
    records: list[ToolCallRecord] = field(default_factory=list)
    results: list[tuple[ValidCall, Result]] = field(default_factory=list)
    observed: list[ObjectRef] = field(default_factory=list)
    digests: dict[str, dict[str, Any]] = field(default_factory=dict)
    proposals: list[ProposalView] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    down: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    faults: Counter[FaultKind] = field(default_factory=Counter)
    called: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)
    models: list[str] = field(default_factory=list)
    end: End | None = None

    def notice(self, text: str) -> None:
        """Say something in the answer, once."""
        if text not in self.notices:
            self.notices.append(text)

    def used_model(self, name: str) -> None:
        """Remember who replied, in order."""
        if name not in self.models:
            self.models.append(name)

    def conclusion(self) -> Conclusion | None:
        """The newest conclusion a tool came to, if any."""
        found = (result.conclusion() for _, result in reversed(self.results))
        return next((conclusion for conclusion in found if conclusion), None)

    def all_notices(self) -> tuple[str, ...]:
        """What limited the turn: systems that were down first."""
        return (*(f"Not everything could be read: {text}" for text in self.down.values()), *self.notices)
