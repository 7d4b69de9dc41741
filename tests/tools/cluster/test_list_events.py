"""Events of an environment or of one workload."""

from datetime import timedelta

import pytest

from tests.builders.kubernetes import NOW
from tests.builders.kubernetes_platform import make_event, make_series_event
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.list_events import ListEventsArgs, ListEventsResult, group_events, list_events
from tools.cluster.models.resources import EVENTS
from tools.errors import NotFound

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db")
NEW_IMAGE = {
    "at": "-20m",
    "object": {"kind": "Deployment", "name": "checkout", "namespace": NAMESPACE},
    "set_image": {"app": "shop/app:2"},
}


async def listed(small: SmallCluster, name: str | None = None, since_minutes: int = 60) -> ListEventsResult:
    args = ListEventsArgs(environment=NAMESPACE, workload=name, since_minutes=since_minutes)
    return await list_events(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def grouped(*raw: dict):
    return group_events([EVENTS.parse(event) for event in raw])


def test_repeats_of_one_reason_on_one_object_are_one_group() -> None:
    (group,) = grouped(
        make_event("BackOff", "old", count=3, minutes_ago=9, first_minutes_ago=20),
        make_event("BackOff", "new", count=4, minutes_ago=2),
    )

    assert (group.count, group.evidence.text) == (7, "new")
    assert group.first_at == NOW - timedelta(minutes=20)
    assert group.evidence.at == NOW - timedelta(minutes=2)


def test_both_recorders_are_read() -> None:
    scheduler, kubelet = grouped(
        make_event("Pulled", minutes_ago=5, severity="Normal"),
        make_series_event("FailedScheduling", "0/3 nodes are available", last_minutes_ago=1, count=12),
    )

    assert (scheduler.reason, scheduler.count, scheduler.evidence.where) == (
        "FailedScheduling",
        12,
        "event FailedScheduling (default-scheduler)",
    )
    assert (kubelet.reason, kubelet.type) == ("Pulled", "Normal")


def test_other_objects_and_reasons_stay_apart_newest_first() -> None:
    groups = grouped(
        make_event("A", name="p1", minutes_ago=3),
        make_event("A", name="p2", minutes_ago=1),
        make_event("B", name="p1", minutes_ago=2),
    )

    assert [(group.object.rpartition("/")[2], group.reason) for group in groups] == [
        ("p2", "A"),
        ("p1", "B"),
        ("p1", "A"),
    ]


async def test_events_of_a_workload_include_pods_that_are_gone(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), workload("StatefulSet", "db"), steps=[NEW_IMAGE]) as small:
        result = await listed(small, "checkout")

    reasons = {group.reason for group in result.groups}
    assert {"Killing", "ScalingReplicaSet"} <= reasons
    assert not [group for group in result.groups if "/db" in group.object]
    assert result.observed()[0].name == "checkout"
    times = [group.evidence.at for group in result.groups]
    assert times == sorted(times, reverse=True)


async def test_without_a_workload_all_of_the_environment_are_listed(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), workload("StatefulSet", "db")) as small:
        result = await listed(small)

    assert {group.object.rpartition("/")[2].partition("-")[0] for group in result.groups} >= {"checkout", "db"}
    assert result.observed() == ()


async def test_old_events_are_left_out(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        assert (await listed(small, since_minutes=1)).groups == ()


async def test_an_unknown_workload_is_not_found(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(NotFound):
            await listed(small, "nothing")
