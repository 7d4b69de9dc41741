"""What is wrong with a pod at first sight."""

import pytest

from tests.builders.kubernetes import (
    make_condition,
    make_container_status,
    make_pod,
    running,
    terminated,
    waiting,
)
from tools.cluster.models.resources import PODS
from tools.cluster.pod_health import restarts_of, trouble_of


def pod(state: dict, **status) -> dict:
    return make_pod(statuses=[make_container_status(state=state, **status)])


@pytest.mark.parametrize(
    ("raw", "reason", "lasting", "where"),
    [
        (
            pod(waiting("CrashLoopBackOff", "back-off"), lastState=terminated(3), restartCount=2),
            "CrashLoopBackOff",
            True,
            "status.containerStatuses[name=app].state.waiting",
        ),
        (
            pod(waiting("ImagePullBackOff")),
            "ImagePullBackOff",
            True,
            "status.containerStatuses[name=app].state.waiting",
        ),
        (pod(waiting("ErrImagePull")), "ErrImagePull", False, "status.containerStatuses[name=app].state.waiting"),
        (pod(terminated(137, "OOMKilled")), "OOMKilled", False, "status.containerStatuses[name=app].state.terminated"),
        (
            make_pod(statuses=[], conditions=[make_condition("PodScheduled", "False", "Unschedulable", "0/3 nodes")]),
            "Unschedulable",
            False,
            "status.conditions[type=PodScheduled]",
        ),
        (make_pod(statuses=[], phase="Failed", status={"reason": "Evicted"}), "Evicted", True, "status.phase"),
        (
            make_pod(init_statuses=[make_container_status("init", waiting("CrashLoopBackOff"))], statuses=[]),
            "CrashLoopBackOff",
            True,
            "status.initContainerStatuses[name=init].state.waiting",
        ),
        (
            pod(running(), ready=False, restartCount=4, lastState=terminated(1)),
            "Error",
            False,
            "status.containerStatuses[name=app].restartCount",
        ),
    ],
)
def test_names_the_sign_and_the_field(raw: dict, reason: str, lasting: bool, where: str) -> None:
    trouble = trouble_of(PODS.parse(raw))

    assert trouble is not None
    assert (trouble.reason, trouble.lasting, trouble.where) == (reason, lasting, where)


@pytest.mark.parametrize("raw", [make_pod(), pod(waiting("ContainerCreating")), pod(terminated(0, "Completed"))])
def test_a_pod_that_runs_starts_or_ended_well_has_none(raw: dict) -> None:
    assert trouble_of(PODS.parse(raw)) is None


def test_the_last_exit_code_is_said() -> None:
    trouble = trouble_of(PODS.parse(pod(waiting("CrashLoopBackOff", "back-off 40s"), lastState=terminated(3))))

    assert trouble is not None
    assert trouble.message == "last exit code 3 (Error); back-off 40s"


def test_restarts_of_all_containers_count() -> None:
    statuses = [make_container_status("a", restartCount=2), make_container_status("b", restartCount=3)]

    assert restarts_of(PODS.parse(make_pod(statuses=statuses))) == 5
