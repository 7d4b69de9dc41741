"""A proposed change: its states, its plan as shown, and the only maker of `Confirmed`."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import rfc8785
from pydantic import BaseModel

from assistant.confirmation.approvals import Approvals
from assistant.confirmation.subject import Subject, target_key
from assistant.conversation import Origin
from assistant.identity.principal import Principal
from tools.contract import Confirmed, Outcome, Plan, Receipt


class State(StrEnum):
    """Where a change is. A proposal starts when its plan was shown; what comes before is not stored."""

    AWAITING_CONFIRMATION = "awaiting_confirmation"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    APPLYING = "applying"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


PENDING = frozenset({State.AWAITING_CONFIRMATION, State.AWAITING_APPROVAL})
OPEN = PENDING | {State.APPROVED}
UNFINISHED = frozenset({State.APPROVED, State.APPLYING, State.VERIFYING})
_VOID = frozenset({State.CANCELLED, State.EXPIRED, State.SUPERSEDED})

TRANSITIONS = MappingProxyType(
    {
        State.AWAITING_CONFIRMATION: _VOID | {State.AWAITING_APPROVAL, State.APPROVED},
        State.AWAITING_APPROVAL: _VOID | {State.APPROVED, State.DENIED},
        State.APPROVED: _VOID | {State.APPLYING},
        # Superseded while applying: the server refused the precondition, so nothing was changed.
        State.APPLYING: frozenset({State.VERIFYING, State.FAILED, State.SUPERSEDED}),
        State.VERIFYING: frozenset({State.SUCCEEDED, State.FAILED}),
        **{state: frozenset[State]() for state in (State.SUCCEEDED, State.FAILED, State.DENIED, *_VOID)},
    }
)


@dataclass(frozen=True)
class Windows:
    """How long a proposal may wait in each state, and how long a change may take to become healthy.

    `remind`, `escalate`: after how long a wait for approval the approvers are reminded, and the platform team asked.
    `broken_glass`: the execution window of a change that skips its approvals.
    """

    confirmation: timedelta = timedelta(minutes=15)
    approval: timedelta = timedelta(hours=24)
    execution: timedelta = timedelta(minutes=30)
    verification: timedelta = timedelta(minutes=10)
    remind: tuple[timedelta, ...] = (timedelta(hours=2), timedelta(hours=8))
    escalate: timedelta = timedelta(hours=4)
    broken_glass: timedelta = timedelta(hours=1)

    def of(self, state: State) -> timedelta:
        """The window of a state that waits for somebody."""
        waits = {State.AWAITING_CONFIRMATION: self.confirmation, State.AWAITING_APPROVAL: self.approval}
        return waits.get(state, self.execution)

    @property
    def stages(self) -> tuple[tuple[timedelta, bool], ...]:
        """When a proposal that waits for approval is brought to mind again, and whether that escalates, in order."""
        return tuple(sorted([*((after, False) for after in self.remind), (self.escalate, True)]))


class BrokenGlass(BaseModel, frozen=True):
    """Who skipped approvals and freeze, in which incident, and why."""

    who: Principal
    incident: str
    reason: str
    at: datetime


class Proposal(BaseModel, frozen=True):
    """A plan that a person was shown, whole, and what became of it.

    `reasons`, `rules`: the policy's sentences and rule ids when it was proposed.
    `expires_at`: end of the window of the present state. `changed_at`: when it came into this state.
    `approvals` and those by owner and platform: distinct approvals of `plan_hash` so far. `denials`: likewise.
    `reminded`: how many reminders were due and given. `roll_back`: agreed to in advance by who confirmed it.
    `automatic_of`: the failed change that this one takes back as agreed.
    `claimed_by`, `claimed_until`: which worker applies it, and until when nobody else may.
    `observed`: what the last look at the target after the change found.
    """

    id: str
    state: State
    action: str
    thread: str
    plan: Plan
    plan_hash: str
    policy_hash: str
    requester: Principal
    origin: Origin = Origin()
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    approver: str = ""
    required_approvals: int = 0
    required_owner: int = 0
    required_platform: int = 0
    approvals: int = 0
    owner_approvals: int = 0
    platform_approvals: int = 0
    denials: int = 0
    reminded: int = 0
    roll_back: bool = False
    automatic_of: str | None = None
    broken_glass: BrokenGlass | None = None
    created_at: datetime
    expires_at: datetime
    changed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    verify_by: datetime | None = None
    receipt: Receipt | None = None
    observed: Outcome | None = None
    outcome: str | None = None

    @property
    def needed(self) -> Approvals:
        """Who must approve before it runs."""
        return Approvals(total=self.required_approvals, owner=self.required_owner, platform=self.required_platform)

    @property
    def subject(self) -> Subject:
        """What a policy is asked about."""
        return Subject.of(self.plan, self.action)

    @property
    def target_key(self) -> str:
        """The object it changes."""
        return target_key(self.plan.target)

    def hash_holds(self) -> bool:
        """Whether the stored plan still is the plan that was shown."""
        return plan_hash(self.plan, self.policy_hash) == self.plan_hash


def plan_hash(plan: Plan, policy_hash: str) -> str:
    """SHA-256 over what a person agrees to: the plan in canonical JSON, and the policy it was allowed under.

    When it was made and how the target was then are not part of it: the precondition holds the target still.
    """
    seen = {"planned_at", "before", "ready_before"}
    shown: dict[str, Any] = {"plan": plan.model_dump(mode="json", exclude=seen), "policy": policy_hash}
    return hashlib.sha256(rfc8785.dumps(shown)).hexdigest()


def confirmed(proposal: Proposal) -> Confirmed[Plan]:
    """The licence to apply: made only for a claimed proposal whose plan is the one that was shown."""
    if proposal.state is not State.APPLYING or not proposal.hash_holds():
        raise ValueError(f"{proposal.id} is not a claimed change with an intact plan")
    return Confirmed(proposal.plan, proposal.id)


def random_id() -> str:
    """A short id that people can type ("p-7f3kq"). It is a name, not a key: every decision is checked."""
    return "p-" + "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(5))
