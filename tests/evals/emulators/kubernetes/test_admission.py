"""What is refused, defaulted or warned about when objects are written."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.catalogue import CONFIGMAPS, DEPLOYMENTS, PODS, SECRETS, SERVICES
from evals.emulators.kubernetes.decoding import check_fields
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.objects import Json, copy_json, dig
from evals.emulators.kubernetes.pod_security import violations
from evals.emulators.kubernetes.writes import WriteOptions
from tests.builders.emulated_shop import deployment, empty_cluster, put


@pytest.fixture
async def emulator() -> AsyncIterator[KubernetesEmulator]:
    async with empty_cluster() as running:
        running.paused = True
        yield running


def pod(name: str = "p", **container: Any) -> Json:
    spec = {"containers": [{"name": "c", "image": "nginx:1", **container}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def refusal(emulator: KubernetesEmulator, obj: Json) -> ApiError:
    with pytest.raises(ApiError) as caught:
        put(emulator, obj)
    return caught.value


async def test_a_limit_range_gives_defaults_and_notes_them(emulator: KubernetesEmulator) -> None:
    limit = {"type": "Container", "default": {"memory": "128Mi"}, "defaultRequest": {"memory": "64Mi"}}
    put(
        emulator,
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "l", "namespace": "shop"},
            "spec": {"limits": [limit]},
        },
    )

    found = put(emulator, pod())

    resources = found["spec"]["containers"][0]["resources"]
    assert resources == {"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    assert found["status"]["qosClass"] == "Burstable"
    note = found["metadata"]["annotations"]["kubernetes.io/limit-ranger"]
    assert note == "LimitRanger plugin set: memory request for container c; memory limit for container c"


async def test_a_quota_of_memory_needs_limits_and_counts_them(emulator: KubernetesEmulator) -> None:
    quota = {"metadata": {"name": "mem", "namespace": "shop"}, "spec": {"hard": {"limits.memory": "1Gi"}}}
    put(emulator, {"apiVersion": "v1", "kind": "ResourceQuota", **quota})
    put(emulator, pod("first", resources={"limits": {"memory": "768Mi"}}))

    missing = refusal(emulator, pod("second"))
    over = refusal(emulator, pod("third", resources={"limits": {"memory": "512Mi"}}))

    assert missing.message == 'pods "second" is forbidden: failed quota: mem: must specify limits.memory for: c'
    assert over.message == (
        'pods "third" is forbidden: exceeded quota: mem, requested: limits.memory=512Mi, used: limits.memory=768Mi, '
        "limited: limits.memory=1Gi"
    )


async def test_an_unknown_service_account_is_refused(emulator: KubernetesEmulator) -> None:
    body = pod()
    body["spec"]["serviceAccountName"] = "ghost"

    assert 'serviceaccount "ghost" not found' in refusal(emulator, body).message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicas": -1}, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ({"selector": None}, "spec.selector: Required value"),
        (
            {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {}}},
            "spec.template.spec.containers: Required value",
        ),
    ],
)
async def test_a_workload_that_cannot_be_is_invalid(emulator: KubernetesEmulator, change: Json, message: str) -> None:
    body = deployment()
    body["spec"].update(change)

    error = refusal(emulator, body)

    assert error.code == 422
    assert message in error.message


@pytest.mark.parametrize("name", ["Web", "web_1", "-web", "web-", "we b"])
async def test_a_bad_name_is_invalid(emulator: KubernetesEmulator, name: str) -> None:
    error = refusal(emulator, pod(name))

    assert error.message.startswith(
        f'Pod "{name}" is invalid: metadata.name: Invalid value: "{name}": a lowercase RFC 1123 subdomain'
    )


async def test_requests_above_limits_are_invalid(emulator: KubernetesEmulator) -> None:
    error = refusal(emulator, pod(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}))

    assert "must be less than or equal to cpu limit of 1" in error.message


async def test_what_may_not_change_does_not(emulator: KubernetesEmulator) -> None:
    old = put(emulator, pod())
    new = copy_json(old)
    new["spec"]["containers"][0]["args"] = ["x"]

    with pytest.raises(ApiError, match="pod updates may not change fields other than"):
        emulator.cluster.writer.update(PODS, old, new)

    new = copy_json(old)
    new["spec"]["containers"][0]["image"] = "nginx:2"
    assert dig(emulator.cluster.writer.update(PODS, old, new), "spec", "containers", 0, "image") == "nginx:2"


async def test_an_immutable_secret_stays_as_it_is(emulator: KubernetesEmulator) -> None:
    old = put(
        emulator,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s", "namespace": "shop"},
            "immutable": True,
            "data": {"a": "eA=="},
        },
    )

    with pytest.raises(ApiError, match="field is immutable when `immutable` is set"):
        emulator.cluster.writer.update(SECRETS, old, {**old, "data": {"a": "eQ=="}})


async def test_text_for_a_secret_is_stored_encoded(emulator: KubernetesEmulator) -> None:
    found = put(
        emulator,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s", "namespace": "shop"},
            "stringData": {"a": "x"},
        },
    )

    assert (found["data"], "stringData" in found, found["type"]) == ({"a": "eA=="}, False, "Opaque")


async def test_an_update_that_changes_nothing_keeps_the_version(emulator: KubernetesEmulator) -> None:
    old = put(emulator, deployment())

    same = emulator.cluster.writer.update(DEPLOYMENTS, old, copy_json(old))

    assert same["metadata"]["resourceVersion"] == old["metadata"]["resourceVersion"]


async def test_a_finalizer_holds_an_object_until_it_is_taken_out(emulator: KubernetesEmulator) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "shop", "finalizers": ["x.io/hold"]},
    }
    created = put(emulator, body)

    marked, gone = emulator.cluster.writer.delete(CONFIGMAPS, created)
    free = copy_json(marked)
    free["metadata"]["finalizers"] = []
    emulator.cluster.writer.update(CONFIGMAPS, marked, free)

    assert not gone
    assert "deletionTimestamp" in marked["metadata"]
    assert emulator.cluster.store.get(CONFIGMAPS, "shop", "c") is None


async def test_a_service_gets_an_address_and_defaults(emulator: KubernetesEmulator) -> None:
    found = put(
        emulator,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "s", "namespace": "shop"},
            "spec": {"ports": [{"port": 80}]},
        },
    )

    assert found["spec"]["clusterIP"].startswith("10.96.")
    assert found["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]


async def test_a_dry_run_warns_without_storing(emulator: KubernetesEmulator) -> None:
    labels = {"pod-security.kubernetes.io/warn": "baseline"}
    put(emulator, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "safe", "labels": labels}})
    options = WriteOptions(dry_run=True)
    body = deployment(securityContext={"privileged": True})

    emulator.cluster.writer.create(DEPLOYMENTS, "safe", body, options)

    text = 'privileged (container "app" must not set securityContext.privileged=true)'
    assert options.warnings == [f'would violate PodSecurity "baseline:latest": {text}']
    assert emulator.cluster.store.items(DEPLOYMENTS, "safe") == []


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"hostNetwork": True}, "host namespaces (hostNetwork=true)"),
        ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, 'hostPath volumes (volume "v")'),
    ],
)
def test_baseline_names_what_a_pod_may_not_have(spec: Json, text: str) -> None:
    assert violations("baseline", {"containers": [], **spec}) == [text]


def test_a_wrong_type_is_refused_before_anything_else() -> None:
    with pytest.raises(ApiError) as caught:
        check_fields(DEPLOYMENTS, deployment(replicas="three"), "Ignore")  # type: ignore[arg-type]

    assert caught.value.message == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct '
        "field Deployment.spec.replicas of type int32"
    )


def test_unknown_fields_are_dropped_with_a_warning_for_each() -> None:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "labelz": {}}, "spec": {"prots": []}}

    warnings = check_fields(SERVICES, body, "Warn")

    assert warnings == ['unknown field "metadata.labelz"', 'unknown field "spec.prots"']
    assert body == {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}}


def test_a_quantity_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ApiError, match="quantities must match the regular expression"):
        check_fields(PODS, pod(resources={"limits": {"memory": "lots"}}), "Warn")
