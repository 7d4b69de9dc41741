"""The shape of `diagnose --json`, published as docs/schemas/diagnosis.schema.json."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from assistant.agent.compose import compose
from assistant.agent.ledger import Ledger
from assistant.conversation import Answer, CitedClaim, NumberedEvidence
from assistant.redaction import redact_model, redact_text
from tools.contract import Evidence, SuggestedAction, Verdict
from tools.diagnosis.diagnose_service import DiagnoseServiceResult
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.survey import FAILING
from tools.diagnosis.triage_namespace import TriageNamespaceResult
from tools.errors import ToolError

Details = Diagnosis | DiagnoseServiceResult | TriageNamespaceResult
Scope = Literal["workload", "service", "environment"]
Status = Literal["healthy", "findings", "unknown"]
EXIT_CODES: dict[Status, int] = {"healthy": 0, "findings": 1, "unknown": 2}
SCHEMA_ID = "infra-assistant/diagnosis.schema.json"


class CitedEvidence(BaseModel, frozen=True):
    """One fact that was read: `subject` ("Pod shop/web-1"), `where` in it, the `text` there, `at` which time."""

    id: str
    source: str
    subject: str
    where: str
    text: str
    at: datetime


class Problem(BaseModel, frozen=True):
    """Why nothing could be told. `type`: NotFound, Ambiguous, Forbidden, Unavailable, InvalidArgs."""

    type: str
    message: str
    candidates: tuple[str, ...] = ()


class DiagnosisReport(BaseModel, frozen=True):
    """One run of `infra-assistant diagnose`.

    `status` and `exit_code`: healthy 0, findings 1, unknown 2 (it could not be told, or is still rolling out).
    `claims`: sentences, the most important first, each with the ids of the `evidence` that proves it. `details` is the
    whole result of the scope that was asked for; null beside `error`.
    """

    version: Literal[1] = 1
    scope: Scope
    status: Status
    exit_code: int
    verdict: Verdict
    summary: str
    claims: tuple[CitedClaim, ...] = ()
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()
    evidence: tuple[CitedEvidence, ...] = ()
    checked: tuple[str, ...] = Field((), description="What was looked at and is fine.")
    not_seen: tuple[str, ...] = Field((), description="What could not be read, or was cut.")
    details: Details | None = None
    error: Problem | None = None

    def answer(self) -> Answer:
        """As the assistant answers it."""
        return Answer(
            verdict=self.verdict,
            summary=self.summary,
            claims=self.claims,
            next_steps=self.next_steps,
            actions=self.actions,
        )

    def numbered(self) -> tuple[NumberedEvidence, ...]:
        """Its evidence as the assistant numbers it."""
        rows = (one.model_dump() for one in self.evidence)
        return tuple(NumberedEvidence(id=row.pop("id"), evidence=Evidence.model_validate(row)) for row in rows)


def report_of(scope: Scope, result: Details) -> DiagnosisReport:
    """A result, free of secrets, with its evidence numbered."""
    details = redact_model(result)
    conclusion = details.conclusion()
    ledger = Ledger()
    answer = compose(conclusion, ledger.cite)
    status = status_of(details)
    return DiagnosisReport(
        scope=scope,
        status=status,
        exit_code=EXIT_CODES[status],
        verdict=answer.verdict,
        summary=answer.summary,
        claims=answer.claims,
        next_steps=answer.next_steps,
        actions=answer.actions,
        evidence=tuple(CitedEvidence(id=one.id, **one.evidence.model_dump()) for one in ledger.entries()),
        checked=details.ruled_out if isinstance(details, Diagnosis) else (),
        not_seen=details.not_read if isinstance(details, Diagnosis) else details.notes,
        details=details,
    )


def problem_of(scope: Scope, error: ToolError) -> DiagnosisReport:
    """What is told when nothing could be read."""
    message = redact_text(error.message)
    return DiagnosisReport(
        scope=scope,
        status="unknown",
        exit_code=EXIT_CODES["unknown"],
        verdict=Verdict.INCONCLUSIVE,
        summary=message,
        error=Problem(type=type(error).__name__, message=message, candidates=getattr(error, "candidates", ())),
    )


def status_of(result: Details) -> Status:
    """Whether something fails. What is still rolling out, or could not be read, is unknown."""
    if isinstance(result, TriageNamespaceResult):
        failing, settled = result.failing > 0, result.verdict == Verdict.CONFIRMED
        return "findings" if failing else "healthy" if settled else "unknown"
    if result.health in FAILING:
        return "findings"
    return "healthy" if result.health in {"healthy", "idle"} else "unknown"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a report."""
    body = DiagnosisReport.model_json_schema(mode="serialization")
    evidence = Evidence.model_json_schema(mode="validation")  # its serializer only adds a number
    body["$defs"] |= {**evidence.pop("$defs"), "Evidence": evidence}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **body}
