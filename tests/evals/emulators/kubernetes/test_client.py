"""The official async client works on the emulator as on a server."""

from collections.abc import AsyncIterator

import pytest
from kubernetes.aio import client, watch
from kubernetes.aio.client.exceptions import ApiException

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.behaviours import Behaviour, Every
from tests.builders.emulated_shop import deployment, empty_cluster, pods, put, rolled_out, shop_world


@pytest.fixture
async def emulator() -> AsyncIterator[KubernetesEmulator]:
    async with empty_cluster() as running:
        put(running, deployment(replicas=5))
        await running.settled(rolled_out("web", 5))
        yield running


@pytest.fixture
async def api(emulator: KubernetesEmulator) -> AsyncIterator[client.ApiClient]:
    async with client.ApiClient(configured(emulator)) as found:
        yield found


def configured(emulator: KubernetesEmulator, user: str = "admin") -> client.Configuration:
    configuration = client.Configuration(host=emulator.url)
    configuration.api_key = {"BearerToken": f"Bearer {emulator.token_for(user)}"}
    return configuration


async def test_lists_with_selectors_typed(api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)

    found = await core.list_namespaced_pod(
        "shop", label_selector="app in (web),!canary", field_selector="status.phase=Running"
    )
    none = await core.list_namespaced_pod("shop", label_selector="app=other")

    assert len(found.items) == 5
    assert found.items[0].spec.containers[0].image == "web:1"
    assert none.items == []


async def test_pages_show_the_state_of_the_first_page(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    first = await core.list_namespaced_pod("shop", limit=2)
    put(emulator, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "zz", "namespace": "shop"}, "spec": _spec()})

    second = await core.list_namespaced_pod("shop", limit=2, _continue=first.metadata._continue)
    third = await core.list_namespaced_pod("shop", limit=2, _continue=second.metadata._continue)

    names = [pod.metadata.name for page in (first, second, third) for pod in page.items]
    assert len(names) == 5
    assert "zz" not in names
    assert first.metadata.remaining_item_count == 3
    assert third.metadata._continue is None


def _spec() -> dict[str, object]:
    return {"containers": [{"name": "c", "image": "x:1"}]}


async def test_a_page_token_that_is_too_old_is_gone(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    first = await core.list_namespaced_pod("shop", limit=2)
    for number in range(60):
        put(
            emulator, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}", "namespace": "shop"}}
        )
        await core.list_namespaced_pod("shop", limit=1)

    with pytest.raises(ApiException) as caught:
        await core.list_namespaced_pod("shop", limit=2, _continue=first.metadata._continue)

    assert caught.value.status == 410


async def test_a_stale_version_is_a_conflict(api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)
    body = {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 1}}

    with pytest.raises(ApiException) as caught:
        await apps.patch_namespaced_deployment("web", "shop", body)

    assert caught.value.status == 409


async def test_a_dry_run_of_a_patch_returns_the_result_and_changes_nothing(
    emulator: KubernetesEmulator, api: client.ApiClient
) -> None:
    apps = client.AppsV1Api(api)

    shown = await apps.patch_namespaced_deployment("web", "shop", {"spec": {"replicas": 9}}, dry_run="All")
    live = await apps.read_namespaced_deployment("web", "shop")

    assert (shown.spec.replicas, live.spec.replicas) == (9, 5)
    assert emulator.mutations() == []


async def test_strategic_json_merge_and_apply_patches(api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)
    containers = {
        "spec": {"template": {"spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "1"}]}]}}}
    }

    await apps.patch_namespaced_deployment("web", "shop", containers)
    await apps.patch_namespaced_deployment(
        "web", "shop", [{"op": "add", "path": "/metadata/labels", "value": {"x": "y"}}]
    )
    config = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "annotations": {"change": "c-1"}},
    }
    applied = await apps.patch_namespaced_deployment(
        "web", "shop", config, _content_type="application/apply-patch+yaml", field_manager="me"
    )

    container = applied.spec.template.spec.containers[0]
    assert (container.image, container.env[0].name) == ("web:1", "A")
    assert applied.metadata.labels == {"x": "y"}
    assert applied.metadata.annotations["change"] == "c-1"


async def test_scale_through_the_subresource(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)
    scale = await apps.read_namespaced_deployment_scale("web", "shop")

    await apps.patch_namespaced_deployment_scale("web", "shop", {"spec": {"replicas": 2}})
    await emulator.settled(rolled_out("web", 2))

    assert (scale.spec.replicas, scale.status.selector) == (5, "app=web")
    assert [request.path for request in emulator.mutations()] == ["/apis/apps/v1/namespaces/shop/deployments/web/scale"]


async def test_a_scale_with_a_stale_version_is_a_conflict(api: client.ApiClient) -> None:
    apps = client.AppsV1Api(api)

    with pytest.raises(ApiException) as caught:
        await apps.patch_namespaced_deployment_scale(
            "web", "shop", {"metadata": {"resourceVersion": "3"}, "spec": {"replicas": 2}}
        )

    assert caught.value.status == 409


async def test_a_watch_shows_what_happens_and_ends_in_time(api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    listed = await core.list_namespaced_pod("shop")
    events = watch.Watch().stream(
        core.list_namespaced_pod, "shop", resource_version=listed.metadata.resource_version, timeout_seconds=1
    )
    await core.delete_namespaced_pod(listed.items[0].metadata.name, "shop")

    seen = [(event["type"], event["object"].metadata.name) async for event in events]

    assert ("DELETED", listed.items[0].metadata.name) in seen
    assert any(kind == "ADDED" for kind, _ in seen)


async def test_a_watch_from_a_forgotten_version_says_410(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    core = client.CoreV1Api(api)
    emulator.cluster.store.compact()

    response = await core.list_namespaced_pod_without_preload_content(
        "shop", watch=True, resource_version="5", timeout_seconds=1
    )
    text = (await response.content.read()).decode()

    assert '"type":"ERROR"' in text
    assert '"reason":"Expired"' in text
    assert '"code":410' in text


async def test_logs_are_cut_as_asked() -> None:
    async with empty_cluster() as emulator, client.ApiClient(configured(emulator)) as api:
        every = Every(seconds=0.01, lines=["tick {n}"])
        emulator.cluster.behaviours.rules = [Behaviour(logs=["one", "two", "three"], every=every)]
        put(emulator, deployment(replicas=1))
        await emulator.settled(rolled_out("web", 1))
        core, name = client.CoreV1Api(api), pods(emulator.cluster, "web")[0]["metadata"]["name"]

        tail = await core.read_namespaced_pod_log(name, "shop", tail_lines=1)
        few = await core.read_namespaced_pod_log(name, "shop", limit_bytes=7)
        stamped = await core.read_namespaced_pod_log(name, "shop", timestamps=True, limit_bytes=40)

        assert tail.startswith("tick ")
        assert few == "one\ntwo"
        assert stamped.split(" ")[1].startswith("one")


async def test_a_log_needs_a_container_when_there_are_several() -> None:
    async with shop_world() as emulator, client.ApiClient(configured(emulator)) as api:
        core, name = client.CoreV1Api(api), pods(emulator.cluster, "cart")[0]["metadata"]["name"]

        with pytest.raises(ApiException) as caught:
            await core.read_namespaced_pod_log(name, "shop")

        assert caught.value.status == 400
        assert f"a container name must be specified for pod {name}, choose one of: [app sidecar]" in caught.value.body


async def test_a_log_of_a_container_that_never_ran_says_what_it_waits_for() -> None:
    async with empty_cluster() as emulator, client.ApiClient(configured(emulator)) as api:
        emulator.cluster.behaviours.rules = [Behaviour(do="image_error")]
        put(emulator, deployment(replicas=1))
        await emulator.settled(lambda c: bool(pods(c, "web")) and "containerStatuses" in pods(c, "web")[0]["status"])
        core, name = client.CoreV1Api(api), pods(emulator.cluster, "web")[0]["metadata"]["name"]

        with pytest.raises(ApiException) as caught:
            await core.read_namespaced_pod_log(name, "shop")

        assert caught.value.status == 400
        assert f'container \\"app\\" in pod \\"{name}\\" is waiting to start: ' in caught.value.body


async def test_a_disruption_budget_refuses_an_eviction(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    spec = {"minAvailable": 5, "selector": {"matchLabels": {"app": "web"}}}
    put(
        emulator,
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": spec,
        },
    )
    core, name = client.CoreV1Api(api), pods(emulator.cluster, "web")[0]["metadata"]["name"]

    with pytest.raises(ApiException) as caught:
        await core.create_namespaced_pod_eviction(name, "shop", {"metadata": {"name": name, "namespace": "shop"}})

    assert caught.value.status == 429
    assert "needs 5 healthy pods and has 5 currently" in caught.value.body


async def test_custom_objects_come_with_their_definition(emulator: KubernetesEmulator, api: client.ApiClient) -> None:
    names = {"plural": "applications", "singular": "application", "kind": "Application"}
    versions = [{"name": "v1alpha1", "served": True, "storage": True, "subresources": {"status": {}}}]
    spec = {"group": "argoproj.io", "scope": "Namespaced", "names": names, "versions": versions}
    metadata = {"name": "applications.argoproj.io"}
    put(
        emulator,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": metadata,
            "spec": spec,
        },
    )
    await emulator.settled(lambda c: c.registry.find("argoproj.io", "v1alpha1", "applications"))
    custom = client.CustomObjectsApi(api)
    place = ("argoproj.io", "v1alpha1", "shop", "applications")

    await custom.create_namespaced_custom_object(
        *place,
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"}, "spec": {"x": 1}},
    )
    found = await custom.list_namespaced_custom_object(*place)

    assert [item["spec"] for item in found["items"]] == [{"x": 1}]
    assert found["kind"] == "ApplicationList"
