"""The history of a pod template."""

from pathlib import Path

import pytest
from aiohttp import web

from tests.builders.api_server import answer, serving, write_kubeconfig
from tests.builders.kubernetes import (
    make_container,
    make_controller_revision,
    make_daemon_set,
    make_deployment,
    make_owner,
    make_pod_spec,
    make_replica_set,
    make_stateful_set,
    make_template,
    stamp,
)
from tools.cluster.kubernetes import KubernetesConnection
from tools.cluster.models.resources import DAEMON_SETS, DEPLOYMENTS, STATEFUL_SETS
from tools.cluster.revisions import history, newest_pods, same_but_for_restarts


def template(image: str, name: str = "checkout", **annotations: str) -> dict:
    return make_template(name, make_pod_spec([make_container(image=image)]), annotations or None)


@pytest.fixture
async def connect(tmp_path: Path):
    opened = []

    async def make(url: str):
        connection = await KubernetesConnection.open(name="test", kubeconfig=write_kubeconfig(tmp_path, url))
        opened.append(connection)
        return connection.acting_as(None)

    yield make
    for connection in opened:
        await connection.close()


def answering(seen: list[web.Request], *items: dict):
    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return answer({"items": list(items)})

    return handler


async def test_a_deployment_keeps_its_history_in_replica_sets(connect) -> None:
    foreign = make_replica_set("other-1", deployment="other", revision=9, metadata={"labels": {"app": "checkout"}})
    sets = [
        make_replica_set("checkout-aaa", revision=2, template=template("app:2")),
        make_replica_set("checkout-bbb", revision=10, template=template("app:10")),
        foreign,
    ]
    seen: list[web.Request] = []
    async with serving(answering(seen, *sets)) as url:
        kept = await history(await connect(url), DEPLOYMENTS.parse(make_deployment()))

    assert [(revision.number, revision.images(), revision.hash) for revision in kept] == [
        (10, ("app:10",), "bbb"),
        (2, ("app:2",), "aaa"),
    ]
    assert kept[0].template["metadata"]["labels"] == {"app": "checkout"}
    assert seen[0].query["labelSelector"] == "app=checkout"


@pytest.mark.parametrize(
    ("resource", "raw", "kind", "label"),
    [
        (DAEMON_SETS, make_daemon_set("agent"), "DaemonSet", "controller-revision-hash=bbb"),
        (STATEFUL_SETS, make_stateful_set("agent"), "StatefulSet", "controller-revision-hash=agent-bbb"),
    ],
)
async def test_other_kinds_keep_it_in_controller_revisions(connect, resource, raw, kind, label) -> None:
    owner = make_owner(kind, "agent")
    items = [
        make_controller_revision("agent-aaa", 1, owner, template("app:1", "agent")),
        make_controller_revision("agent-bbb", 2, owner, template("app:2", "agent")),
    ]
    async with serving(answering([], *items)) as url:
        kept = await history(await connect(url), resource.parse(raw))

    assert [revision.number for revision in kept] == [2, 1]
    assert kept[0].pod_label == label
    assert "$patch" not in kept[0].template


async def test_a_revision_put_back_by_a_rollback_has_the_time_of_the_rollback(connect) -> None:
    annotations = {"deployment.kubernetes.io/revision": "3", "deployment.kubernetes.io/revision-history": "1"}
    written = [{"manager": "kube-controller-manager", "operation": "Update", "time": stamp(5)}]
    reused = make_replica_set("checkout-aaa", metadata={"annotations": annotations, "managedFields": written})
    async with serving(answering([], reused)) as url:
        (revision,) = await history(await connect(url), DEPLOYMENTS.parse(make_deployment()))

    assert revision.since is not None
    assert revision.since.strftime("%Y-%m-%dT%H:%M:%SZ") == stamp(5)


async def test_pods_of_the_newest_template_are_asked_for_by_its_hash(connect) -> None:
    seen: list[web.Request] = []
    async with serving(answering(seen)) as url:
        await newest_pods(await connect(url), STATEFUL_SETS.parse(make_stateful_set("db")))

    assert seen[0].query["labelSelector"] == "app=db,controller-revision-hash=db-6f4b8d9c7"


async def test_without_a_recorded_template_there_are_no_newest_pods(connect) -> None:
    async with serving(answering([])) as url:
        assert len(await newest_pods(await connect(url), DEPLOYMENTS.parse(make_deployment()))) == 0


def test_a_restart_alone_is_no_difference() -> None:
    plain, restarted = template("app:1"), template("app:1", **{"kubectl.kubernetes.io/restartedAt": stamp()})

    assert same_but_for_restarts(plain, restarted)
    assert not same_but_for_restarts(plain, template("app:2"))
    assert not same_but_for_restarts(plain, template("app:1", other="x"))
