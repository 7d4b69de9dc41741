"""Quorum by role, denials, reminders, broken glass, advance roll back, and where a pruned audit chain begins."""

import sqlalchemy as sa
from alembic import op

from assistant.storage.types import CanonicalJson, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTS = ("required_owner", "required_platform", "owner_approvals", "platform_approvals", "denials", "reminded")


def upgrade() -> None:
    for name in COUNTS:
        op.add_column("proposals", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("proposals", sa.Column("roll_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("proposals", sa.Column("automatic_of", sa.String(length=32), nullable=True))
    op.add_column("proposals", sa.Column("broken_glass", CanonicalJson(), nullable=True))
    op.create_table(
        "audit_anchor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
