"""The story of one change, from its audit records (pure)."""

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.confirmation.audit import AuditRecord

WORDS = {
    "proposed": "asked for it",
    "awaiting_approval": "confirmed it; it waited for approval",
    "approval_added": "approved it",
    "denial_added": "spoke against it",
    "approved": "let it run",
    "refused": "was refused",
    "reminded": "reminded the approvers",
    "escalated": "asked the platform team as well",
    "applying": "began to apply it",
    "verifying": "applied it",
    "succeeded": "saw it healthy",
    "failed": "ended it as failed",
    "denied": "denied it",
    "cancelled": "cancelled it",
    "expired": "ended it: its time was over",
    "superseded": "ended it: its plan was void",
    "roll_back": "looked at taking it back, as agreed",
}


def story(records: Sequence[AuditRecord]) -> Iterator[str]:
    """Lines: what it was, then every step with its time, who, what, why, and by which rules. Empty without records."""
    if not records:
        return
    yield from _opening(records[0])
    for record in records:
        yield from _step(record)


def _opening(first: AuditRecord) -> Iterator[str]:
    facts = first.event["data"]
    agent = facts.get("agent") or {}
    yield f"{first.event['subject']}  {facts.get('summary', '')}  ({facts.get('tier', '')})"
    arguments = ", ".join(f"{name}={value!r}" for name, value in (facts.get("args") or {}).items())
    yield f"  call       {facts.get('tool', '')}({arguments})"
    if agent.get("model"):
        yield f"  proposed   by the model {agent['model']}, prompt {agent.get('prompt_hash') or 'unknown'}"
    for change in facts.get("diff") or ():
        yield f"  changes    {change['path']}: {change['before'] or 'none'} -> {change['after'] or 'none'}"
    yield f"  plan       {facts.get('plan_hash', '')}"


def _step(record: AuditRecord) -> Iterator[str]:
    event, facts = record.event, record.event["data"]
    kind = event["type"].removeprefix("infra-assistant.change.").removesuffix(".v1")
    who = (facts.get("actor") or {}).get("id", "")
    name = "the assistant" if who == "clock" else who
    yield f"{event['time'][:19].replace('T', ' ')} UTC  #{record.seq}  {name} {WORDS.get(kind, kind)}"
    for label, text in _details(kind, facts):
        if text:
            yield f"  {label:<10} {text}"


def _details(kind: str, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    approvals, glass = facts.get("approvals") or {}, facts.get("broken_glass") or {}
    decided = kind in {"proposed", "approved", "approval_added", "awaiting_approval", "refused", "denied"}
    yield "rules", ", ".join((facts.get("decision") or {}).get("rules", ())) if decided else ""
    counted = approvals.get("required") and kind in {"awaiting_approval", "approval_added", "approved"}
    yield "approvals", f"{approvals.get('given')} of {approvals.get('required')}" if counted else ""
    yield "glass", f"{glass.get('incident')}: {glass.get('reason')}" if glass and kind == "approved" else ""
    yield "why", facts.get("reason") or ""
    if kind == "verifying":
        yield (
            "cluster",
            f"Kubernetes audit ids {', '.join((facts.get('receipt') or {}).get('audit_ids', ())) or 'none'}",
        )
    if kind in {"succeeded", "failed"}:
        yield "outcome", facts.get("outcome") or "" if facts.get("outcome") != facts.get("reason") else ""
