"""Audit records for other systems: JSON lines, and CSV for a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from assistant.confirmation.audit import AuditRecord

COLUMNS = (
    "seq", "time", "type", "change", "state", "actor", "on_behalf_of", "action", "target", "tier", "summary",
    "approvals", "rules", "reason", "outcome", "model", "prompt_hash", "plan_hash", "kubernetes_audit_ids", "hash",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


async def json_lines(records: AsyncIterator[AuditRecord]) -> AsyncIterator[str]:
    """Each record whole, on one line."""
    async for record in records:
        yield f"{record.model_dump_json()}\n"


async def csv_lines(records: AsyncIterator[AuditRecord]) -> AsyncIterator[str]:
    """A heading and one row for each record, in the columns of `COLUMNS`."""
    yield _row(COLUMNS)
    async for record in records:
        yield _row(tuple(_cell(value) for value in _values(record)))


def _values(record: AuditRecord) -> tuple[Any, ...]:
    event, facts = record.event, record.event["data"]
    target, agent, approvals = facts.get("target") or {}, facts.get("agent") or {}, facts.get("approvals") or {}
    return (
        record.seq,
        event["time"],
        event["type"],
        event["subject"],
        facts.get("state"),
        (facts.get("actor") or {}).get("id"),
        (facts.get("on_behalf_of") or {}).get("id"),
        facts.get("action"),
        "/".join(
            filter(None, (target.get("cluster"), target.get("namespace"), target.get("kind"), target.get("name")))
        ),
        facts.get("tier"),
        facts.get("summary"),
        f"{approvals.get('given', 0)} of {approvals.get('required', 0)}" if approvals else None,
        " ".join((facts.get("decision") or {}).get("rules", ())),
        facts.get("reason"),
        facts.get("outcome"),
        agent.get("model"),
        agent.get("prompt_hash"),
        facts.get("plan_hash"),
        " ".join((facts.get("receipt") or {}).get("audit_ids", ())),
        record.hash,
    )


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
