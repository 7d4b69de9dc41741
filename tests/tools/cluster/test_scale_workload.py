"""Scale, from plan to outcome, on the emulated cluster."""

import asyncio

import pytest

from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.scale_workload import ScaleWorkloadArgs, apply_scale, plan_scale, verify_scale
from tools.contract import Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "DaemonSet/agent")


def autoscaler(low: int = 2, high: int = 5) -> dict:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "checkout-hpa", "namespace": NAMESPACE},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
            "minReplicas": low,
            "maxReplicas": high,
        },
    }


async def plan(small: SmallCluster, replicas: int, name: str = "checkout") -> Plan:
    args = ScaleWorkloadArgs(workload=name, replicas=replicas)
    return await plan_scale(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def outcome(small: SmallCluster, planned: Plan, receipt: Receipt) -> Outcome:
    async with asyncio.timeout(15):
        while True:
            seen = await verify_scale(planned, receipt, cluster=small.acting_as(), clock=small.now)
            if seen.settled:
                return seen
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "checkout"), ("StatefulSet", "db")])
@pytest.mark.parametrize("replicas", [0, 1, 4])
async def test_as_many_pods_run_as_were_asked_for(tmp_path, kind: str, name: str, replicas: int) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        planned = await plan(small, replicas, name)
        receipt = await apply_scale(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)
        seen = await outcome(small, planned, receipt)

        assert seen.healthy, seen.summary
        assert len(small.pod_uids()) == replicas


async def test_the_plan_shows_both_numbers_and_the_way_back(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small, 3)

    assert planned.summary == "Scale checkout in shop-staging from 2 to 3 replicas"
    assert [(change.path, change.before, change.after) for change in planned.diff] == [("spec.replicas", "2", "3")]
    assert planned.effects == ("1 pod starts.",)
    assert (planned.risk, planned.warnings, planned.replicas_after) == ("low", (), 3)
    assert planned.inverse is not None
    assert planned.inverse.tool == "scale_workload"
    assert planned.inverse.args == {"workload": "Deployment/checkout", "environment": NAMESPACE, "replicas": 2}


async def test_no_replicas_are_an_outage(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small, 0)

    assert planned.risk == "high"
    assert planned.warnings[0].startswith("Outage")


async def test_an_autoscaler_that_will_change_it_again_is_named(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), autoscaler()) as small:
        planned = await plan(small, 4)

    assert "HorizontalPodAutoscaler checkout-hpa keeps the replicas between 2 and 5" in planned.warnings[0]
    assert planned.risk == "medium"


async def test_a_gitops_controller_that_will_revert_it_raises_the_risk(tmp_path) -> None:
    labels = {"kustomize.toolkit.fluxcd.io/name": "apps"}
    async with small_cluster(tmp_path, workload(labels=labels)) as small:
        planned = await plan(small, 4)

    assert "Flux Kustomization apps will revert this" in planned.warnings[0]
    assert planned.risk == "medium"


async def test_a_budget_that_no_drain_can_meet_is_named(tmp_path) -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "two", "namespace": NAMESPACE},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "checkout"}}},
    }
    async with small_cluster(tmp_path, workload(replicas=3), budget) as small:
        planned = await plan(small, 1)

    assert "PodDisruptionBudget two wants 2 available" in planned.warnings[0]


@pytest.mark.parametrize(
    ("kind", "name", "replicas", "why"),
    [("DaemonSet", "agent", 3, "cannot be scaled"), ("Deployment", "checkout", 2, "has 2 replicas already")],
)
async def test_what_cannot_or_need_not_be_scaled_is_refused(tmp_path, kind, name, replicas, why) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        with pytest.raises(InvalidArgs, match=why):
            await plan(small, replicas, name)


async def test_a_person_who_may_not_see_autoscalers_is_told(tmp_path) -> None:
    narrow = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "dev", "namespace": NAMESPACE},
        "rules": [{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]}],
    }
    async with small_cluster(tmp_path, workload(), narrow) as small:
        planned = await plan(small, 3)

    assert "Could not check for HorizontalPodAutoscaler" in planned.warnings[0]
    assert "list horizontalpodautoscalers in shop-staging" in planned.warnings[0]
