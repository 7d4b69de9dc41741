"""How a workload is, in one word."""

import pytest

from tests.builders.kubernetes import (
    make_condition,
    make_container_status,
    make_daemon_set,
    make_deployment,
    make_pod,
    terminated,
    waiting,
)
from tools.cluster.health import Health, judge
from tools.cluster.models.resources import DAEMON_SETS, DEPLOYMENTS, PODS

CRASHING = make_pod("checkout-a-b", statuses=[make_container_status(state=waiting("CrashLoopBackOff", "back-off"))])
STARTING = make_pod("checkout-a-c", statuses=[make_container_status(state=waiting("ContainerCreating"))])
RESTARTED = make_pod(
    "checkout-a-d", statuses=[make_container_status(restartCount=7, lastState=terminated(137, "OOMKilled"))]
)
EVICTED = make_pod("checkout-a-e", phase="Failed", statuses=[], status={"reason": "Evicted"})
STUCK = {"conditions": [make_condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]}
UNDER_WAY = {"conditions": [make_condition("Progressing", "True", "ReplicaSetUpdated")]}


@pytest.mark.parametrize(
    ("deployment", "pods", "health", "reason"),
    [
        ({}, [make_pod()], Health.HEALTHY, ""),
        ({"ready": 0}, [CRASHING], Health.FAILING, "CrashLoopBackOff"),
        ({"ready": 2}, [make_pod(), CRASHING], Health.DEGRADED, "CrashLoopBackOff"),
        ({}, [make_pod(), CRASHING], Health.DEGRADED, "CrashLoopBackOff"),
        ({"ready": 0}, [], Health.FAILING, "NotReady"),
        ({"ready": 1, "status": STUCK}, [], Health.DEGRADED, "RolloutStuck"),
        ({"ready": 1, "status": UNDER_WAY}, [STARTING], Health.PROGRESSING, "Starting"),
        ({"status": {"updatedReplicas": 1, "replicas": 4}}, [make_pod()], Health.PROGRESSING, "RollingOut"),
        ({}, [make_pod(), RESTARTED], Health.UNSTABLE, "OOMKilled"),
        ({}, [make_pod(), EVICTED], Health.HEALTHY, ""),
        ({"replicas": 0}, [], Health.STOPPED, ""),
    ],
)
def test_the_word_fits_counts_and_pods(deployment: dict, pods: list[dict], health: Health, reason: str) -> None:
    judged = judge(DEPLOYMENTS.parse(make_deployment(**deployment)), [PODS.parse(raw) for raw in pods])

    assert (judged.health, judged.reason) == (health, reason)
    assert judged.where.startswith(("status.", "spec."))


def test_a_pod_on_its_way_out_does_not_count() -> None:
    leaving = make_pod(
        statuses=CRASHING["status"]["containerStatuses"], metadata={"deletionTimestamp": "2026-11-22T12:00:00Z"}
    )

    assert judge(DEPLOYMENTS.parse(make_deployment()), [PODS.parse(leaving)]).health is Health.HEALTHY


def test_a_daemon_set_without_a_matching_node_is_stopped() -> None:
    assert judge(DAEMON_SETS.parse(make_daemon_set(nodes=0)), []).health is Health.STOPPED


def test_what_somebody_should_look_at_comes_first() -> None:
    assert sorted(Health, key=Health.rank)[:3] == [health for health in Health if health.is_failing()]
