"""A namespace is listed once, whatever is asked of it afterwards."""

import asyncio

import pytest

from tests.builders.kubernetes import NAMESPACE, make_deployment, make_pod
from tests.builders.observations import FakeCluster
from tools.cluster.models.resources import CONFIG_MAPS, DEPLOYMENTS, PODS
from tools.diagnosis import snapshot as module
from tools.diagnosis.snapshot import MAX_OBJECTS, MAX_REQUESTS, Snapshot
from tools.errors import Forbidden, NotFound, Unavailable


def pods(count: int):
    return [make_pod(f"web-{number:04}", labels={"app": f"web-{number % 3}"}) for number in range(count)]


async def test_selectors_and_names_are_answered_from_one_listing():
    cluster = FakeCluster([*pods(6), make_deployment("web")])
    snapshot = Snapshot(cluster, [NAMESPACE])

    by_label = await snapshot.list(PODS, NAMESPACE, labels="app=web-1")
    by_set = await snapshot.list(PODS, NAMESPACE, labels="app in (web-1,web-2)", limit=3)
    by_field = await snapshot.list(PODS, NAMESPACE, fields="metadata.name=web-0002")
    one = await snapshot.get(PODS, NAMESPACE, "web-0003")

    assert [pod.name for pod in by_label] == ["web-0001", "web-0004"]
    assert (len(by_set), by_set.truncated) == (3, True)
    assert [pod.name for pod in by_field] == ["web-0002"]
    assert one.name == "web-0003"
    assert cluster.calls == ["list pods"]
    assert snapshot.requests == 1


async def test_a_name_that_the_listing_lacks_is_not_found_without_a_request():
    cluster = FakeCluster([])
    snapshot = Snapshot(cluster, [NAMESPACE])

    with pytest.raises(NotFound):
        await snapshot.get(DEPLOYMENTS, NAMESPACE, "nothing")

    assert cluster.calls == ["list deployments"]


async def test_readers_at_the_same_time_share_one_request():
    cluster = FakeCluster(pods(3))
    snapshot = Snapshot(cluster, [NAMESPACE])

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(snapshot.list(PODS, NAMESPACE, labels=f"app=web-{number}"))

    assert cluster.calls == ["list pods"]


async def test_other_namespaces_and_large_kinds_are_read_where_they_are():
    cluster = FakeCluster([make_pod("other-1", namespace="other")])
    snapshot = Snapshot(cluster, [NAMESPACE])

    elsewhere = await snapshot.list(PODS, "other", labels="app=other")
    again = await snapshot.list(PODS, "other", labels="app=other")
    with pytest.raises(NotFound):
        await snapshot.get(CONFIG_MAPS, NAMESPACE, "settings")

    assert len(elsewhere) == len(again) == 1
    assert cluster.calls == ["list pods", "get configmaps"]


async def test_what_a_cut_listing_may_lack_is_asked_for_by_selector():
    cluster = FakeCluster(pods(MAX_OBJECTS + 1))
    snapshot = Snapshot(cluster, [NAMESPACE])

    last = await snapshot.get(PODS, NAMESPACE, f"web-{MAX_OBJECTS:04}")
    whole = await snapshot.whole(PODS, NAMESPACE)

    assert last.name == f"web-{MAX_OBJECTS:04}"
    assert whole.truncated
    assert cluster.calls == ["list pods", "get pods"]


async def test_a_refusal_is_remembered():
    cluster = FakeCluster([], forbidden=["pods"])
    snapshot = Snapshot(cluster, [NAMESPACE])

    for _ in range(3):
        with pytest.raises(Forbidden):
            await snapshot.whole(PODS, NAMESPACE)

    assert cluster.calls == ["list pods"]


async def test_it_stops_asking_at_its_limit():
    cluster = FakeCluster([])
    snapshot = Snapshot(cluster, [NAMESPACE])

    for number in range(MAX_REQUESTS):
        with pytest.raises(NotFound):
            await snapshot.get(CONFIG_MAPS, NAMESPACE, f"settings-{number}")
    with pytest.raises(Unavailable, match=str(MAX_REQUESTS)):
        await snapshot.get(CONFIG_MAPS, NAMESPACE, "one-more")

    assert len(cluster.calls) == MAX_REQUESTS


def test_configmaps_are_never_listed_whole():
    assert "configmaps" not in module.WHOLE
    assert "secrets" not in module.WHOLE
