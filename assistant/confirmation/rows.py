"""Proposals and decisions as rows: the statements the store is made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.confirmation.proposal import Proposal
from assistant.identity.principal import Principal
from assistant.storage.tables import decisions, proposals
from assistant.storage.upsert import insert_new


def to_row(proposal: Proposal) -> dict[str, Any]:
    """The columns of a proposal."""
    return to_columns(dict(proposal)) | {
        "target_key": proposal.target_key,
        "tier": proposal.plan.tier,
        "requester_id": proposal.requester.id,
    }


def to_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a proposal's fields as its columns hold them: models and tuples as JSON, moments as moments."""
    return {name: _plain(value) for name, value in values.items()}


def from_row(row: Mapping[str, Any]) -> Proposal:
    """The proposal of a row."""
    return Proposal.model_validate({name: row[name] for name in Proposal.model_fields})


async def select_proposals(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> list[Proposal]:
    """The proposals that fulfil all conditions, oldest first."""
    query = select(proposals).where(*wanted).order_by(proposals.c.created_at, proposals.c.id)
    return [from_row(dict(row)) for row in (await connection.execute(query)).mappings()]


async def update_proposal(
    connection: AsyncConnection, proposal: Proposal, values: dict[str, Any], *guards: ColumnElement[bool]
) -> Proposal | None:
    """The conditional UPDATE: only while state and plan are as `proposal` was read. None: they are not."""
    same = (
        proposals.c.id == proposal.id,
        proposals.c.state == proposal.state.value,
        proposals.c.plan_hash == proposal.plan_hash,
    )
    statement = update(proposals).where(*same, *guards).values(**to_columns(values)).returning(proposals)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else from_row(dict(row))


async def record_decision(
    connection: AsyncConnection, proposal: Proposal, kind: str, who: Principal, reason: str, at: datetime
) -> bool:
    """Write down what a person decided about this very plan. False when they had decided the same before."""
    row = {
        "proposal_id": proposal.id,
        "kind": kind,
        "principal_id": who.id,
        "principal": who.model_dump(mode="json"),
        "plan_hash": proposal.plan_hash,
        "reason": reason or None,
        "at": at,
    }
    return await insert_new(connection, decisions, row)


def expired(now: datetime) -> ColumnElement[bool]:
    """Guard: the window is over."""
    return proposals.c.expires_at <= now


def not_expired(now: datetime) -> ColumnElement[bool]:
    """Guard: the window is open."""
    return proposals.c.expires_at > now


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value
