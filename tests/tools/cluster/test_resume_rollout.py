"""Resuming a rollout, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, small_cluster, workload
from tools.cluster.resume_rollout import (
    ResumeRolloutArgs,
    apply_resume_rollout,
    plan_resume_rollout,
    verify_resume_rollout,
)
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout")
STEPS = (plan_resume_rollout, apply_resume_rollout, verify_resume_rollout)
CHECKOUT = {"kind": "Deployment", "name": "checkout", "namespace": NAMESPACE}
PAUSED = {"at": "-30m", "object": CHECKOUT, "patch": {"spec": {"paused": True}}}
NEWER = {"at": "-20m", "object": CHECKOUT, "set_image": {"app": "shop/app:2"}}


async def test_a_template_held_back_reaches_the_pods(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), steps=[PAUSED, NEWER]) as small:
        before = small.pod_uids()
        planned, _, seen = await carried_out(STEPS, ResumeRolloutArgs(workload="checkout"), small, TARGETS)

        assert seen.healthy, seen.summary
        assert planned.effects[0].startswith("The newest template is rolled out. 2 pods restart")
        assert not set(before) & set(small.pod_uids())


async def test_without_a_newer_template_no_pod_restarts(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), steps=[PAUSED]) as small:
        before = small.pod_uids()
        planned, _, seen = await carried_out(STEPS, ResumeRolloutArgs(workload="checkout"), small, TARGETS)

        assert seen.healthy, seen.summary
        assert planned.effects[0] == "All pods have the newest template: none restarts."
        assert small.pod_uids() == before


async def test_a_rollout_that_is_not_paused_is_refused(tmp_path) -> None:
    args = ResumeRolloutArgs(workload="checkout")
    async with small_cluster(tmp_path, workload()) as small:
        with pytest.raises(InvalidArgs, match="not paused"):
            await plan_resume_rollout(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)
