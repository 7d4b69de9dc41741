"""Restart, from plan to outcome, on the emulated cluster."""

import asyncio

import pytest

from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.applying import CHANGE_ID
from tools.cluster.restart_workload import RestartWorkloadArgs, apply_restart, plan_restart, verify_restart
from tools.contract import Confirmed, Outcome, Plan, Receipt
from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "DaemonSet/agent", "Job/migrate")
BAD = [{"match": {"workload": "checkout", "image": "*:bad"}, "do": "exit", "exit_code": 3, "after_seconds": 1}]


async def plan(
    small: SmallCluster, name: str = "checkout", user: str = "alice@example.com", group: str = "dev"
) -> Plan:
    args = RestartWorkloadArgs(workload=name)
    return await plan_restart(args, cluster=small.acting_as(user, group), targets=TARGETS, clock=small.now)


async def apply(small: SmallCluster, planned: Plan, change_id: str = "p-1") -> Receipt:
    return await apply_restart(Confirmed(planned, change_id), cluster=small.acting_as(), clock=small.now)


async def outcome(small: SmallCluster, planned: Plan, receipt: Receipt) -> Outcome:
    async with asyncio.timeout(15):
        while True:
            seen = await verify_restart(planned, receipt, cluster=small.acting_as(), clock=small.now)
            if seen.settled:
                return seen
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "checkout"), ("StatefulSet", "db"), ("DaemonSet", "agent")])
async def test_replaces_all_pods_and_sees_them_healthy(tmp_path, kind: str, name: str) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        before = set(small.pod_uids())

        planned = await plan(small, name)
        seen = await outcome(small, planned, await apply(small, planned))

        assert (seen.settled, seen.healthy) == (True, True), seen.summary
        assert not before & set(small.pod_uids())
        assert small.stored(kind, name)["metadata"]["annotations"][CHANGE_ID] == "p-1"
        assert len(small.emulator.mutations()) == 1


async def test_a_plan_shows_what_the_server_would_store_and_changes_nothing(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=3)) as small:
        planned = await plan(small)

        assert small.emulator.mutations() == []
        (change,) = planned.diff
        assert change.path == 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
        assert change.before is None
        assert planned.summary == "Restart checkout in shop-staging"
        assert planned.effects[0].startswith("3 pods restart")
        assert (planned.risk, planned.inverse, bool(planned.no_inverse_reason)) == ("low", None, True)
        assert (planned.tier, planned.owner, planned.component) == (
            "prod",
            "group:default/shop",
            "component:default/checkout",
        )
        assert planned.target.uid == small.stored("Deployment", "checkout")["metadata"]["uid"]
        assert planned.precondition.generation == 1


async def test_acts_as_the_person(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        await apply(small, await plan(small))

        (change,) = small.emulator.mutations()
        assert (change.user, change.impersonated_user, change.impersonated_groups) == (
            "infra-assistant",
            "alice@example.com",
            ("dev",),
        )


async def test_a_person_without_the_right_learns_which_is_missing(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        with pytest.raises(Forbidden) as caught:
            await plan(small, user="bob@example.com", group="guests")

    assert caught.value.missing == "patch deployments in shop-staging"


async def test_a_paused_rollout_is_refused_with_what_to_do(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(paused=True)) as small:
        with pytest.raises(InvalidArgs, match="kubectl rollout resume deployment/checkout"):
            await plan(small)


async def test_pods_that_only_change_when_deleted_are_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db", updateStrategy={"type": "OnDelete"})) as small:
        with pytest.raises(InvalidArgs, match="OnDelete"):
            await plan(small, "db")


async def test_a_job_cannot_be_restarted(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(InvalidArgs, match="only DaemonSet, Deployment, StatefulSet can"):
            await plan(small, "migrate")


async def test_a_workload_that_is_gone_is_not_found(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(NotFound, match="checkout"):
            await plan(small)


async def test_a_crash_loop_that_a_restart_does_not_cure_is_told(tmp_path) -> None:
    bad = workload(containers=[{"name": "app", "image": "shop/app:bad"}])
    async with small_cluster(tmp_path, bad, kubelet=BAD) as small:
        planned = await plan(small)

        seen = await outcome(small, planned, await apply(small, planned))

        assert (seen.settled, seen.healthy) == (True, False)
        assert "CrashLoopBackOff" in seen.summary
        assert "exit code 3" in seen.evidence[0].text
        assert seen.evidence[0].where == "status.containerStatuses[name=app].state.waiting"


async def test_a_crash_loop_between_plan_and_confirmation_does_not_void_the_plan(tmp_path) -> None:
    bad = workload(containers=[{"name": "app", "image": "shop/app:bad"}])
    async with small_cluster(tmp_path, bad, kubelet=BAD) as small:
        planned = await plan(small)
        small.touch_status("Deployment", "checkout")

        receipt = await apply(small, planned)

        assert not receipt.already_applied


async def test_an_edit_between_plan_and_confirmation_voids_the_plan(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small)
        await apply(small, await plan(small), "p-other")

        with pytest.raises(PlanStale):
            await apply(small, planned)


async def test_says_that_a_stateful_set_waits_for_a_pod_that_is_not_ready(tmp_path) -> None:
    rule = [{"match": {"workload": "db"}, "do": "readiness"}]
    async with small_cluster(tmp_path, workload("StatefulSet", "db"), kubelet=rule) as small:
        planned = await plan(small, "db")

    assert "waits for it" in planned.warnings[0]


async def test_names_who_else_manages_it_and_its_budget(tmp_path) -> None:
    tracked = workload(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop-staging/checkout"})
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "checkout", "namespace": NAMESPACE},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "checkout"}}},
    }
    async with small_cluster(tmp_path, tracked, budget) as small:
        planned = await plan(small)

    assert any("PodDisruptionBudget checkout" in effect for effect in planned.effects)
    assert any("Argo CD application shop" in effect for effect in planned.effects)
