"""The tables of the assistant, one definition for SQLite and Postgres."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, false, text

from assistant.storage.types import CanonicalJson, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RUNNING = text("state IN ('applying', 'verifying')")

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("action", String(64), nullable=False),
    Column("thread", String(255), nullable=False),
    Column("target_key", String(1024), nullable=False),
    Column("tier", String(32), nullable=False),
    Column("plan", CanonicalJson, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("policy_hash", String(64), nullable=False),
    Column("requester_id", String(255), nullable=False),
    Column("requester", CanonicalJson, nullable=False),
    Column("origin", CanonicalJson, nullable=False),
    Column("reasons", CanonicalJson, nullable=False),
    Column("rules", CanonicalJson, nullable=False),
    Column("approver", Text, nullable=False),
    Column("required_approvals", Integer, nullable=False),
    Column("required_owner", Integer, nullable=False, server_default="0"),
    Column("required_platform", Integer, nullable=False, server_default="0"),
    Column("approvals", Integer, nullable=False),
    Column("owner_approvals", Integer, nullable=False, server_default="0"),
    Column("platform_approvals", Integer, nullable=False, server_default="0"),
    Column("denials", Integer, nullable=False, server_default="0"),
    Column("reminded", Integer, nullable=False, server_default="0"),
    Column("roll_back", Boolean, nullable=False, server_default=false()),
    Column("automatic_of", String(32)),
    Column("broken_glass", CanonicalJson),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("claimed_by", String(255)),
    Column("claimed_until", UtcDateTime),
    Column("verify_by", UtcDateTime),
    Column("receipt", CanonicalJson),
    Column("observed", CanonicalJson),
    Column("outcome", Text),
    Index(None, "thread", "state"),
    Index(None, "state", "expires_at"),
    Index(None, "state", "changed_at"),
    # One change at a time per object: the database refuses the second claim.
    Index(
        "uq_proposals_running_target",
        "target_key",
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    ),
)

decisions = Table(
    "decisions",
    metadata,
    Column("proposal_id", ForeignKey("proposals.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("principal_id", String(255), primary_key=True),
    Column("principal", CanonicalJson, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("reason", Text),
    Column("at", UtcDateTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(255), nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row, the end of the chain: it proves that nothing was cut off, and its lock makes one writer at a time.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

# Where the chain begins after old records were pruned, signed; no row: at its first record.
audit_anchor = Table(
    "audit_anchor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("thread", String(255), nullable=False),
    Column("requester", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("turn", CanonicalJson, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Index(None, "thread", "received_at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("turn_id", ForeignKey("turns.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", String(16), nullable=False),
    Column("evidence", CanonicalJson, nullable=False),
)

seen_events = Table(
    "seen_events",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("value", String(16), nullable=False),
    Column("comment", Text),
    Column("at", UtcDateTime, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("proposal_id", String(32), primary_key=True),
    Column("channel", String(255), nullable=False),
    Column("ts", String(64), nullable=False),
    Column("posted_at", UtcDateTime, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("proposal_id", String(32), primary_key=True),
    Column("state", String(32), primary_key=True),
    Column("reported_at", UtcDateTime, nullable=False),
)
