import pytest

from tests.builders.kubernetes import make_metadata, make_pod_spec, waiting
from tests.builders.kubernetes_platform import make_claim, make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import POD, container, current_set, deployment, pod_with, unscheduled
from tools.contract import Verdict

VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
UNBOUND = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"


def waits_for_mount():
    spec = make_pod_spec([container()], nodeName="node-001", volumes=VOLUMES)
    return pod_with(waiting("ContainerCreating"), spec=spec)


def storage_class(name, mode="Immediate"):
    meta = make_metadata("StorageClass", name, None)
    return {"kind": "StorageClass", "metadata": meta, "provisioner": "csi.example", "volumeBindingMode": mode}


def on_claim(reason, message, severity="Warning"):
    return make_event(reason, message, kind="PersistentVolumeClaim", name="data", severity=severity)


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        (
            "FailedAttachVolume",
            'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
            "volume-multi-attach",
        ),
        (
            "FailedAttachVolume",
            'AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = NotFound desc = volume not found',
            "volume-attach-failed",
        ),
        (
            "FailedMount",
            'MountVolume.SetUp failed for volume "data" : mount failed: exit status 32',
            "volume-mount-failed",
        ),
        (
            "FailedMount",
            'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = bad superblock',
            "volume-mount-failed",
        ),
    ],
)
async def test_a_volume_that_does_not_come_is_told_by_its_event(reason, message, cause):
    found = await diagnose(deployment(), current_set(), waits_for_mount(), make_event(reason, message, name=POD))

    assert found.root_cause.cause == cause
    assert found.verdict is Verdict.CONFIRMED


async def test_a_claim_of_a_class_that_does_not_exist_explains_the_unplaced_pod():
    pending = unscheduled(UNBOUND, volumes=VOLUMES)
    claim = make_claim("data", phase="Pending", storage_class="fast")
    event = on_claim("ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')

    found = await diagnose(deployment(), current_set(), pending, claim, event)

    assert found.root_cause.cause == "pvc-provisioning-failed"
    assert "the storage class fast, which does not exist" in found.summary
    assert [one.cause for one in found.effects] == ["sched-pvc-unbound"]


async def test_a_claim_without_class_in_a_cluster_without_default_is_told():
    pending = unscheduled(UNBOUND, volumes=VOLUMES)
    claim = make_claim("data", phase="Pending", storage_class=None)
    text = "no persistent volumes available for this claim and no storage class is set"

    found = await diagnose(deployment(), current_set(), pending, claim, on_claim("FailedBinding", text, "Normal"))

    assert found.root_cause.cause == "pvc-provisioning-failed"
    assert "names no storage class" in found.summary


async def test_a_claim_that_waits_for_its_first_pod_is_no_cause():
    pending = unscheduled("0/3 nodes are available: 3 Insufficient cpu.", volumes=VOLUMES)
    claim = make_claim("data", phase="Pending", storage_class="local")
    event = on_claim("WaitForFirstConsumer", "waiting for first consumer to be created before binding", "Normal")

    found = await diagnose(
        deployment(), current_set(), pending, claim, storage_class("local", "WaitForFirstConsumer"), event
    )

    assert found.root_cause.cause == "sched-insufficient-cpu"
    assert "pvc-provisioning-failed" not in [one.cause for one in (*found.effects, *found.others)]


async def test_a_lost_volume_is_said_plainly():
    pending = unscheduled(UNBOUND, volumes=VOLUMES)

    found = await diagnose(deployment(), current_set(), pending, make_claim("data", phase="Lost"))

    assert found.root_cause.cause == "pvc-lost"
    assert "is gone" in found.summary


async def test_the_generic_timeout_beside_a_missing_configmap_is_left_to_the_configmap():
    generic = make_event(
        "FailedMount",
        "Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[]: timed out",
        name=POD,
    )
    real = make_event(
        "FailedMount", 'MountVolume.SetUp failed for volume "config" : configmap "app" not found', name=POD
    )

    found = await diagnose(deployment(), current_set(), waits_for_mount(), generic, real)

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert found.others == ()


async def test_a_mount_that_failed_before_the_container_ran_is_no_finding():
    old = make_event("FailedMount", 'MountVolume.SetUp failed for volume "data" : timed out', name=POD)

    found = await diagnose(deployment(ready=1), current_set(), pod_with({"running": {}}), old)

    assert found.health == "healthy"


async def test_a_volume_that_cannot_grow_is_a_cause_of_a_pod_that_is_not_ready():
    event = make_event("VolumeResizeFailed", "expansion is not allowed by the storage class", name=POD)

    found = await diagnose(deployment(), current_set(), pod_with(waiting("ContainerCreating")), event)

    assert found.root_cause.cause == "volume-resize-failed"
