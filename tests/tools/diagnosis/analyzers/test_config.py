import pytest

from tests.builders.kubernetes import waiting
from tests.builders.kubernetes_platform import make_config_map, make_event
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.shop_faults import POD, container, current_set, deployment, pod_with
from tools.contract import Verdict


def refers_to(kind, name, key=""):
    ref = {"name": name, "key": key}
    return container(env=[{"name": "A", "valueFrom": {kind: ref}}])


def waits(message, box):
    return pod_with(waiting("CreateContainerConfigError", message), box=box)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('configmap "checkout-config" not found', "the ConfigMap checkout-config does not exist"),
        ('secret "checkout-db" not found', "the Secret checkout-db does not exist"),
        (
            "couldn't find key DATABASE_URL in Secret shop-staging/checkout-db",
            "the key DATABASE_URL is missing in the Secret checkout-db",
        ),
        (
            "couldn't find key LOG_LEVEL in ConfigMap shop-staging/checkout-config",
            "the key LOG_LEVEL is missing in the ConfigMap checkout-config",
        ),
    ],
)
async def test_names_the_object_or_key_that_is_missing(message, words):
    found = await diagnose(deployment(), current_set(), waits(message, container()))

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert words in found.summary
    assert found.verdict is Verdict.CONFIRMED


async def test_names_the_nearest_key_that_the_configmap_has():
    box = refers_to("configMapKeyRef", "checkout-config", "DB_URL")
    pod = waits("couldn't find key DB_URL in ConfigMap shop-staging/checkout-config", box)

    found = await diagnose(deployment(), current_set(), pod, make_config_map("checkout-config", DB_URI="secret-value"))

    assert "Is DB_URI meant?" in found.root_cause.explanation
    assert "secret-value" not in found.model_dump_json()


async def test_secrets_are_never_read():
    cluster = FakeCluster(
        [deployment(), current_set(), waits('secret "db" not found', refers_to("secretKeyRef", "db", "URL"))]
    )

    await diagnose(cluster=cluster)

    assert not any("secrets" in call for call in cluster.calls)


async def test_a_configmap_that_exists_by_now_suggests_a_restart():
    pod = waits('configmap "checkout-config" not found', refers_to("configMapKeyRef", "checkout-config", "A"))

    found = await diagnose(deployment(), current_set(), pod, make_config_map("checkout-config", A="1"))

    assert "exists now" in found.root_cause.explanation
    assert [action.tool for action in found.actions] == ["restart_workload"]


async def test_a_configmap_volume_that_is_missing_is_seen_in_the_mount_event():
    pod = pod_with(waiting("ContainerCreating"))
    event = make_event(
        "FailedMount", 'MountVolume.SetUp failed for volume "config" : configmap "checkout-config" not found', name=POD
    )

    found = await diagnose(deployment(), current_set(), pod, event)

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert "the ConfigMap checkout-config does not exist" in found.summary


async def test_a_key_missing_in_a_volume_is_traced_to_its_configmap():
    pod = pod_with(waiting("ContainerCreating"))
    pod["spec"]["volumes"] = [
        {"name": "config", "configMap": {"name": "checkout-config", "items": [{"key": "app.yaml", "path": "app.yaml"}]}}
    ]
    text = 'MountVolume.SetUp failed for volume "config" : configmap references non-existent config key: app.yaml'

    found = await diagnose(deployment(), current_set(), pod, make_event("FailedMount", text, name=POD))

    assert "the key app.yaml is missing in the ConfigMap checkout-config" in found.summary


async def test_a_container_that_may_not_run_as_root_is_a_different_cause():
    pod = waits('container has runAsNonRoot and image will run as root (pod: "x", container: app)', container())

    found = await diagnose(deployment(), current_set(), pod)

    assert found.root_cause.cause == "config-nonroot"


async def test_a_configmap_that_may_not_be_read_is_said_and_does_not_hide_the_cause():
    box = refers_to("configMapKeyRef", "checkout-config", "A")
    objects = [deployment(), current_set(), waits('configmap "checkout-config" not found', box)]

    found = await diagnose(cluster=FakeCluster(objects, forbidden=["configmaps"]))

    assert found.root_cause.cause == "config-missing-configmap-or-secret"
    assert any("configmaps" in why for why in found.not_read)


async def test_a_hook_that_fails_is_told():
    found = await diagnose(deployment(), current_set(), pod_with(waiting("PostStartHookError", "exit 1")))

    assert found.root_cause.cause == "poststart-hook"
