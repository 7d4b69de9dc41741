"""Pausing a rollout, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.pause_rollout import PauseRolloutArgs, apply_pause_rollout, plan_pause_rollout, verify_pause_rollout
from tools.contract import Plan
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db")
STEPS = (plan_pause_rollout, apply_pause_rollout, verify_pause_rollout)


async def plan(small: SmallCluster, name: str = "checkout") -> Plan:
    args = PauseRolloutArgs(workload=name)
    return await plan_pause_rollout(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def test_a_paused_rollout_leaves_the_pods_alone(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        before = small.pod_uids()
        planned, _, seen = await carried_out(STEPS, PauseRolloutArgs(workload="checkout"), small, TARGETS)

        assert (seen.healthy, seen.summary) == (True, "checkout: the rollout is paused.")
        assert [(change.path, change.after) for change in planned.diff] == [("spec.paused", "true")]
        assert small.pod_uids() == before


async def test_the_way_back_is_to_resume_it(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        planned = await plan(small)

    assert planned.inverse is not None
    assert planned.inverse.tool == "resume_rollout"
    assert planned.inverse.args == {"workload": "Deployment/checkout", "environment": NAMESPACE}


@pytest.mark.parametrize(
    ("kind", "name", "spec", "why"),
    [("Deployment", "checkout", {"paused": True}, "paused already"), ("StatefulSet", "db", {}, "has no pause")],
)
async def test_what_cannot_or_need_not_be_paused_is_refused(tmp_path, kind, name, spec, why) -> None:
    async with small_cluster(tmp_path, workload(kind, name, **spec)) as small:
        with pytest.raises(InvalidArgs, match=why):
            await plan(small, name)
