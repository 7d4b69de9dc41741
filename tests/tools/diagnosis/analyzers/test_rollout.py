from tests.builders.kubernetes import make_condition, waiting
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.platform_objects import make_custom
from tests.builders.shop_faults import current_set, deployment, pod, pod_with, previous_set
from tools.contract import Verdict

LATE = make_condition(
    "Progressing",
    "False",
    "ProgressDeadlineExceeded",
    'ReplicaSet "checkout-7d9f8c6b5" has timed out progressing.',
)


async def test_a_passed_deadline_is_an_effect_of_what_keeps_the_pods_from_starting():
    broken = pod_with(waiting("CreateContainerConfigError", 'secret "db" not found'))

    found = await diagnose(deployment(status={"conditions": [LATE]}), current_set(), broken)

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert "rollout-deadline" in [one.cause for one in found.effects]


async def test_a_passed_deadline_alone_is_no_proven_cause():
    found = await diagnose(deployment(status={"conditions": [LATE]}), current_set(), pod(statuses=[], conditions=[]))

    assert found.root_cause.cause == "rollout-deadline"
    assert found.verdict is not Verdict.CONFIRMED


async def test_a_rollout_paused_half_way_is_found():
    half = deployment(replicas=2, ready=2, spec={"paused": True}, status={"updatedReplicas": 1})

    found = await diagnose(half, previous_set(), current_set(), pod("a"), pod("b"))

    assert found.root_cause.cause == "rollout-paused"
    assert "1 of 2 pods on the newest version" in found.summary


async def test_a_pause_with_everything_rolled_out_is_no_failure():
    found = await diagnose(deployment(ready=1, spec={"paused": True}), current_set(), pod())

    assert found.health == "healthy"


async def test_scaled_to_zero_is_a_setting_and_no_failure():
    found = await diagnose(deployment(ready=0, replicas=0), current_set())

    assert found.health == "idle"
    assert found.verdict is Verdict.CONFIRMED
    assert "scaled to zero" in found.summary
    assert found.actions[0].tool == "scale_workload"


async def test_a_rollout_under_way_is_called_progressing():
    moving = make_condition(
        "Progressing", "True", "ReplicaSetUpdated", "progressing", lastUpdateTime="2026-11-22T11:59:00Z"
    )
    starting = pod_with(waiting("ContainerCreating"), minutes_old=1)

    found = await diagnose(deployment(status={"conditions": [moving]}), current_set(minutes_old=1), starting)

    assert found.health == "progressing"
    assert found.root_cause is None


async def test_a_spec_that_the_controller_has_not_seen_is_progressing():
    new = deployment(ready=1, metadata={"generation": 4}, status={"observedGeneration": 3})

    found = await diagnose(new, current_set(), pod())

    assert found.health == "progressing"


async def test_a_selector_that_selects_everything_is_the_cause():
    event = make_event("SelectingAll", "This deployment is selecting all pods.", kind="Deployment", name="checkout")

    found = await diagnose(deployment(), event)

    assert found.root_cause.cause == "selector-all"


async def test_an_argo_rollout_that_was_aborted_is_told_of_the_deployment_it_runs():
    spec = {"workloadRef": {"kind": "Deployment", "name": "checkout"}}
    rollout = make_custom(
        "Rollout", "checkout", spec=spec, status={"phase": "Degraded", "message": "RolloutAborted: metric failed"}
    )

    found = await diagnose(deployment(replicas=0), rollout)

    assert found.root_cause.cause == "rollouts-aborted"
    assert "metric failed" in found.summary
