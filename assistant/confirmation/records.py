"""What the audit log says of a change."""

from typing import Any

from assistant.confirmation.proposal import Proposal
from assistant.identity.principal import Principal


def facts_of(
    proposal: Proposal, actor: Principal | None, *, reason: str = "", rules: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The facts of one record, as JSON: who did what to which object, by which plan, model and policy."""
    plan = proposal.plan
    return {
        "state": proposal.state.value,
        "actor": {"id": "clock", "kind": "system"} if actor is None else _person(actor),
        "on_behalf_of": _person(proposal.requester),
        "agent": proposal.origin.model_dump(mode="json"),
        "action": proposal.action,
        "tool": plan.tool,
        "tool_version": plan.version,
        "args": plan.args,
        "target": plan.target.model_dump(mode="json"),
        "precondition": plan.precondition.model_dump(mode="json", exclude={"target"}),
        "summary": plan.summary,
        "diff": [change.model_dump(mode="json") for change in plan.diff],
        "tier": plan.tier,
        "plan_hash": proposal.plan_hash,
        "decision": {"rules": list(rules or proposal.rules), "policy_hash": proposal.policy_hash},
        "approvals": _approvals(proposal),
        "broken_glass": _glass(proposal),
        "roll_back": proposal.roll_back,
        "automatic_of": proposal.automatic_of,
        "reason": reason,
        "thread": proposal.thread,
        **_result(proposal),
    }


def _person(who: Principal) -> dict[str, str]:
    return {"id": who.id, "kind": who.kind, "user": who.user}


def _approvals(proposal: Proposal) -> dict[str, Any]:
    return {
        "given": proposal.approvals,
        "given_by_owner": proposal.owner_approvals,
        "given_by_platform": proposal.platform_approvals,
        "required": proposal.required_approvals,
        "required_of_owner": proposal.required_owner,
        "required_of_platform": proposal.required_platform,
        "denials": proposal.denials,
    }


def _glass(proposal: Proposal) -> dict[str, Any] | None:
    broken = proposal.broken_glass
    if broken is None:
        return None
    return {"by": _person(broken.who), "incident": broken.incident, "reason": broken.reason}


def _result(proposal: Proposal) -> dict[str, Any]:
    receipt = proposal.receipt.model_dump(mode="json") if proposal.receipt else None
    observed = proposal.observed.model_dump(mode="json", exclude={"evidence"}) if proposal.observed else None
    return {"receipt": receipt, "observed": observed, "outcome": proposal.outcome}
