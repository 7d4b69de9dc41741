"""Where a rollout stands."""

import pytest

from tests.builders.kubernetes import make_condition, make_daemon_set, make_deployment, make_stateful_set
from tools.cluster.models.resources import DAEMON_SETS, DEPLOYMENTS, STATEFUL_SETS
from tools.cluster.rollout import Phase, rollout_of


@pytest.mark.parametrize(
    ("changed", "phase", "where"),
    [
        ({}, Phase.COMPLETE, "status.availableReplicas"),
        ({"metadata": {"generation": 2}}, Phase.MOVING, "status.observedGeneration"),
        ({"status": {"updatedReplicas": 1}}, Phase.MOVING, "status.updatedReplicas"),
        ({"status": {"replicas": 4}}, Phase.MOVING, "status.replicas"),
        ({"ready": 2}, Phase.MOVING, "status.availableReplicas"),
        ({"spec": {"paused": True}}, Phase.PAUSED, "spec.paused"),
        ({"replicas": 0}, Phase.COMPLETE, "status.availableReplicas"),
    ],
)
def test_a_deployment_is_judged_by_its_counts(changed: dict, phase: Phase, where: str) -> None:
    rollout = rollout_of(DEPLOYMENTS.parse(make_deployment(**changed)))

    assert (rollout.phase, rollout.where) == (phase, where)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (make_condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out"), "ProgressDeadlineExceeded"),
        (make_condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"), "exceeded quota"),
    ],
)
def test_a_deployment_whose_controller_gave_up_is_stuck(condition: dict, text: str) -> None:
    rollout = rollout_of(DEPLOYMENTS.parse(make_deployment(ready=1, status={"conditions": [condition]})))

    assert rollout.phase is Phase.STUCK
    assert text in rollout.text


@pytest.mark.parametrize(
    ("changed", "phase"),
    [
        ({}, Phase.COMPLETE),
        ({"status": {"updatedReplicas": 1}}, Phase.MOVING),
        ({"status": {"updatedReplicas": 1}, "spec": {"updateStrategy": {"type": "OnDelete"}}}, Phase.COMPLETE),
        (
            {
                "status": {"updatedReplicas": 1},
                "spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
            },
            Phase.COMPLETE,
        ),
        ({"ready": 1}, Phase.MOVING),
    ],
)
def test_a_stateful_set_waits_for_the_pods_its_strategy_updates(changed: dict, phase: Phase) -> None:
    assert rollout_of(STATEFUL_SETS.parse(make_stateful_set(**changed))).phase is phase


@pytest.mark.parametrize(
    ("changed", "phase"),
    [({}, Phase.COMPLETE), ({"ready": 2}, Phase.MOVING), ({"status": {"updatedNumberScheduled": 1}}, Phase.MOVING)],
)
def test_a_daemon_set_counts_its_nodes(changed: dict, phase: Phase) -> None:
    assert rollout_of(DAEMON_SETS.parse(make_daemon_set(**changed))).phase is phase
