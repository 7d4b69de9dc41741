"""Garbage, schedules, claims and updates in order."""

from datetime import UTC, datetime, timedelta

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.behaviours import Behaviour, Match
from evals.emulators.kubernetes.catalogue import (
    CLAIMS,
    DEPLOYMENTS,
    EVENTS,
    JOBS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
)
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.objects import Json, copy_json, dig, name_of, pod_ready
from evals.emulators.kubernetes.writes import DeleteOptions
from tests.builders.emulated_shop import deployment, empty_cluster, pods, put, rolled_out


async def test_foreground_deletion_keeps_the_owner_until_the_last_pod_is_gone() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=2))
        await emulator.settled(rolled_out("web", 2))
        order: list[str] = []
        emulator.cluster.store.listen(
            lambda change: order.append(change.object["kind"]) if change.type == "DELETED" else None
        )
        found = emulator.cluster.store.get(DEPLOYMENTS, "shop", "web")
        assert found is not None

        emulator.cluster.writer.delete(DEPLOYMENTS, found, DeleteOptions(propagation="Foreground"))
        await emulator.settled(lambda c: c.store.get(DEPLOYMENTS, "shop", "web") is None)

        kinds = [kind for kind in order if kind in ("Pod", "ReplicaSet", "Deployment")]
        assert kinds == ["Pod", "Pod", "ReplicaSet", "Deployment"]


async def test_orphans_live_on_without_an_owner() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=1))
        await emulator.settled(rolled_out("web", 1))
        found = emulator.cluster.store.get(DEPLOYMENTS, "shop", "web")
        assert found is not None

        emulator.cluster.writer.delete(DEPLOYMENTS, found, DeleteOptions(propagation="Orphan"))
        await emulator.settled(lambda c: c.store.get(DEPLOYMENTS, "shop", "web") is None)

        sets = emulator.cluster.store.items(REPLICA_SETS, "shop")
        assert ["ownerReferences" in item["metadata"] for item in sets] == [False]


async def test_a_namespace_goes_with_everything_in_it() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=2))
        await emulator.settled(rolled_out("web", 2))
        found = emulator.cluster.store.get(NAMESPACES, "", "shop")
        assert found is not None

        emulator.cluster.writer.delete(NAMESPACES, found)

        await emulator.settled(lambda c: c.store.get(NAMESPACES, "", "shop") is None)
        assert emulator.cluster.store.items(PODS, "shop") == []


async def test_a_cron_job_starts_jobs_on_time_and_keeps_few() -> None:
    moment = [datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC)]
    async with KubernetesEmulator(clock=lambda: moment[0]) as emulator:
        emulator.paused = True
        _node(emulator)
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "job:1"}]}}
        spec = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template}}}
        put(
            emulator,
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "report", "namespace": "shop"},
                "spec": spec,
            },
        )

        emulator.cluster.play(moment[0] + timedelta(minutes=31))

        jobs = emulator.cluster.store.items(JOBS, "shop")
        started = [
            event for event in emulator.cluster.store.items(EVENTS, "shop") if event["reason"] == "SuccessfulCreate"
        ]
        cron = emulator.cluster.registry.of_plural("batch", "cronjobs")
        assert cron is not None
        found = emulator.cluster.store.get(cron, "shop", "report")
        assert len(jobs) == 3
        assert len([event for event in started if event["involvedObject"]["kind"] == "CronJob"]) == 6
        assert dig(found, "status", "lastScheduleTime") == "2026-11-22T10:30:00Z"


def _node(emulator: KubernetesEmulator) -> None:
    capacity = {"cpu": "4", "memory": "8Gi", "pods": "50"}
    put(emulator, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"capacity": capacity}})
    put(emulator, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})


def _claim(storage_class: str) -> Json:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": storage_class,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop"},
        "spec": spec,
    }


async def test_a_claim_of_an_unknown_class_stays_pending_and_so_does_its_pod() -> None:
    async with empty_cluster() as emulator:
        put(emulator, _claim("gone"))
        body = deployment(replicas=1, volumeMounts=[{"name": "data", "mountPath": "/data"}])
        volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
        body["spec"]["template"]["spec"]["volumes"] = [volume]
        put(emulator, body)
        await emulator.settled(lambda c: "FailedScheduling" in _reasons(c))

        texts = {event["reason"]: event["message"] for event in emulator.cluster.store.items(EVENTS, "shop")}

        assert texts["ProvisioningFailed"] == 'storageclass.storage.k8s.io "gone" not found'
        assert texts["FailedScheduling"].startswith(
            "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
        )

        put(
            emulator,
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": "gone"},
                "provisioner": "x",
            },
        )
        await emulator.settled(rolled_out("web", 1))
        claim = emulator.cluster.store.get(CLAIMS, "shop", "data")
        assert dig(claim, "status", "phase") == "Bound"


def _reasons(cluster: Cluster) -> set[str]:
    return {event["reason"] for event in cluster.store.items(EVENTS, "shop")}


async def test_a_claim_may_wait_for_its_first_consumer() -> None:
    async with empty_cluster() as emulator:
        late = {"provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"}
        put(emulator, {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "late"}, **late})
        put(emulator, _claim("late"))

        await emulator.settled(lambda c: "WaitForFirstConsumer" in _reasons(c))

        assert dig(emulator.cluster.store.get(CLAIMS, "shop", "data"), "status", "phase") == "Pending"


async def test_a_stateful_set_updates_the_highest_ordinal_first() -> None:
    async with empty_cluster() as emulator:
        body = deployment("db", "postgres:17", 2)
        body["kind"] = "StatefulSet"
        body["spec"]["serviceName"] = "db"
        put(emulator, body)
        await emulator.settled(lambda c: _ready(c, "postgres:17") == ["db-0", "db-1"])
        gone: list[str] = []
        emulator.cluster.store.listen(
            lambda change: (
                gone.append(name_of(change.object))
                if change.type == "DELETED" and change.object["kind"] == "Pod"
                else None
            )
        )
        old = emulator.cluster.store.get(STATEFUL_SETS, "shop", "db")
        new = copy_json(old)
        new["spec"]["template"]["spec"]["containers"][0]["image"] = "postgres:18"

        emulator.cluster.writer.update(STATEFUL_SETS, old or {}, new)
        await emulator.settled(lambda c: _ready(c, "postgres:18") == ["db-0", "db-1"])

        assert gone == ["db-1", "db-0"]


def _ready(cluster: Cluster, image: str) -> list[str]:
    found = [pod for pod in pods(cluster, "db") if pod["spec"]["containers"][0]["image"] == image]
    return [name_of(pod) for pod in found if pod_ready(pod)]


async def test_init_containers_run_one_after_the_other_before_the_rest() -> None:
    async with empty_cluster(speed=100) as emulator:
        emulator.cluster.behaviours.rules = [Behaviour(match=Match(container="second"), do="exit", exit_code=7)]
        body = deployment(replicas=1)
        spec = body["spec"]["template"]["spec"]
        spec["initContainers"] = [{"name": "first", "image": "i:1"}, {"name": "second", "image": "i:2"}]
        put(emulator, body)

        await emulator.settled(lambda c: bool(pods(c, "web")) and (_init(c, 1, "restartCount") or 0) > 1)

        assert _init(emulator.cluster, 0, "state")["terminated"]["reason"] == "Completed"
        status = pods(emulator.cluster, "web")[0]["status"]
        assert status["phase"] == "Pending"
        assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}


def _init(cluster: Cluster, index: int, field: str) -> Json:
    return dig(pods(cluster, "web")[0], "status", "initContainerStatuses", index, field)  # type: ignore[no-any-return]
