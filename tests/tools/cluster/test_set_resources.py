"""Requests and limits, from plan to outcome, on the emulated cluster."""

from typing import Any

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.set_resources import SetResourcesArgs, apply_set_resources, plan_set_resources, verify_set_resources
from tools.contract import Confirmed, Plan
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout")
STEPS = (plan_set_resources, apply_set_resources, verify_set_resources)
GIVEN = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}

SIZE = {"cpu": "8", "memory": "16Gi", "pods": "110"}
ROOMY = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node-2"},
    "status": {"capacity": SIZE, "allocatable": SIZE},
}


def checkout(resources: dict | None = None, **more: Any) -> dict:
    return workload(containers=[make_app(resources=GIVEN if resources is None else resources)], **more)


def limits(hard: dict) -> dict:
    item = {"type": "Container", "max": hard}
    meta = {"name": "small", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": meta, "spec": {"limits": [item]}}


def quota(hard: dict) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": NAMESPACE},
        "spec": {"hard": hard},
    }


async def plan(small: SmallCluster, **wanted: Any) -> Plan:
    args = SetResourcesArgs(workload="checkout", **wanted)
    return await plan_set_resources(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def resources_of(small: SmallCluster) -> dict:
    return small.stored("Deployment", "checkout")["spec"]["template"]["spec"]["containers"][0]["resources"]


async def test_the_pods_get_what_was_asked_for(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout(), ROOMY) as small:
        args = SetResourcesArgs(workload="checkout", memory_request="0.5Gi", memory_limit="512Mi", cpu_limit="2000m")
        _, _, seen = await carried_out(STEPS, args, small, TARGETS)

        assert seen.healthy, seen.summary
        assert resources_of(small) == {
            "requests": {"cpu": "100m", "memory": "512Mi"},
            "limits": {"cpu": "2", "memory": "512Mi"},
        }


async def test_the_plan_shows_canonical_amounts_and_numbers_for_the_policy(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        planned = await plan(small, memory_limit="0.5Gi")

    assert planned.summary == "Set memory limit to 512Mi for checkout in shop-staging"
    assert [(change.path, change.before, change.after) for change in planned.diff] == [
        ("spec.template.spec.containers[app].resources.limits.memory", "256Mi", "512Mi")
    ]
    assert (planned.memory_after_bytes, planned.cpu_after_millis) == (512 * 1024**2, 100)


async def test_the_way_back_restores_also_what_was_not_set(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout(), ROOMY) as small:
        planned, _, _ = await carried_out(
            STEPS, SetResourcesArgs(workload="checkout", cpu_limit="1", memory_limit="512Mi"), small, TARGETS
        )
        assert planned.inverse is not None
        assert planned.inverse.args["cpu_limit"] == "none"
        assert planned.inverse.label == "Set cpu limit to none and memory limit to 256Mi again"

        back = await plan(
            small, **{k: v for k, v in planned.inverse.args.items() if k.endswith(("_limit", "_request"))}
        )
        await apply_set_resources(Confirmed(back, "p-2"), cluster=small.acting_as(), clock=small.now)

        assert resources_of(small) == GIVEN


async def test_a_request_above_the_limit_is_refused_in_words(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        with pytest.raises(InvalidArgs, match="request 512Mi would be above the memory limit 256Mi"):
            await plan(small, memory_request="512Mi")


async def test_a_limit_range_that_no_pod_could_pass_refuses_the_plan(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout(), limits({"memory": "300Mi"})) as small:
        with pytest.raises(InvalidArgs, match=r"No pod .* start.*maximum memory usage per Container is 300Mi"):
            await plan(small, memory_limit="512Mi")


async def test_a_quota_that_is_full_is_warned_of_with_its_name(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout(replicas=1), quota({"limits.memory": "600Mi"})) as small:
        planned = await plan(small, memory_limit="512Mi")

    assert "exceeded quota: team" in planned.warnings[0]
    assert planned.risk == "high"


async def test_a_person_who_may_not_create_pods_is_told_what_was_not_checked(tmp_path) -> None:
    narrow = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "dev", "namespace": NAMESPACE},
        "rules": [{"apiGroups": ["apps", "autoscaling", "policy"], "resources": ["*"], "verbs": ["*"]}],
    }
    async with small_cluster(tmp_path, checkout(), narrow) as small:
        planned = await plan(small, memory_limit="512Mi")

    assert planned.warnings == ()
    assert planned.effects[-1] == (
        'Not tried against quotas and limit ranges: that needs the right to "create pods in shop-staging".'
    )


@pytest.mark.parametrize(
    ("wanted", "warning"),
    [
        ({"memory_limit": "200Mi"}, "Less memory than now (256Mi)"),
        ({"memory_limit": "none"}, "Without a memory limit"),
    ],
)
async def test_less_memory_and_none_at_all_are_warned_of(tmp_path, wanted: dict, warning: str) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        planned = await plan(small, **wanted)

    assert warning in planned.warnings[0]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [({}, "Say how much"), ({"memory_limit": "256Mi"}, "already"), ({"memory_limit": "512m"}, "512Mi")],
)
async def test_nothing_to_do_and_no_amount_are_refused(tmp_path, wanted: dict, why: str) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        with pytest.raises(InvalidArgs, match=why):
            await plan(small, **wanted)


async def test_request_and_limit_of_one_amount_are_said_once(tmp_path) -> None:
    async with small_cluster(tmp_path, checkout()) as small:
        planned = await plan(small, memory_request="512Mi", memory_limit="512Mi", cpu_limit="1")

    assert planned.summary == "Set cpu limit to 1 and memory to 512Mi for checkout in shop-staging"
