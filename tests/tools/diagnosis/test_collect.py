import asyncio

import pytest

from tests.builders.kubernetes import make_container_status, running, terminated, waiting
from tests.builders.kubernetes_platform import make_endpoint_slice, make_event, make_service
from tests.builders.observations import FakeCluster, FakeLogs, diagnose
from tests.builders.platform_objects import make_ingress, make_route
from tests.builders.shop_faults import container, crashing, current_set, deployment, pod, pod_with
from tools.cluster.models.resources import PODS
from tools.diagnosis.reading import CONCURRENT, MAX_CALLS, Reading
from tools.errors import Forbidden, NotFound, Unavailable

FAILING = (deployment(), current_set(), crashing(), make_service(), make_endpoint_slice(ready=0, not_ready=1))


async def calls_of(*objects, **more):
    cluster, logs = FakeCluster(objects), FakeLogs({"app:previous": "panic: boom"})
    await diagnose(cluster=cluster, logs=logs, **more)
    return cluster.calls + logs.calls


async def test_a_large_namespace_costs_no_more_calls_than_a_small_one():
    strangers = [pod(f"other{number}", of="other-5d6") for number in range(2000)]
    for stranger in strangers:
        stranger["metadata"]["labels"] = {"app": "other"}

    assert await calls_of(*FAILING, *strangers) == await calls_of(*FAILING)


async def test_a_workload_of_many_bad_pods_costs_a_bounded_number_of_calls():
    many = [
        pod(f"p{number}", statuses=[make_container_status("app", waiting("CrashLoopBackOff"), restartCount=number)])
        for number in range(200)
    ]

    assert len(await calls_of(deployment(replicas=200), current_set(), *many)) <= 25


async def test_every_read_is_scoped_and_no_secret_is_read():
    calls = await calls_of(*FAILING)

    assert not any("secrets" in call for call in calls)
    assert "list pods" in calls


@pytest.mark.parametrize(
    "plural", ["pods", "replicasets", "events", "services", "endpointslices", "horizontalpodautoscalers"]
)
async def test_what_may_not_be_read_is_said_and_never_a_crash(plural):
    found = await diagnose(cluster=FakeCluster(FAILING, forbidden=[plural]), logs={"app:previous": "panic: boom"})

    assert any(f"not allowed to read {plural}" in why for why in found.not_read)


async def test_everything_unreadable_but_the_workload_is_inconclusive():
    plurals = ["pods", "replicasets", "events", "services", "endpointslices", "horizontalpodautoscalers"]

    found = await diagnose(cluster=FakeCluster(FAILING, forbidden=plurals))

    assert found.verdict == "inconclusive"
    assert found.next_steps
    assert "could not be told" in found.summary


async def test_a_part_of_the_cluster_that_does_not_answer_is_a_gap():
    broken = {"events": Unavailable("timed out", system="cluster")}

    found = await diagnose(cluster=FakeCluster(FAILING, broken=broken), logs={"app:previous": "panic: boom"})

    assert found.root_cause.cause == "app-exit-error"
    assert "events could not be read: timed out" in found.not_read


async def test_a_log_that_may_not_be_read_is_a_gap():
    logs = FakeLogs({}, error=Forbidden("no", missing="get pods/log"))

    found = await diagnose(*FAILING, logs=logs)

    assert any("get pods/log" in why for why in found.not_read)


@pytest.mark.parametrize("error", [Forbidden("no"), Unavailable("down", system="cluster")])
async def test_a_workload_that_cannot_be_read_at_all_is_an_error(error):
    with pytest.raises(type(error)):
        await diagnose(cluster=FakeCluster(FAILING, broken={"deployments": error}))


async def test_a_workload_that_is_gone_is_an_error():
    with pytest.raises(NotFound):
        await diagnose()


async def test_pods_of_another_workload_with_the_same_labels_do_not_count():
    stranger = crashing()
    stranger["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "other", "uid": "other", "controller": True}
    ]
    stranger["metadata"]["name"] = "checkout-other"

    found = await diagnose(deployment(ready=1), current_set(), pod("fine"), stranger)

    assert found.health == "healthy"


async def test_the_log_of_the_previous_run_is_read_for_what_crashed_and_the_current_one_for_what_runs():
    logs = FakeLogs({})
    unready = container(readinessProbe={"tcpSocket": {"port": 1}})

    await diagnose(deployment(), current_set(), crashing(), logs=logs)
    await diagnose(deployment(), current_set(), pod_with(running(10), box=unready, ready=False), logs=logs)
    both = pod_with(running(0.2), ready=False, restartCount=3, lastState=terminated(1))
    await diagnose(deployment(), current_set(), both, logs=logs)

    names = [call.split("/")[1] for call in logs.calls]
    assert names == ["app previous", "app", "app previous", "app"]


async def test_containers_that_never_started_have_no_log_to_read():
    logs = FakeLogs({})

    await diagnose(deployment(), current_set(), pod_with(waiting("ImagePullBackOff", "x")), logs=logs)

    assert logs.calls == []


async def test_no_more_than_a_few_requests_are_under_way_at_once():
    class Slow(FakeCluster):
        under_way = most = 0

        async def list(self, *args, **more):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.under_way -= 1
            return await super().list(*args, **more)

    slow = Slow(FAILING)
    reading = Reading(slow, FakeLogs({}), "shop-staging")
    async with asyncio.TaskGroup() as group:
        for _ in range(40):
            group.create_task(reading.list("pods", PODS))

    assert slow.most == CONCURRENT


async def test_reading_stops_at_the_bound_and_says_so():
    cluster = FakeCluster(FAILING)
    reading = Reading(cluster, FakeLogs({}), "shop-staging")

    for _ in range(MAX_CALLS + 5):
        await reading.list("pods", PODS)

    assert len(cluster.calls) == MAX_CALLS
    assert "stopped after" in reading.gaps[0].why


async def test_events_of_other_objects_are_not_taken_for_its_own():
    other = make_event("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", name="other-pod")

    found = await diagnose(*FAILING, other, logs={"app:previous": "panic: boom"})

    assert found.root_cause.cause == "app-exit-error"


CUSTOM = [
    "httproutes",
    "gateways",
    "certificates",
    "externalsecrets",
    "applications",
    "kustomizations",
    "helmreleases",
    "ingressclasses",
]


@pytest.mark.parametrize("error", [NotFound("the server could not find the requested resource"), Forbidden("no")])
async def test_kinds_that_the_cluster_does_not_have_or_does_not_show_are_simply_not_there(error):
    labels = {"app": "checkout", "kustomize.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/name": "shop"}
    labelled = deployment(metadata={"labels": labels})
    broken = dict.fromkeys(CUSTOM, error)

    found = await diagnose(
        cluster=FakeCluster([labelled, *FAILING[1:]], broken=broken), logs={"app:previous": "panic: boom"}
    )

    assert found.root_cause.cause == "app-exit-error"
    assert found.not_read == ()


async def test_the_number_of_calls_is_bounded_with_everything_around_a_workload():
    around = [make_ingress(name=f"shop{number}") for number in range(50)]
    around += [make_route(gateway=f"g{number}", metadata={"name": f"r{number}"}) for number in range(50)]

    assert len(await calls_of(*FAILING, *around)) <= 30
