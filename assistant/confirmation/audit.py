"""The audit log: an append-only chain of CloudEvents in which every record holds the hash of the one before."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import rfc8785
from pydantic import BaseModel
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.storage.engine import Database
from assistant.storage.tables import audit, audit_head

GENESIS = "0" * 64
SCHEMA = "urn:infra-assistant:change:v1"
BATCH = 500  # records read at a time while verifying
BEFORE_ALL = -(2**31)  # smaller than any number a forged record can have


class AuditRecord(BaseModel, frozen=True):
    """One record as stored. `event`: the CloudEvent; `hash`: SHA-256 of the hash before and the canonical event."""

    seq: int
    event: dict[str, Any]
    hash: str


class AuditVerdict(BaseModel, frozen=True):
    """Whether the chain holds. `broken_seq`: the first record that does not fit; `reason`: in what."""

    intact: bool
    records: int
    broken_seq: int | None = None
    reason: str = ""


class Audit:
    """Appends within the caller's transaction, so that a change and its record are stored together or not at all.

    `redact` is applied to everything before it is hashed. `source` names this installation.
    """

    def __init__(
        self, database: Database, *, redact: Callable[[Any], Any], source: str = "/infra-assistant/default"
    ) -> None:
        self._database = database
        self._redact = redact
        self._source = source

    async def append(
        self, connection: AsyncConnection, kind: str, subject: str, facts: dict[str, Any], at: datetime
    ) -> None:
        """Add a record. `kind` as "change.approved"; `subject`: the change id; `facts`: JSON."""
        # The lock on this row makes one writer at a time on Postgres; on SQLite the transaction already is.
        head = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash).with_for_update())).one()
        seq = head.seq + 1
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(seq),
            "source": self._source,
            "type": f"infra-assistant.{kind}.v1",
            "subject": subject,
            "time": at.isoformat().replace("+00:00", "Z"),
            "dataschema": SCHEMA,
            "datacontenttype": "application/json",
            "data": {**self._redact(facts), "seq": seq, "prev_hash": head.hash},
        }
        text = rfc8785.dumps(event).decode()
        digest = chain_hash(head.hash, text)
        await connection.execute(insert(audit).values(seq=seq, subject=subject, event=text, hash=digest))
        await connection.execute(update(audit_head).values(seq=seq, hash=digest))

    async def tail(self, count: int = 20) -> tuple[AuditRecord, ...]:
        """The newest records, oldest first."""
        return await self._records(select(audit).order_by(audit.c.seq.desc()).limit(count))

    async def of(self, subject: str) -> tuple[AuditRecord, ...]:
        """All records of one change, oldest first."""
        return await self._records(select(audit).where(audit.c.subject == subject).order_by(audit.c.seq.desc()))

    async def verify(self) -> AuditVerdict:
        """Recompute the whole chain, in one consistent read. Names the first record edited, moved, missing or cut off.

        Somebody who can rewrite every record and the head can make a new chain: compare the head hash with a copy
        kept elsewhere to find that.
        """
        seq, previous, cursor = 0, GENESIS, BEFORE_ALL
        async with self._database.read() as connection:
            head = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash))).one_or_none()
            while rows := (await connection.execute(_after(cursor))).all():
                for row in rows:
                    if reason := _problem(row.seq, row.subject, row.event, row.hash, (seq + 1, previous)):
                        return AuditVerdict(intact=False, records=seq, broken_seq=seq + 1, reason=reason)
                    seq, previous = row.seq, row.hash
                cursor = seq
        if head is None or (head.seq, head.hash) != (seq, previous):
            missing = head is not None and head.seq > seq
            reason = "it was cut off the end" if missing else "the stored end of the chain is not its last record"
            return AuditVerdict(intact=False, records=seq, broken_seq=seq + 1 if missing else seq, reason=reason)
        return AuditVerdict(intact=True, records=seq)

    async def _records(self, query: Any) -> tuple[AuditRecord, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(AuditRecord(seq=row.seq, event=orjson.loads(row.event), hash=row.hash) for row in reversed(rows))


def chain_hash(previous: str, event: str) -> str:
    """The hash of a record: SHA-256 of the previous hash followed by the canonical event."""
    return hashlib.sha256(previous.encode() + event.encode()).hexdigest()


def _after(seq: int) -> Any:
    return select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(BATCH)


def _problem(seq: int, subject: str, event: str, digest: str, expected: tuple[int, str]) -> str:
    """What is wrong with a record, or nothing. `expected`: its number and the hash before it."""
    number, previous = expected
    if seq != number:
        return "it is missing" if seq > number else "a record was put in before it"
    if chain_hash(previous, event) != digest:
        return "its text or its place in the chain was changed"
    fields = orjson.loads(event)
    if (fields["data"]["seq"], fields["data"]["prev_hash"], fields["subject"]) != (seq, previous, subject):
        return "its columns are not what its text says"
    return ""
