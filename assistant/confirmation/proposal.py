"""A proposed change: its states, its plan as shown, and the only maker of `Confirmed`."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import rfc8785
from pydantic import BaseModel

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
    """How long a proposal may wait in each state, and how long a change may take to become healthy."""

    confirmation: timedelta = timedelta(minutes=15)
    approval: timedelta = timedelta(hours=24)
    execution: timedelta = timedelta(minutes=30)
    verification: timedelta = timedelta(minutes=10)

    def of(self, state: State) -> timedelta:
        """The window of a state that waits for somebody."""
        waits = {State.AWAITING_CONFIRMATION: self.confirmation, State.AWAITING_APPROVAL: self.approval}
        return waits.get(state, self.execution)


class Proposal(BaseModel, frozen=True):
    """A plan that a person was shown, whole, and what became of it.

    `reasons`, `rules`: the policy's sentences and rule ids when it was proposed.
    `expires_at`: end of the window of the present state. `changed_at`: when it came into this state.
    `approvals`: distinct approvals of `plan_hash` so far.
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
    approvals: int = 0
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
    """SHA-256 over what a person agrees to: the call, the object at its version, the patch, the tier, the policy."""
    shown = plan.model_dump(
        mode="json", include={"tool", "version", "args", "target", "precondition", "patch", "diff", "tier"}
    )
    return hashlib.sha256(rfc8785.dumps(shown | {"policy": policy_hash})).hexdigest()


def confirmed(proposal: Proposal) -> Confirmed[Plan]:
    """The licence to apply: made only for a claimed proposal whose plan is the one that was shown."""
    if proposal.state is not State.APPLYING or not proposal.hash_holds():
        raise ValueError(f"{proposal.id} is not a claimed change with an intact plan")
    return Confirmed(proposal.plan, proposal.id)


def random_id() -> str:
    """A short id that people can type ("p-7f3kq"). It is a name, not a key: every decision is checked."""
    return "p-" + "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(5))
