import pytest

from tests.builders.kubernetes import make_condition, running
from tests.builders.kubernetes_platform import make_event, make_node
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod
from tools.contract import Verdict


def lost():
    unready = [make_condition("PodScheduled"), make_condition("Ready", "False")]
    return pod(conditions=unready)


async def test_a_silent_node_explains_pods_whose_containers_look_fine():
    silent = make_condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")

    found = await diagnose(deployment(), current_set(), lost(), make_node(conditions=[silent]))

    assert found.root_cause.cause == "node-not-ready"
    assert found.verdict is Verdict.CONFIRMED
    assert "node-001 has stopped reporting" in found.summary


@pytest.mark.parametrize(
    ("kind", "words"), [("MemoryPressure", "memory"), ("DiskPressure", "disk space"), ("PIDPressure", "process ids")]
)
async def test_pressure_on_the_node_is_found(kind, words):
    node = make_node(conditions=[make_condition("Ready"), make_condition(kind, "True", "KubeletHas")])

    found = await diagnose(deployment(), current_set(), lost(), node)

    assert found.root_cause.cause == "node-pressure"
    assert words in found.summary


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        (
            "Evicted",
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. Container app was using"
            " 900Mi, request is 128Mi, has larger consumption of memory. ",
            "pod-evicted",
        ),
        ("Evicted", 'Container app exceeded its local ephemeral storage limit "1Gi". ', "pod-evicted-ephemeral"),
        ("OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu", "kubelet-admission-rejected"),
        ("NodeShutdown", "Pod was terminated in response to imminent node shutdown.", "node-rebooted"),
    ],
)
async def test_pods_that_their_node_put_out_are_found_while_they_are_missed(reason, message, cause):
    gone = pod(phase="Failed", statuses=[], conditions=[], status={"reason": reason, "message": message})

    found = await diagnose(deployment(), current_set(), gone, make_node())

    assert found.root_cause.cause == cause


async def test_left_overs_of_an_eviction_are_history_when_all_pods_are_ready():
    gone = pod("gone", phase="Failed", statuses=[], conditions=[], status={"reason": "Evicted", "message": "x"})

    found = await diagnose(deployment(ready=1), current_set(), gone, pod("fine"))

    assert found.health == "healthy"


async def test_a_bad_node_without_pods_of_the_workload_is_not_its_cause():
    other = make_node("node-009", ready="False")

    found = await diagnose(deployment(ready=1), current_set(), pod(statuses=None), other)

    assert found.health == "healthy"
    assert running()


async def test_a_node_that_cannot_free_disk_space_is_told():
    event = make_event(
        "ImageGCFailed", "wanted to free 10 GiB, freed 0", kind="Node", name="node-001", namespace="default"
    )
    evicted = pod(
        phase="Failed",
        statuses=[],
        status={"reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."},
    )

    found = await diagnose(deployment(), current_set(), evicted, make_node(), event)

    assert "node-disk-gc" in [one.cause for one in (found.root_cause, *found.effects, *found.others)]
