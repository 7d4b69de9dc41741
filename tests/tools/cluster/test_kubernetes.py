"""The adapter against a server that answers as a test says."""

import asyncio
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from tests.builders.api_server import answer, failure, serving, write_kubeconfig
from tests.builders.kubernetes import make_deployment, make_pod
from tools.cluster.kubernetes import KubernetesConnection
from tools.cluster.models.resources import DEPLOYMENTS, PODS
from tools.cluster.port import Actor
from tools.contract import ObjectRef
from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale, ToolError, Unavailable


class Script:
    """Answers in order, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: web.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        chosen = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(chosen, Exception):
            request.transport.abort()
            raise chosen
        return web.Response(status=chosen.status, body=chosen.body, headers=chosen.headers)


@pytest.fixture
async def opened():
    connections: list[KubernetesConnection] = []

    async def connect(kubeconfig: str, **options) -> KubernetesConnection:
        connections.append(await KubernetesConnection.open(name="prod", kubeconfig=kubeconfig, **options))
        return connections[-1]

    yield connect
    for connection in connections:
        await connection.close()


def pods(count: int, start: int = 0) -> list[dict]:
    return [make_pod(f"p-{number}") for number in range(start, start + count)]


def page(items: list[dict], token: str = "") -> web.Response:
    return answer({"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": token}, "items": items})


async def test_sends_one_header_per_group(opened, tmp_path: Path) -> None:
    script = Script(page([]))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(
            Actor("alice@example.com", ("dev", "oncall"))
        )

        await cluster.list(PODS, "shop")

    headers = script.requests[0].headers
    assert headers["Impersonate-User"] == "alice@example.com"
    assert headers.getall("Impersonate-Group") == ["dev", "oncall"]
    assert headers["Authorization"] == "Bearer token"


async def test_people_who_ask_at_the_same_time_are_not_mixed_up(opened, tmp_path: Path) -> None:
    script = Script(page([]))
    async with serving(script) as url:
        connection = await opened(write_kubeconfig(tmp_path, url))
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(connection.acting_as(Actor(f"u{number}", (f"g{number}",))).list(PODS, f"n{number}"))

    seen = {
        (r.path.split("/")[4], r.headers["Impersonate-User"], *r.headers.getall("Impersonate-Group"))
        for r in script.requests
    }
    assert seen == {(f"n{number}", f"u{number}", f"g{number}") for number in range(20)}


async def test_the_operator_impersonates_nobody(opened, tmp_path: Path) -> None:
    script = Script(page([]))
    async with serving(script) as url:
        await (await opened(write_kubeconfig(tmp_path, url))).acting_as(None).list(PODS, "shop")

    assert not [name for name in script.requests[0].headers if name.lower().startswith("impersonate")]


@pytest.mark.parametrize(
    "actor", [Actor("system:admin"), Actor("alice", ("system:masters",)), Actor(""), Actor("a\nb")]
)
async def test_refuses_built_in_and_broken_identities(opened, tmp_path: Path, actor: Actor) -> None:
    connection = await opened(write_kubeconfig(tmp_path, "http://127.0.0.1:1"))

    with pytest.raises(Forbidden):
        connection.acting_as(actor)


async def test_reads_all_pages_and_sends_selectors_with_each(opened, tmp_path: Path) -> None:
    script = Script(page(pods(250), "next+/="), page(pods(50, 250)))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        found = await cluster.list(PODS, "shop", labels="app in (a,b)", fields="status.phase!=Failed")

    assert (len(found), found.truncated, found[299].name) == (300, False, "p-299")
    assert [r.query["labelSelector"] for r in script.requests] == ["app in (a,b)"] * 2
    assert [r.query["fieldSelector"] for r in script.requests] == ["status.phase!=Failed"] * 2
    assert [r.query.get("continue") for r in script.requests] == [None, "next+/="]


async def test_says_when_the_limit_cut_the_list(opened, tmp_path: Path) -> None:
    script = Script(page(pods(250), "a"), page(pods(50, 250), "b"))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        found = await cluster.list(PODS, None, limit=300)

    assert (len(found), found.truncated) == (300, True)
    assert [r.query["limit"] for r in script.requests] == ["250", "50"]


async def test_reads_a_list_again_once_when_its_token_expired(opened, tmp_path: Path) -> None:
    gone = failure(410, "Expired", "The provided continue parameter is too old")
    script = Script(page(pods(250), "t"), gone, page(pods(250), "u"), page(pods(1, 250)))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        found = await cluster.list(PODS, "shop")

    assert len(found) == 251


async def test_a_list_that_expires_twice_is_unavailable(opened, tmp_path: Path) -> None:
    script = Script(failure(410, "Expired", "too old"))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(Unavailable):
            await cluster.list(PODS, "shop")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_repeats_a_read_that_failed_for_a_moment(opened, tmp_path: Path, status: int) -> None:
    script = Script(failure(status, "Any", "busy"), answer(make_pod("p")))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        pod = await cluster.get(PODS, "shop", "p")

    assert pod.name == "p"


async def test_repeats_a_read_whose_connection_broke(opened, tmp_path: Path) -> None:
    script = Script(ConnectionResetError(), answer(make_pod("p")))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        assert (await cluster.get(PODS, "shop", "p")).name == "p"


async def test_gives_up_at_once_when_the_server_asks_for_a_long_pause(opened, tmp_path: Path) -> None:
    script = Script(answer({"message": "busy"}, 429, Retry_After="60"))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(Unavailable) as caught:
            await cluster.get(PODS, "shop", "p")

    assert len(script.requests) == 1
    assert caught.value.system == "cluster"
    assert "prod" in caught.value.message


async def test_never_repeats_a_write(opened, tmp_path: Path) -> None:
    script = Script(failure(503, "ServiceUnavailable", "busy"))
    ref = ObjectRef(cluster="prod", namespace="shop", kind="Deployment", name="checkout")
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(Unavailable):
            await cluster.patch(DEPLOYMENTS, ref, {"spec": {"replicas": 1}})

    assert len(script.requests) == 1


async def test_a_patch_is_strict_named_and_never_forced(opened, tmp_path: Path) -> None:
    script = Script(answer(make_deployment(), Audit_Id="a-1", Warning='299 - "unknown field \\"x\\""'))
    ref = ObjectRef(cluster="prod", namespace="shop", kind="Deployment", name="checkout")
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        stored = await cluster.patch(DEPLOYMENTS, ref, {"spec": {"replicas": 1}}, dry_run=True)

    sent = script.requests[0]
    assert dict(sent.query) == {"fieldManager": "infra-assistant", "fieldValidation": "Strict", "dryRun": "All"}
    assert sent.headers["Content-Type"] == "application/strategic-merge-patch+json"
    assert script.bodies[0] == b'{"spec": {"replicas": 1}}'
    assert (stored.audit_id, stored.warnings) == ("a-1", ('unknown field "x"',))


async def test_a_creation_is_strict_and_carries_its_kind(opened, tmp_path: Path) -> None:
    script = Script(answer(make_deployment(), 201, Audit_Id="a-2"))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        stored = await cluster.create(DEPLOYMENTS, "shop", {"metadata": {"name": "checkout"}})

    sent = script.requests[0]
    assert (sent.method, sent.path) == ("POST", "/apis/apps/v1/namespaces/shop/deployments")
    assert dict(sent.query) == {"fieldManager": "infra-assistant", "fieldValidation": "Strict"}
    assert orjson.loads(script.bodies[0]) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "checkout"},
    }
    assert stored.audit_id == "a-2"


async def test_a_name_that_is_taken_is_told_apart_from_a_conflict(opened, tmp_path: Path) -> None:
    script = Script(failure(409, "AlreadyExists", 'deployments.apps "checkout" already exists'))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(InvalidArgs, match="already exists"):
            await cluster.create(DEPLOYMENTS, "shop", {"metadata": {"name": "checkout"}})


async def test_a_deletion_names_the_very_object(opened, tmp_path: Path) -> None:
    script = Script(answer({"kind": "Status", "status": "Success"}, Audit_Id="a-3"))
    ref = ObjectRef(cluster="prod", namespace="shop", kind="Pod", name="p-1", uid="u-1")
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        await cluster.delete(PODS, ref, resource_version="7", dry_run=True)
        stored = await cluster.delete(PODS, ref, propagation="Foreground")

    rehearsed, sent = (orjson.loads(body) for body in script.bodies)
    assert (script.requests[1].method, script.requests[1].path) == ("DELETE", "/api/v1/namespaces/shop/pods/p-1")
    assert rehearsed == {
        "preconditions": {"uid": "u-1", "resourceVersion": "7"},
        "propagationPolicy": "Background",
        "dryRun": ["All"],
    }
    assert sent == {"preconditions": {"uid": "u-1"}, "propagationPolicy": "Foreground"}
    assert [dict(request.query) for request in script.requests] == [{"dryRun": "All"}, {}]
    assert stored.audit_id == "a-3"


async def test_nothing_is_deleted_by_name_alone(opened, tmp_path: Path) -> None:
    script = Script(answer({}))
    ref = ObjectRef(cluster="prod", namespace="shop", kind="Pod", name="p-1")
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(InvalidArgs, match="by name alone"):
            await cluster.delete(PODS, ref)

    assert script.requests == []


async def test_another_object_of_that_name_makes_a_deletion_stale(opened, tmp_path: Path) -> None:
    script = Script(failure(409, "Conflict", "the UID in the precondition does not match the UID in record"))
    ref = ObjectRef(cluster="prod", namespace="shop", kind="Pod", name="p-1", uid="u-1")
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(PlanStale):
            await cluster.delete(PODS, ref)

    assert len(script.requests) == 1


async def test_raw_comes_without_managed_fields(opened, tmp_path: Path) -> None:
    body = make_deployment(metadata={"managedFields": [{"manager": "kubectl"}]})
    async with serving(Script(answer(body))) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        assert "managedFields" not in (await cluster.raw(DEPLOYMENTS, "shop", "checkout"))["metadata"]


@pytest.mark.parametrize("name", ["../../secrets/x", "..", "a/b", "a?b", "", "a" * 300])
async def test_a_name_cannot_leave_its_path_segment(opened, tmp_path: Path, name: str) -> None:
    script = Script(answer({"kind": "PodList", "items": []}))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(InvalidArgs):
            await cluster.get(PODS, "shop", name)

    assert script.requests == []


async def test_a_token_that_expired_is_loaded_again(opened, tmp_path: Path) -> None:
    script = Script(failure(401, "Unauthorized", "Unauthorized"), answer(make_pod("p")))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url, "old"))).acting_as(None)
        write_kubeconfig(tmp_path, url, "new")

        await cluster.get(PODS, "shop", "p")

    assert [r.headers["Authorization"] for r in script.requests] == ["Bearer old", "Bearer new"]


async def test_says_which_cluster_is_silent_and_what_to_do(opened, tmp_path: Path) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async with serving(never) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url), timeout_seconds=0.05)).acting_as(None)

        with pytest.raises(Unavailable, match=r'"prod" could not list pods in shop: no answer within 0\.05 s'):
            await cluster.list(PODS, "shop")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (failure(401, "Unauthorized", "Unauthorized"), Forbidden),
        (failure(403, "Forbidden", "no"), Forbidden),
        (failure(404, "NotFound", 'pods "p" not found'), NotFound),
        (failure(409, "Conflict", "modified"), PlanStale),
        (failure(415, "UnsupportedMediaType", "no"), InvalidArgs),
        (failure(422, "Invalid", "no"), InvalidArgs),
        (failure(500, "InternalError", "no"), Unavailable),
        (web.Response(status=502, text="bad gateway"), Unavailable),
        (web.Response(status=200, text="<html>log in</html>"), Unavailable),
        (web.Response(status=200, text="[]"), Unavailable),
        (ConnectionResetError(), Unavailable),
    ],
)
async def test_no_class_of_a_vendor_escapes(opened, tmp_path: Path, given, error: type[ToolError]) -> None:
    async with serving(Script(given)) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(None)

        with pytest.raises(error) as caught:
            await cluster.get(PODS, "shop", "p")

    assert type(caught.value).__module__.startswith("tools.")


async def test_a_port_nobody_listens_on_is_unavailable(opened, tmp_path: Path) -> None:
    cluster = (await opened(write_kubeconfig(tmp_path, "http://127.0.0.1:1"))).acting_as(None)

    with pytest.raises(Unavailable, match="prod"):
        await cluster.server_version()


@pytest.mark.parametrize("text", ["", "nonsense: [", "{}", '{"current-context": "gone", "contexts": []}'])
async def test_a_broken_kubeconfig_is_said_with_its_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken"
    path.write_text(text)

    with pytest.raises(Unavailable, match="broken"):
        await KubernetesConnection.open(name="prod", kubeconfig=str(path))


async def test_a_missing_kubeconfig_is_said_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="absent"):
        await KubernetesConnection.open(name="prod", kubeconfig=str(tmp_path / "absent"))


async def test_outside_a_pod_the_service_account_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="service account"):
        await KubernetesConnection.open(name="prod", in_cluster=True)


async def test_asks_the_server_what_the_person_may_do(opened, tmp_path: Path) -> None:
    script = Script(answer({"status": {"allowed": True, "reason": "RBAC"}}, 201))
    async with serving(script) as url:
        cluster = (await opened(write_kubeconfig(tmp_path, url))).acting_as(Actor("alice"))

        access = await cluster.can_i("patch", DEPLOYMENTS, "shop", "checkout")

    assert (access.allowed, access.reason) == (True, "RBAC")
    assert (
        b'{"verb": "patch", "group": "apps", "resource": "deployments", "namespace": "shop", "name": "checkout"}'
        in script.bodies[0]
    )
