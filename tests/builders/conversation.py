"""Turns and proposals, small and whole."""

from datetime import UTC, datetime, timedelta

from assistant.conversation import Answer, CitedClaim, NumberedEvidence, ProposalView, Turn
from tools.contract import Change, Evidence, Inverse, ObjectRef, Plan, Precondition, Source, Verdict

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_evidence(text: str = "exit code 1", **given) -> Evidence:
    fields = {
        "source": Source.CLUSTER,
        "subject": "Pod shop-staging/checkout-7d9f-x2x1",
        "where": "status.containerStatuses[checkout].lastState.terminated",
        "at": NOON,
    }
    return Evidence(text=text, **{**fields, **given})


def make_answer(**given) -> Answer:
    fields = {
        "verdict": Verdict.CONFIRMED,
        "summary": "checkout crashes at start",
        "claims": (CitedClaim(text="It exits with code 1.", evidence=("E1",)),),
        "next_steps": ("Roll back checkout to revision 6.",),
    }
    return Answer(**{**fields, **given})


def make_turn(**given) -> Turn:
    fields = {
        "id": "slack:T0SHOP:C0SHOP:1.000001",
        "thread": "T0SHOP:C0SHOP:1.000001",
        "requester": "user:default/alice",
        "kind": "answer",
        "answer": make_answer(),
        "evidence": (NumberedEvidence(id="E1", evidence=make_evidence()),),
        "model": "rules",
        "seconds": 0.2,
    }
    return Turn(**{**fields, **given})


def make_plan(**given) -> Plan:
    target = ObjectRef(cluster="default", namespace="shop-staging", kind="Deployment", name="checkout", uid="u-1")
    fields = {
        "tool": "scale_workload",
        "args": {"workload": "checkout", "environment": "staging", "replicas": 3},
        "target": target,
        "precondition": Precondition(target=target, resource_version="41", generation=7),
        "summary": "Scale checkout in shop-staging from 2 to 3 replicas",
        "diff": (Change(path="spec.replicas", before="2", after="3"),),
        "patch": {"spec": {"replicas": 3}},
        "effects": ("1 pod starts.",),
        "risk": "low",
        "inverse": Inverse(tool="scale_workload", args={"replicas": 2}, label="scale back to 2 replicas"),
        "planned_at": NOON,
    }
    return Plan(**{**fields, **given})


def make_view(**given) -> ProposalView:
    fields = {
        "id": "p-7f3k",
        "state": "awaiting_confirmation",
        "plan": make_plan(),
        "requester": "user:default/alice",
        "requester_name": "Alice Amsel",
        "thread": "T0SHOP:C0SHOP:1.000001",
        "created_at": NOON,
        "expires_at": NOON + timedelta(minutes=15),
        "plan_hash": "ab" * 32,
        "tier": "nonprod",
        "approver": "Alice Amsel confirms",
    }
    return ProposalView(**{**fields, **given})
