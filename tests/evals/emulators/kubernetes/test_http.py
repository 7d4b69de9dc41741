"""Corners of the protocol: representations, media types, methods, what is refused and how."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.resources import Resource
from tests.builders.emulated_shop import pods, shop_world

TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json"
SHOP = "/api/v1/namespaces/shop"


@pytest.fixture
async def emulator() -> AsyncIterator[KubernetesEmulator]:
    async with shop_world() as running:
        yield running


async def ask(
    emulator: KubernetesEmulator, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    sent = {
        "Authorization": f"Bearer {emulator.token_for('admin')}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    data = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    async with (
        ClientSession() as session,
        session.request(method, emulator.url + path, headers=sent, **data) as response,
    ):
        is_json = response.content_type == "application/json"
        return response.status, await response.json(content_type=None) if is_json else await response.text()


def _path(resource: Resource) -> str:
    return f"/apis/{resource.api_version}/{resource.plural}" if resource.group else f"/api/v1/{resource.plural}"


async def test_every_kind_can_be_shown_as_a_table(emulator: KubernetesEmulator) -> None:
    for resource in emulator.cluster.registry:
        if resource.stored and "create" in resource.verbs:
            status, body = await ask(emulator, "GET", _path(resource), Accept=TABLE)

            assert (status, body["kind"]) == (200, "Table"), resource
            assert all(len(row["cells"]) == len(body["columnDefinitions"]) for row in body["rows"]), resource


async def test_every_discovered_resource_is_served_and_in_the_aggregated_form_too(emulator: KubernetesEmulator) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

    _, core = await ask(emulator, "GET", "/api", Accept=accept)
    _, groups = await ask(emulator, "GET", "/apis", Accept=accept)
    _, plain = await ask(emulator, "GET", "/apis/apps/v1")

    assert core["kind"] == groups["kind"] == "APIGroupDiscoveryList"
    apps = next(item for item in groups["items"] if item["metadata"]["name"] == "apps")
    names = {entry["resource"] for entry in apps["versions"][0]["resources"]}
    assert names == {entry["name"] for entry in plain["resources"] if "/" not in entry["name"]}


async def test_open_api_documents_have_the_fields_of_a_deployment(emulator: KubernetesEmulator) -> None:
    _, index = await ask(emulator, "GET", "/openapi/v3")
    _, apps = await ask(emulator, "GET", "/openapi/v3/apis/apps/v1")
    missing, _ = await ask(emulator, "GET", "/openapi/v3/apis/nope/v1")

    assert "apis/apps/v1" in index["paths"]
    schemas = apps["components"]["schemas"]
    assert schemas["V1DeploymentSpec"]["properties"]["replicas"] == {"type": "integer"}
    assert missing == 404


async def test_only_protobuf_is_not_acceptable(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, "GET", f"{SHOP}/pods", Accept="application/vnd.kubernetes.protobuf")

    assert (status, body["reason"]) == (406, "NotAcceptable")


async def test_metadata_alone_of_one_object(emulator: KubernetesEmulator) -> None:
    accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

    _, body = await ask(emulator, "GET", f"{SHOP}/configmaps/cart-config", Accept=accept)

    assert set(body) == {"kind", "apiVersion", "metadata"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"{SHOP}/pods/x", {}, 405),
        ("GET", "/api/v1/nothing", None, 404),
        ("POST", f"{SHOP}/configmaps", b"{", 400),
        ("POST", f"{SHOP}/configmaps", {"apiVersion": "v2", "kind": "ConfigMap"}, 400),
        ("POST", f"{SHOP}/configmaps", {"kind": "Secret"}, 400),
        ("POST", f"{SHOP}/configmaps", {"metadata": {"name": "a", "namespace": "other"}}, 400),
        ("POST", f"{SHOP}/configmaps", {"metadata": {}}, 422),
        ("POST", f"{SHOP}/configmaps", {"metadata": {"name": "a", "resourceVersion": "5"}}, 400),
        ("POST", "/api/v1/configmaps", {"metadata": {"name": "a"}}, 400),
        ("PUT", f"{SHOP}/configmaps/cart-config", {"metadata": {"name": "other"}}, 400),
        ("PUT", f"{SHOP}/configmaps/none", {"metadata": {"name": "none"}}, 404),
        ("GET", f"{SHOP}/pods?limit=x", None, 400),
        ("GET", f"{SHOP}/pods?resourceVersion=x", None, 400),
        ("GET", f"{SHOP}/pods?resourceVersion=99999999", None, 504),
        ("DELETE", f"{SHOP}/configmaps/cart-config?dryRun=Some", None, 400),
        ("GET", "/apis/apps/v1/namespaces/shop/deployments/cart/nothing", None, 404),
    ],
)
async def test_what_cannot_be_done_is_refused(
    emulator: KubernetesEmulator, method: str, path: str, body: Any, status: int
) -> None:
    found, _ = await ask(emulator, method, path, body, Content_Type="application/json")

    assert found == status
    assert emulator.mutations() == []


async def test_exec_is_refused(emulator: KubernetesEmulator) -> None:
    name = pods(emulator.cluster, "cart")[0]["metadata"]["name"]

    status, body = await ask(emulator, "POST", f"{SHOP}/pods/{name}/exec?command=sh")

    assert status == 403
    assert "exec is not available on this cluster" in body["message"]


async def test_apply_needs_a_field_manager(emulator: KubernetesEmulator) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cart-config"}}

    status, body = await ask(
        emulator, "PATCH", f"{SHOP}/configmaps/cart-config", config, Content_Type="application/apply-patch+yaml"
    )

    assert status == 422
    assert body["details"]["causes"][0]["field"] == "fieldManager"


async def test_an_update_with_put_changes_the_object(emulator: KubernetesEmulator) -> None:
    _, live = await ask(emulator, "GET", f"{SHOP}/configmaps/cart-config")

    status, body = await ask(emulator, "PUT", f"{SHOP}/configmaps/cart-config", {**live, "data": {"MODE": "slow"}})
    stale, _ = await ask(emulator, "PUT", f"{SHOP}/configmaps/cart-config", live)

    assert (status, body["data"], stale) == (200, {"MODE": "slow"}, 409)


async def test_a_collection_is_deleted_by_selector(emulator: KubernetesEmulator) -> None:
    status, body = await ask(emulator, "DELETE", f"{SHOP}/pods?labelSelector=app%3Dcart")

    assert status == 200
    assert len(body["items"]) == 1
    assert all(
        "deletionTimestamp" in pod["metadata"]
        for pod in pods(emulator.cluster, "cart")
        if pod["metadata"]["name"] == body["items"][0]["metadata"]["name"]
    )


async def test_a_service_account_token_acts_as_the_account(emulator: KubernetesEmulator) -> None:
    _, token = await ask(emulator, "POST", f"{SHOP}/serviceaccounts/default/token", {"spec": {}})
    review = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}

    _, body = await ask(
        emulator,
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        review,
        Authorization=f"Bearer {token['status']['token']}",
    )

    assert body["status"]["userInfo"]["username"] == "system:serviceaccount:shop:default"


async def test_the_rules_of_a_person_are_listed(emulator: KubernetesEmulator) -> None:
    review = {"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "spec": {"namespace": "shop"}}
    as_alice = f"Bearer {emulator.token_for('alice@example.com')}"

    _, body = await ask(
        emulator, "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review, Authorization=as_alice
    )

    assert any("pods/log" in rule["resources"] for rule in body["status"]["resourceRules"])
    assert {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"]} in body[
        "status"
    ]["nonResourceRules"]


async def test_events_written_through_the_newer_api_are_read_through_the_older(emulator: KubernetesEmulator) -> None:
    event = {
        "metadata": {"name": "e1", "namespace": "shop"},
        "eventTime": "2026-11-22T10:00:00.000000Z",
        "reportingController": "x.io/controller",
        "reportingInstance": "x-1",
        "action": "Do",
        "reason": "Done",
        "regarding": {"kind": "Pod", "name": "p"},
        "note": "done",
        "type": "Normal",
    }
    status, _ = await ask(emulator, "POST", "/apis/events.k8s.io/v1/namespaces/shop/events", event)

    _, old = await ask(emulator, "GET", f"{SHOP}/events?fieldSelector=involvedObject.name%3Dp")
    _, new = await ask(emulator, "GET", "/apis/events.k8s.io/v1/namespaces/shop/events/e1")

    assert status == 201
    assert [(item["message"], item["reportingComponent"]) for item in old["items"]] == [("done", "x.io/controller")]
    assert (new["note"], new["regarding"]["name"]) == ("done", "p")
