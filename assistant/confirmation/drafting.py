"""New proposals: from a plan and the policy's answer to a row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from assistant.confirmation import wording
from assistant.confirmation.policy import Decision
from assistant.confirmation.proposal import Proposal, State, plan_hash
from assistant.confirmation.store import ProposalStore
from assistant.conversation import Origin
from assistant.identity.principal import Principal
from tools.clock import Clock
from tools.contract import Plan

ID_ATTEMPTS = 5  # ids are short: of a million stored ones, one in twenty new ids is taken


@dataclass(frozen=True)
class Request:
    """Who asks for a planned change, where, what led to it, and what the policy says."""

    plan: Plan
    action: str
    requester: Principal
    thread: str
    origin: Origin
    decision: Decision
    policy_hash: str


def draft(request: Request, *, id: str, clock: Clock, window: timedelta) -> Proposal:  # noqa: A002  (its field's name)
    """A proposal that waits for its requester."""
    now, needed, plan = clock(), request.decision.needed, request.plan
    who = request.requester.display_name or request.requester.user
    return Proposal(
        id=id,
        state=State.AWAITING_CONFIRMATION,
        action=request.action,
        thread=request.thread,
        plan=plan,
        plan_hash=plan_hash(plan, request.policy_hash),
        policy_hash=request.policy_hash,
        requester=request.requester,
        origin=request.origin,
        reasons=_reasons(request.decision, id),
        rules=request.decision.rules,
        approver=wording.approver(plan, who, needed),
        required_approvals=needed.total,
        required_owner=needed.owner,
        required_platform=needed.platform,
        created_at=now,
        expires_at=now + window,
        changed_at=now,
    )


async def add(store: ProposalStore, make: Callable[[], Proposal]) -> Proposal:
    """Store a proposal under an id that is free. Raises IntegrityError when none is found."""
    for _ in range(ID_ATTEMPTS - 1):
        proposal = make()
        try:
            await store.add(proposal)
        except IntegrityError:
            continue
        return proposal
    proposal = make()
    await store.add(proposal)
    return proposal


def _reasons(decision: Decision, proposal_id: str) -> tuple[str, ...]:
    return (wording.glass_only(decision, proposal_id),) if decision.glass_only else decision.messages
