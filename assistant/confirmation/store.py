"""Proposals in the database: every transition is one conditional UPDATE with its audit record, or nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, case, insert, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.confirmation.approvals import Approvals
from assistant.confirmation.audit import Audit
from assistant.confirmation.proposal import OPEN, PENDING, TRANSITIONS, Proposal, State
from assistant.confirmation.records import facts_of
from assistant.confirmation.rows import (
    expired,
    not_expired,
    record_decision,
    select_proposals,
    to_columns,
    to_row,
    update_proposal,
)
from assistant.identity.principal import Principal
from assistant.storage.engine import Database
from assistant.storage.tables import decisions, proposals


class TargetBusy(Exception):
    """Another change of the same object is under way."""


class _TooLate(Exception):
    """The proposal moved on: nothing of this transaction may stay."""


@dataclass(frozen=True)
class Move:
    """One transition. `actor`: who caused it, None for the clock. `values`: other fields that it sets.

    `expired`: the window must be over (True), must not be over (False), or does not matter (None).
    """

    to: State
    at: datetime
    actor: Principal | None = None
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    expired: bool | None = False
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """One person's decision that counts towards a move. `counts`: column, what it adds, how many are needed."""

    decision: str
    added: str
    counts: tuple[tuple[Column[int], int, ColumnElement[int]], ...]


class ProposalStore:
    """All proposals. Two callers that make the same move get one winner, on any number of replicas."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def add(self, proposal: Proposal) -> tuple[str, ...]:
        """Store a new proposal. Older open ones of its thread for the same object are superseded; returns their ids.

        One that takes a failed change back as agreed is the clock's doing, not the requester's.

        Raises IntegrityError when the id is taken.
        """
        older = and_(
            proposals.c.thread == proposal.thread,
            proposals.c.target_key == proposal.target_key,
            proposals.c.state.in_(OPEN),
        )
        actor = None if proposal.automatic_of else proposal.requester
        reason = f"Replaced by {proposal.id}."
        move = Move(
            State.SUPERSEDED,
            proposal.created_at,
            actor,
            reason,
            values={"outcome": reason},
            expired=None,
        )
        async with self._database.write() as connection:
            found = await select_proposals(connection, older)
            replaced = [one.id for one in found if await self._move(connection, one, move)]
            await connection.execute(insert(proposals).values(**to_row(proposal)))
            await self._record(
                connection, "change.proposed", proposal, Move(proposal.state, proposal.created_at, actor)
            )
        return tuple(replaced)

    async def get(self, proposal_id: str) -> Proposal | None:
        """The proposal of that id, or None."""
        return next(iter(await self._find(proposals.c.id == proposal_id)), None)

    async def pending(self, *, thread: str | None = None) -> tuple[Proposal, ...]:
        """Proposals that wait for a person, in one thread or everywhere, oldest first."""
        here = [proposals.c.thread == thread] if thread is not None else []
        return await self._find(proposals.c.state.in_(PENDING), *here)

    async def in_states(self, states: frozenset[State]) -> tuple[Proposal, ...]:
        """Proposals in these states, oldest first."""
        return await self._find(proposals.c.state.in_(states))

    async def ended(self, since: datetime) -> tuple[Proposal, ...]:
        """Changes that were tried and came to an end since then."""
        tried = proposals.c.state.in_({State.SUCCEEDED, State.FAILED})
        return await self._find(tried, proposals.c.changed_at >= since)

    async def overdue(self, now: datetime) -> tuple[Proposal, ...]:
        """Open proposals whose window is over."""
        return await self._find(proposals.c.state.in_(OPEN), expired(now))

    async def approvers(self, proposal: Proposal) -> tuple[Principal, ...]:
        """Who approved this very plan, in the order they did."""
        query = select(decisions.c.principal).where(
            decisions.c.proposal_id == proposal.id,
            decisions.c.kind == "approve",
            decisions.c.plan_hash == proposal.plan_hash,
        )
        async with self._database.read() as connection:
            rows = (await connection.scalars(query.order_by(decisions.c.at))).all()
        return tuple(Principal.model_validate(row) for row in rows)

    async def move(self, proposal: Proposal, move: Move) -> Proposal | None:
        """Make a transition from the state that `proposal` was read in. None: somebody else was faster."""
        async with self._database.write() as connection:
            return await self._move(connection, proposal, move)

    async def decide(self, proposal: Proposal, kind: str, who: Principal, move: Move) -> Proposal | None:
        """Record a person's decision ("confirm", "deny", "cancel") with the transition it causes. None: too late."""
        async with self._database.write() as connection:
            moved = await self._move(connection, proposal, move)
            if moved is not None:
                await record_decision(connection, proposal, kind, who, move.reason, move.at)
        return moved

    async def approve(self, proposal: Proposal, who: Principal, move: Move, worth: Approvals) -> Proposal | None:
        """Count one person's approval; with the last one needed `move` is made. None: too late.

        A person counts once: a second approval of the same person changes nothing and returns the present state.
        """
        columns = proposals.c
        tally = Tally(
            "approve",
            "change.approval_added",
            (
                (columns.approvals, worth.total, columns.required_approvals),
                (columns.owner_approvals, worth.owner, columns.required_owner),
                (columns.platform_approvals, worth.platform, columns.required_platform),
            ),
        )
        return await self._count(proposal, who, move, tally)

    async def deny(self, proposal: Proposal, who: Principal, move: Move, threshold: int) -> Proposal | None:
        """Count one person's denial; with the last one needed `move` is made. None: too late. A person counts once."""
        counted = ((proposals.c.denials, 1, literal(threshold)),)
        return await self._count(proposal, who, move, Tally("deny", "change.denial_added", counted))

    async def remind(self, proposal: Proposal, stage: int, kind: str, at: datetime) -> Proposal | None:
        """Put on record that a reminder was due and given, once per stage. None: it was, or it waits no more."""
        async with self._database.write() as connection:
            moved = await update_proposal(
                connection, proposal, {"reminded": stage}, proposals.c.reminded < stage, not_expired(at)
            )
            if moved is not None:
                await self._record(connection, kind, moved, Move(moved.state, at))
        return moved

    async def claim(self, proposal: Proposal, worker: str, *, now: datetime, until: datetime) -> Proposal | None:
        """Take an approved change for this worker, or one whose worker let its time run out. None: not to be had.

        Raises TargetBusy when another change of the object is under way.
        """
        claim = {"claimed_by": worker, "claimed_until": until}
        if proposal.state is State.APPROVED:
            try:
                return await self.move(proposal, Move(State.APPLYING, now, values=claim))
            except IntegrityError as error:
                raise TargetBusy(proposal.target_key) from error
        free = or_(proposals.c.claimed_by == worker, proposals.c.claimed_until <= now)
        async with self._database.write() as connection:
            return await update_proposal(connection, proposal, claim, free)

    async def update(self, proposal: Proposal, values: dict[str, Any]) -> Proposal | None:
        """Set fields without a transition. None: it is no longer in the state it was read in."""
        async with self._database.write() as connection:
            return await update_proposal(connection, proposal, values)

    async def note(self, proposal: Proposal, kind: str, move: Move) -> None:
        """Put something on record that changes no state, such as a refused click ("change.refused")."""
        async with self._database.write() as connection:
            await self._record(connection, kind, proposal, move)

    async def _find(self, *wanted: ColumnElement[bool]) -> tuple[Proposal, ...]:
        async with self._database.read() as connection:
            return tuple(await select_proposals(connection, *wanted))

    async def _move(self, connection: AsyncConnection, proposal: Proposal, move: Move) -> Proposal | None:
        if move.to not in TRANSITIONS[proposal.state]:
            raise ValueError(f"no transition from {proposal.state} to {move.to}")
        guards = [] if move.expired is None else [expired(move.at) if move.expired else not_expired(move.at)]
        values = {**move.values, "state": move.to.value, "changed_at": move.at}
        moved = await update_proposal(connection, proposal, values, *guards)
        if moved is not None:
            await self._record(connection, f"change.{move.to.value}", moved, move)
        return moved

    async def _count(self, proposal: Proposal, who: Principal, move: Move, tally: "Tally") -> Proposal | None:
        try:
            async with self._database.write() as connection:
                return await self._counted(connection, proposal, who, move, tally)
        except _TooLate:
            return None

    async def _counted(
        self, connection: AsyncConnection, proposal: Proposal, who: Principal, move: Move, tally: "Tally"
    ) -> Proposal:
        """Counting and moving are one UPDATE, so two last decisions at once cannot both be the last, nor neither."""
        if not await record_decision(connection, proposal, tally.decision, who, move.reason, move.at):
            return (await select_proposals(connection, proposals.c.id == proposal.id))[0]
        columns = proposals.c
        enough = and_(*(column + more >= needed for column, more, needed in tally.counts))
        wanted = to_columns({**move.values, "state": move.to.value, "changed_at": move.at})
        values = {n: case((enough, literal(v, columns[n].type)), else_=columns[n]) for n, v in wanted.items()}
        counts = {column.name: column + more for column, more, _ in tally.counts}
        moved = await update_proposal(connection, proposal, {**values, **counts}, not_expired(move.at))
        if moved is None:
            raise _TooLate
        kind = f"change.{move.to.value}" if moved.state is move.to else tally.added
        await self._record(connection, kind, moved, move)
        return moved

    async def _record(self, connection: AsyncConnection, kind: str, proposal: Proposal, move: Move) -> None:
        facts = facts_of(proposal, move.actor, reason=move.reason, rules=move.rules)
        await self._audit.append(connection, kind, proposal.id, facts, move.at)
