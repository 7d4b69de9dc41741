"""Numbers the evidence of one turn."""

from assistant.conversation import NumberedEvidence
from tools.contract import Evidence


class Ledger:
    """Evidence in the order it was first seen: E1, E2, ... Equal evidence keeps its number."""

    def __init__(self) -> None:
        self._ids: dict[Evidence, str] = {}

    def cite(self, evidence: Evidence) -> str:
        """The number of a piece of evidence; a new one when it was not seen in this turn."""
        return self._ids.setdefault(evidence, f"E{len(self._ids) + 1}")

    def get(self, evidence_id: str) -> Evidence | None:
        """The evidence of that number, or None."""
        return next((evidence for evidence, known in self._ids.items() if known == evidence_id), None)

    def entries(self) -> tuple[NumberedEvidence, ...]:
        """All evidence, by number."""
        return tuple(NumberedEvidence(id=known, evidence=evidence) for evidence, known in self._ids.items())

    def __len__(self) -> int:
        return len(self._ids)
