"""Deleting one pod, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.outcomes import carried_out, settled
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.delete_pod import DeletePodArgs, apply_delete_pod, plan_delete_pod, verify_delete_pod
from tools.contract import Confirmed, Plan
from tools.errors import Forbidden, InvalidArgs, NotFound

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db")
STEPS = (plan_delete_pod, apply_delete_pod, verify_delete_pod)
BARE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "debug", "namespace": NAMESPACE},
    "spec": {"containers": [{"name": "shell", "image": "busybox:1"}]},
}


def budget(least: int) -> dict:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "keep", "namespace": NAMESPACE},
        "spec": {"minAvailable": least, "selector": {"matchLabels": {"app": "checkout"}}},
    }


async def plan(small: SmallCluster, pod: str) -> Plan:
    args = DeletePodArgs(pod=pod, environment=NAMESPACE)
    return await plan_delete_pod(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "checkout"), ("StatefulSet", "db")])
async def test_a_new_pod_takes_its_place(tmp_path, kind: str, name: str) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        doomed = small.names("Pod")[0]
        uid = small.stored("Pod", doomed)["metadata"]["uid"]
        _, _, seen = await carried_out(STEPS, DeletePodArgs(pod=doomed, environment=NAMESPACE), small, TARGETS)

        assert seen.healthy, seen.summary
        assert seen.summary.startswith(f"Pod {doomed} is gone. {name} is healthy")
        assert uid not in small.pod_uids()
        assert len(small.pod_uids()) == 2


async def test_the_plan_pins_the_pod_and_says_who_recreates_it(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        name = small.names("Pod")[0]
        planned = await plan(small, f"pod/{name}")
        uid = small.stored("Pod", name)["metadata"]["uid"]

    assert planned.target.uid == uid
    assert planned.summary == f"Delete pod {name} in shop-staging"
    assert [(change.path, change.before, change.after) for change in planned.diff] == [("Pod", name, None)]
    assert "Deployment checkout makes a new pod in its place." in planned.effects
    assert (planned.tier, planned.owner) == ("prod", "group:default/shop")
    assert (planned.inverse, planned.no_inverse_reason is None) == (None, False)


async def test_planning_deletes_nothing(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        before = small.pod_uids()
        await plan(small, small.names("Pod")[0])

        assert small.pod_uids() == before
        assert not small.emulator.mutations()


async def test_a_repeat_after_the_pod_is_gone_deletes_no_other(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db")) as small:
        planned = await plan(small, "db-0")
        receipt = await apply_delete_pod(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)
        await settled(verify_delete_pod, planned, receipt, small)
        replaced = small.pod_uids()

        again = await apply_delete_pod(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)

        assert again.already_applied
        assert small.pod_uids() == replaced


async def test_a_pod_that_nothing_would_recreate_is_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, BARE) as small:
        with pytest.raises(InvalidArgs, match="has no controller"):
            await plan(small, "debug")


async def test_a_budget_that_allows_no_disruption_is_said_loudly(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), budget(2)) as small:
        await small.emulator.settled(lambda _: small.stored("PodDisruptionBudget", "keep").get("status"))
        planned = await plan(small, small.names("Pod")[0])

    assert "PodDisruptionBudget keep allows no disruption now" in planned.warnings[0]
    assert planned.risk == "high"


async def test_the_order_of_a_stateful_set_is_told(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db")) as small:
        planned = await plan(small, "db-0")

    assert "same name db-0" in planned.warnings[0]


async def test_an_unknown_name_comes_with_the_nearest(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db")) as small:
        with pytest.raises(NotFound) as caught:
            await plan(small, "db")

    assert caught.value.candidates == ("db-0 in shop-staging", "db-1 in shop-staging")


async def test_a_person_without_the_right_is_told_which_is_missing(tmp_path) -> None:
    narrow = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "dev", "namespace": NAMESPACE},
        "rules": [{"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get", "list"]}],
    }
    async with small_cluster(tmp_path, workload(), narrow) as small:
        with pytest.raises(Forbidden) as caught:
            await plan(small, small.names("Pod")[0])

    assert caught.value.missing == "delete pods in shop-staging"
