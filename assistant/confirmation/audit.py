"""The audit log: an append-only chain of CloudEvents in which every record holds the hash of the one before."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import rfc8785
from pydantic import BaseModel
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.confirmation.signing import Keys, Signer, Statement
from assistant.storage.engine import Database
from assistant.storage.tables import audit, audit_anchor, audit_head

GENESIS = "0" * 64
SCHEMA = "urn:infra-assistant:change:v1"
BATCH = 500  # records read at a time while verifying
NO_KEYS: Keys = {}
BEFORE_ALL = -(2**31)  # smaller than any number a forged record can have


class AuditRecord(BaseModel, frozen=True):
    """One record as stored. `event`: the CloudEvent; `hash`: SHA-256 of the hash before and the canonical event."""

    seq: int
    event: dict[str, Any]
    hash: str

    @property
    def at(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.event["time"])


class AuditVerdict(BaseModel, frozen=True):
    """Whether the chain holds. `broken_seq`: the first record that does not fit; `reason`: in what.

    `records`: how many were checked. `pruned`: records before the first kept one. `checkpoints`: how many agree.
    """

    intact: bool
    records: int
    pruned: int = 0
    checkpoints: int = 0
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
        self.source = source

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
            "source": self.source,
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

    async def head(self) -> tuple[int, str]:
        """Number and hash of the newest record; (0, GENESIS) when there is none."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash))).one()
        return row.seq, row.hash

    async def since(self, moment: datetime | None) -> AsyncIterator[AuditRecord]:
        """Every kept record from that moment on, oldest first, read in batches."""
        cursor = BEFORE_ALL
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(_after(cursor))).all()
            if not rows:
                return
            for row in rows:
                record = AuditRecord(seq=row.seq, event=orjson.loads(row.event), hash=row.hash)
                if moment is None or record.at >= moment:
                    yield record
            cursor = rows[-1].seq

    async def verify(self, checkpoints: Sequence[Statement] = (), keys: Keys = NO_KEYS) -> AuditVerdict:
        """Recompute the whole chain, in one consistent read. Names the first record edited, moved, missing or cut off.

        Somebody who can rewrite every record and the head can make a new chain: `checkpoints`, kept elsewhere and
        checked before (`forged`), find that. `keys` check the anchor of a chain whose beginning was pruned.
        """
        async with self._database.read() as connection:
            anchor = await self._anchor(connection)
            if anchor is not None and not anchor.holds(keys):
                why = "older records were pruned, and no known key signed where the chain begins since (AUDIT__KEY)"
                return AuditVerdict(intact=False, records=0, broken_seq=anchor.seq + 1, reason=why)
            head = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash))).one_or_none()
            walk = _Walk(anchor, {one.seq: one.hash for one in checkpoints})
            cursor = BEFORE_ALL
            while rows := (await connection.execute(_after(cursor))).all():
                for row in rows:
                    if reason := walk.problem(row):
                        return walk.verdict(walk.seq + 1, reason)
                cursor = walk.seq
        return walk.end(None if head is None else (head.seq, head.hash))

    async def prune(self, before: datetime, signer: Signer, at: datetime) -> int:
        """Remove records older than that, and sign where the chain begins from now on. Returns how many.

        The newest record always stays. The removal is on record itself. Verify before: what is gone cannot be checked.
        """
        last: AuditRecord | None = None
        newest, _ = await self.head()
        async for record in self.since(None):
            if record.at >= before or record.seq == newest:
                break
            last = record
        if last is None:
            return 0
        statement = Statement(kind="anchor", source=self.source, seq=last.seq, hash=last.hash, at=at)
        signed = signer.sign(statement)
        async with self._database.write() as connection:
            removed = await connection.execute(delete(audit).where(audit.c.seq <= last.seq))
            await connection.execute(delete(audit_anchor))
            row = {"id": 1, **signed.model_dump(exclude={"kind", "source"})}
            await connection.execute(insert(audit_anchor).values(**row))
            facts = {"removed": removed.rowcount, "anchor": signed.model_dump(mode="json")}
            await self.append(connection, "audit.pruned", "audit", facts, at)
        return removed.rowcount

    async def _anchor(self, connection: AsyncConnection) -> Statement | None:
        row = (await connection.execute(select(audit_anchor))).mappings().first()
        if row is None:
            return None
        fields = {name: row[name] for name in ("seq", "hash", "at", "key", "signature")}
        return Statement(kind="anchor", source=self.source, **fields)

    async def _records(self, query: Any) -> tuple[AuditRecord, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(AuditRecord(seq=row.seq, event=orjson.loads(row.event), hash=row.hash) for row in reversed(rows))


def chain_hash(previous: str, event: str) -> str:
    """The hash of a record: SHA-256 of the previous hash followed by the canonical event."""
    return hashlib.sha256(previous.encode() + event.encode()).hexdigest()


def _after(seq: int) -> Any:
    return select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(BATCH)


class _Walk:
    """Goes along the chain. `marks`: hashes that checkpoints name, by record number."""

    def __init__(self, anchor: Statement | None, marks: dict[int, str]) -> None:
        self.begin = anchor.seq if anchor else 0
        self.seq = self.begin
        self.previous = self._begin_hash = anchor.hash if anchor else GENESIS
        self._marks = {seq: digest for seq, digest in marks.items() if seq >= self.begin}

    def problem(self, row: Any) -> str:
        """What is wrong with the next record, or nothing."""
        if reason := _problem(row.seq, row.subject, row.event, row.hash, (self.seq + 1, self.previous)):
            return reason
        if self._marks.get(row.seq, row.hash) != row.hash:
            return "the chain up to it was written anew: a signed checkpoint names another hash"
        self.seq, self.previous = row.seq, row.hash
        return ""

    def end(self, head: tuple[int, str] | None) -> AuditVerdict:
        """The verdict after the last record."""
        if self._marks.get(self.begin, self._begin_hash) != self._begin_hash:
            return self.verdict(self.begin + 1, "a signed checkpoint names another hash where the chain begins")
        newest = max((self.seq, *self._marks))
        if newest > self.seq:
            return self.verdict(self.seq + 1, f"it was cut off the end: a signed checkpoint knows record {newest}")
        if head == (self.seq, self.previous):
            return AuditVerdict(
                intact=True, records=self.seq - self.begin, pruned=self.begin, checkpoints=len(self._marks)
            )
        if head is not None and head[0] > self.seq:
            return self.verdict(self.seq + 1, "it was cut off the end")
        return self.verdict(self.seq, "the stored end of the chain is not its last record")

    def verdict(self, seq: int, reason: str) -> AuditVerdict:
        """A chain broken at that record."""
        return AuditVerdict(
            intact=False, records=self.seq - self.begin, pruned=self.begin, broken_seq=seq, reason=reason
        )


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
