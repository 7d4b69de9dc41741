import pytest

from tests.builders.kubernetes import make_condition, make_pod_spec
from tests.builders.kubernetes_platform import make_node, make_series_event
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.shop_faults import POD, container, current_set, deployment, pod, unscheduled
from tools.contract import Verdict
from tools.diagnosis.analyzers.scheduling import reasons

TAIL = " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."

MESSAGES = {
    "0/3 nodes are available: 3 Insufficient cpu.": "sched-insufficient-cpu",
    "0/3 nodes are available: 3 Insufficient memory.": "sched-insufficient-memory",
    "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.": "sched-insufficient-extended",
    "0/3 nodes are available: 2 Too many pods, 1 node(s) had untolerated taint(s).": "sched-too-many-pods",
    "0/3 nodes are available: 3 node(s) had untolerated taint(s).": "sched-taint",
    "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}.": "sched-taint",
    "0/3 nodes are available: 3 node(s) had taints that the pod didn't tolerate.": "sched-taint",
    "0/3 nodes are available: 3 node(s) had taint {dedicated: gpu}, that the pod didn't tolerate.": "sched-taint",
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.": "sched-affinity",
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.": "sched-pod-affinity",
    "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.": "sched-topology-spread",
    "0/3 nodes are available: 3 node(s) were unschedulable.": "sched-unschedulable-node",
    "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.": "sched-host-port",
    "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found": "sched-pvc-unbound",
    '0/3 nodes are available: persistentvolumeclaim "data-0" not found.': "sched-pvc-unbound",
    "0/3 nodes are available: 3 node(s) had volume node affinity conflict.": "sched-volume-zone",
    "0/3 nodes are available: 3 node(s) exceed max volume count.": "sched-volume-limit",
}


@pytest.mark.parametrize("message", MESSAGES)
async def test_knows_the_grammar_of_the_scheduler_of_1_36_and_before(message):
    found = await diagnose(deployment(), current_set(), unscheduled(message + TAIL))

    assert found.root_cause.cause == MESSAGES[message]
    assert found.verdict is Verdict.CONFIRMED


def test_the_reason_of_the_nodes_that_got_furthest_comes_first():
    message = (
        "0/6 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu, "
        "3 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }."
    )

    found = reasons(message)

    assert [(one.nodes, one.cause) for one in found] == [
        (2, "sched-insufficient-cpu"),
        (3, "sched-taint"),
        (1, "sched-unschedulable-node"),
    ]


async def test_a_request_larger_than_every_node_can_never_fit():
    box = container(resources={"requests": {"cpu": "64"}})

    found = await diagnose(
        deployment(), current_set(), unscheduled("0/1 nodes are available: 1 Insufficient cpu.", box=box), make_node()
    )

    assert "each asks for 64" in found.summary
    assert "can never fit" in found.root_cause.explanation


async def test_taints_that_1_36_does_not_name_are_read_from_the_nodes():
    node = make_node(taints=[{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}])

    found = await diagnose(
        deployment(), current_set(), unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint(s)."), node
    )

    assert "dedicated=gpu:NoSchedule" in found.summary


async def test_nodes_that_may_not_be_read_do_not_hide_the_cause():
    objects = [deployment(), current_set(), unscheduled("0/1 nodes are available: 1 Insufficient memory.")]

    found = await diagnose(cluster=FakeCluster(objects, forbidden=["nodes"]))

    assert found.root_cause.cause == "sched-insufficient-memory"
    assert "not allowed to read nodes" in found.not_read[0]


async def test_the_event_of_the_new_recorder_is_enough():
    pending = pod(statuses=[], phase="Pending", spec=make_pod_spec([container()]), conditions=[])
    event = make_series_event("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", name=POD, count=4)

    found = await diagnose(deployment(), current_set(), pending, event)

    assert found.root_cause.cause == "sched-insufficient-cpu"


async def test_a_selector_that_no_node_has_is_shown():
    pending = unscheduled(
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", nodeSelector={"disk": "ssd"}
    )

    found = await diagnose(deployment(), current_set(), pending)

    assert "(disk=ssd)" in found.summary


async def test_a_scheduling_gate_is_not_called_a_lack_of_room():
    gated = pod(
        statuses=[],
        phase="Pending",
        spec=make_pod_spec([container()], schedulingGates=[{"name": "kueue.x-k8s.io/admission"}]),
        conditions=[make_condition("PodScheduled", "False", "SchedulingGated", "Scheduling is blocked")],
    )

    found = await diagnose(deployment(), current_set(), gated)

    assert found.root_cause.cause == "sched-gated"
    assert "kueue" in found.summary


async def test_a_pod_that_found_its_node_is_no_finding():
    event = make_series_event("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", name=POD)

    found = await diagnose(deployment(ready=1), current_set(), pod(), event)

    assert found.health == "healthy"


async def test_a_taint_on_the_very_nodes_that_the_selector_fits_is_what_binds():
    message = (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 didn't match Pod's node affinity/selector."
    )
    gpu = make_node("gpu-1", taints=[{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}])
    gpu["metadata"]["labels"] |= {"pool": "gpu"}

    found = await diagnose(
        deployment(), current_set(), unscheduled(message, nodeSelector={"pool": "gpu"}), gpu, make_node()
    )

    assert found.root_cause.cause == "sched-taint"
    assert "dedicated=gpu:NoSchedule" in found.summary
