"""Workloads of the emulator really move: rollouts, crash loops, healing, in the order a cluster has them."""

import asyncio
from contextlib import suppress

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.behaviours import Behaviour, Match
from evals.emulators.kubernetes.catalogue import CONFIGMAPS, DEPLOYMENTS, EVENTS, NODES, PODS, REPLICA_SETS, SLICES
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.objects import Json, annotations_of, condition, copy_json, dig, name_of
from evals.emulators.kubernetes.store import Change
from tests.builders.emulated_shop import (
    available,
    deployment,
    empty_cluster,
    pods,
    put,
    rolled_out,
    shop_world,
    waiting_reason,
)

READY = {"readinessProbe": {"httpGet": {"port": 80}}}


def edit(emulator: KubernetesEmulator, name: str, **changes: object) -> None:
    """Change the first container of a Deployment."""
    old = emulator.cluster.store.get(DEPLOYMENTS, "shop", name)
    assert old is not None
    new = copy_json(old)
    new["spec"]["template"]["spec"]["containers"][0].update(changes)
    emulator.cluster.writer.update(DEPLOYMENTS, old, new)


def messages(cluster: Cluster, reason: str) -> list[str]:
    return [event["message"] for event in cluster.store.items(EVENTS, "shop") if event["reason"] == reason]


async def test_a_rolling_update_never_has_fewer_available_pods_than_allowed() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=8, **READY))
        await emulator.settled(rolled_out("web", 8))
        seen: list[int] = []

        def watch(change: Change) -> None:
            if change.resource.shelf in ("pods", DEPLOYMENTS.shelf):
                seen.append(sum(1 for pod in pods(emulator.cluster, "web") if _serves(pod)))

        emulator.cluster.store.listen(watch)
        edit(emulator, "web", image="web:2")
        await emulator.settled(rolled_out("web", 8))

        assert min(seen) == 6
        assert all(pod["spec"]["containers"][0]["image"] == "web:2" for pod in pods(emulator.cluster, "web"))


def _serves(pod: Json) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True" and "deletionTimestamp" not in pod["metadata"]


async def test_a_rollout_makes_a_revision_and_says_how_it_scales() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=1))
        await emulator.settled(rolled_out("web", 1))

        edit(emulator, "web", image="web:2")
        await emulator.settled(rolled_out("web", 1))

        sets = emulator.cluster.store.items(REPLICA_SETS, "shop")
        revisions = {
            annotations_of(item)["deployment.kubernetes.io/revision"]: item["spec"]["replicas"] for item in sets
        }
        assert revisions == {"1": 0, "2": 1}
        new = next(name_of(item) for item in sets if item["spec"]["replicas"])
        assert f"Scaled up replica set {new} from 0 to 1" in messages(emulator.cluster, "ScalingReplicaSet")


async def test_a_rollback_reuses_the_old_replica_set_as_a_new_revision() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=2))
        await emulator.settled(rolled_out("web", 2))
        first = name_of(emulator.cluster.store.items(REPLICA_SETS, "shop")[0])
        edit(emulator, "web", image="web:2")
        await emulator.settled(rolled_out("web", 2))

        edit(emulator, "web", image="web:1")
        await emulator.settled(rolled_out("web", 2))

        found = emulator.cluster.store.get(REPLICA_SETS, "shop", first)
        assert found is not None
        assert found["spec"]["replicas"] == 2
        assert annotations_of(found)["deployment.kubernetes.io/revision"] == "3"
        assert annotations_of(found)["deployment.kubernetes.io/revision-history"] == "1"


async def test_only_as_many_revisions_stay_as_the_limit_says() -> None:
    async with empty_cluster() as emulator:
        body = deployment(replicas=1)
        body["spec"]["revisionHistoryLimit"] = 1
        put(emulator, body)
        for number in range(2, 5):
            await emulator.settled(rolled_out("web", 1))
            edit(emulator, "web", image=f"web:{number}")
        await emulator.settled(rolled_out("web", 1))

        await emulator.settled(lambda cluster: len(cluster.store.items(REPLICA_SETS, "shop")) == 2)


async def test_scaling_leaves_the_revision_and_moves_pods() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=2))
        await emulator.settled(rolled_out("web", 2))
        old = emulator.cluster.store.get(DEPLOYMENTS, "shop", "web")
        assert old is not None

        emulator.cluster.writer.update(DEPLOYMENTS, old, {**old, "spec": {**old["spec"], "replicas": 5}})
        await emulator.settled(rolled_out("web", 5))

        assert len(emulator.cluster.store.items(REPLICA_SETS, "shop")) == 1


async def test_recreate_stops_every_old_pod_before_it_starts_a_new_one() -> None:
    async with empty_cluster() as emulator:
        body = deployment(replicas=2)
        body["spec"]["strategy"] = {"type": "Recreate"}
        put(emulator, body)
        await emulator.settled(rolled_out("web", 2))
        images: list[set[str]] = []
        emulator.cluster.store.listen(
            lambda _: images.append({pod["spec"]["containers"][0]["image"] for pod in pods(emulator.cluster, "web")})
        )

        edit(emulator, "web", image="web:2")
        await emulator.settled(rolled_out("web", 2))

        assert {"web:1", "web:2"} not in images
        assert set() in images


async def test_a_crash_loop_counts_restarts_and_heals_with_a_good_image() -> None:
    async with empty_cluster(speed=500) as emulator:
        emulator.cluster.behaviours.rules = [Behaviour(match=Match(image="web:bad"), do="exit", exit_code=3)]
        put(emulator, deployment(image="web:bad", replicas=1))
        await emulator.settled(lambda c: _restarts(c) >= 3 and waiting_reason(c, "web") == "CrashLoopBackOff")
        pod = pods(emulator.cluster, "web")[0]
        assert dig(pod, "status", "containerStatuses", 0, "lastState", "terminated", "exitCode") == 3

        edit(emulator, "web", image="web:good")

        await emulator.settled(rolled_out("web", 1))
        assert waiting_reason(emulator.cluster, "web") == ""


def _restarts(cluster: Cluster) -> int:
    return sum(dig(pod, "status", "containerStatuses", 0, "restartCount") or 0 for pod in pods(cluster, "web"))


async def test_an_oom_kill_heals_when_the_limit_is_raised() -> None:
    async with empty_cluster() as emulator:
        rule = Behaviour(match=Match(memory_limit_below="256Mi"), do="oom")
        emulator.cluster.behaviours.rules = [rule]
        put(emulator, deployment(replicas=1, resources={"limits": {"memory": "128Mi"}}))
        await emulator.settled(lambda c: _last_reason(c) == "OOMKilled")

        edit(emulator, "web", resources={"limits": {"memory": "512Mi"}, "requests": {"memory": "512Mi"}})

        await emulator.settled(rolled_out("web", 1))
        assert _last_reason(emulator.cluster) == ""


def _last_reason(cluster: Cluster) -> str:
    found = pods(cluster, "web")
    status = dig(found[0], "status", "containerStatuses", 0) if found else None
    return str(dig(status, "lastState", "terminated", "reason") or dig(status, "state", "terminated", "reason") or "")


async def test_a_missing_config_map_is_named_and_its_creation_heals() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=1, envFrom=[{"configMapRef": {"name": "settings"}}]))
        await emulator.settled(lambda c: waiting_reason(c, "web") == "CreateContainerConfigError")
        waiting = dig(pods(emulator.cluster, "web")[0], "status", "containerStatuses", 0, "state", "waiting")
        assert waiting["message"] == 'configmap "settings" not found'

        emulator.cluster.writer.create(CONFIGMAPS, "shop", {"metadata": {"name": "settings"}})

        await emulator.settled(rolled_out("web", 1))


async def test_a_missing_key_is_named() -> None:
    async with empty_cluster() as emulator:
        reference = {"configMapKeyRef": {"name": "settings", "key": "URL"}}
        emulator.cluster.writer.create(CONFIGMAPS, "shop", {"metadata": {"name": "settings"}, "data": {"A": "b"}})
        put(emulator, deployment(replicas=1, env=[{"name": "URL", "valueFrom": reference}]))

        await emulator.settled(lambda c: waiting_reason(c, "web") == "CreateContainerConfigError")

        assert "Error: couldn't find key URL in ConfigMap shop/settings" in messages(emulator.cluster, "Failed")


async def test_a_volume_without_its_config_map_does_not_mount() -> None:
    async with empty_cluster() as emulator:
        body = deployment(replicas=1, volumeMounts=[{"name": "config", "mountPath": "/etc/app"}])
        body["spec"]["template"]["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "settings"}}]
        put(emulator, body)
        await emulator.settled(lambda c: messages(c, "FailedMount") != [])
        assert messages(emulator.cluster, "FailedMount") == [
            'MountVolume.SetUp failed for volume "config" : configmap "settings" not found'
        ]

        emulator.cluster.writer.create(CONFIGMAPS, "shop", {"metadata": {"name": "settings"}})

        await emulator.settled(rolled_out("web", 1))


async def test_an_image_that_cannot_be_pulled_backs_off_with_the_error() -> None:
    async with empty_cluster() as emulator:
        error = 'failed to resolve reference "{image}": 401 Unauthorized'
        emulator.cluster.behaviours.rules = [Behaviour(do="image_error", message=error)]
        put(emulator, deployment(replicas=1, image="r.example.com/web:9"))

        await emulator.settled(lambda c: waiting_reason(c, "web") == "ImagePullBackOff")

        waiting = dig(pods(emulator.cluster, "web")[0], "status", "containerStatuses", 0, "state", "waiting")
        assert waiting["message"].startswith(
            'Back-off pulling image "r.example.com/web:9": ErrImagePull: failed to resolve'
        )
        assert "401 Unauthorized" in waiting["message"]
        assert "Error: ImagePullBackOff" in messages(emulator.cluster, "Failed")


async def test_a_failing_readiness_probe_keeps_the_pod_out_of_the_service() -> None:
    async with empty_cluster() as emulator:
        emulator.cluster.behaviours.rules = [
            Behaviour(do="readiness", message="HTTP probe failed with statuscode: 500")
        ]
        put(emulator, deployment(replicas=1, **READY))
        service = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
        put(
            emulator,
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": service},
        )

        await emulator.settled(lambda c: messages(c, "Unhealthy") != [])

        assert messages(emulator.cluster, "Unhealthy") == [
            "Readiness probe failed: HTTP probe failed with statuscode: 500"
        ]
        ends = dig(emulator.cluster.store.items(SLICES, "shop")[0], "endpoints")
        assert [end["conditions"]["ready"] for end in ends] == [False]
        assert available(emulator.cluster, "web") == 0


async def test_a_failing_liveness_probe_restarts_the_container() -> None:
    async with empty_cluster(speed=200) as emulator:
        emulator.cluster.behaviours.rules = [Behaviour(do="liveness")]
        put(emulator, deployment(replicas=1, livenessProbe={"httpGet": {"port": 80}}))

        await emulator.settled(lambda c: _restarts(c) >= 1)

        assert "Container app failed liveness probe, will be restarted" in messages(emulator.cluster, "Killing")


async def test_a_rollout_that_does_not_finish_exceeds_its_deadline() -> None:
    async with empty_cluster() as emulator:
        emulator.cluster.behaviours.rules = [Behaviour(do="image_error")]
        body = deployment(replicas=1)
        body["spec"]["progressDeadlineSeconds"] = 20
        put(emulator, body)

        await emulator.settled(lambda c: _progress(c)["reason"] == "ProgressDeadlineExceeded")

        name = name_of(emulator.cluster.store.items(REPLICA_SETS, "shop")[0])
        assert _progress(emulator.cluster)["message"] == f'ReplicaSet "{name}" has timed out progressing.'


def _progress(cluster: Cluster) -> Json:
    return condition(cluster.store.get(DEPLOYMENTS, "shop", "web") or {}, "Progressing") or {"reason": ""}


async def test_a_pod_that_fits_nowhere_says_why_in_the_schedulers_words() -> None:
    async with empty_cluster(nodes=3) as emulator:
        tainted = emulator.cluster.store.get(NODES, "", "node-2")
        assert tainted is not None
        taint = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}
        emulator.cluster.writer.update(NODES, tainted, {**tainted, "spec": {"taints": [taint]}})
        put(emulator, deployment(replicas=1, resources={"requests": {"memory": "32Gi"}}))

        await emulator.settled(
            lambda c: bool(pods(c, "web")) and condition(pods(c, "web")[0], "PodScheduled") is not None
        )

        scheduled = condition(pods(emulator.cluster, "web")[0], "PodScheduled")
        assert scheduled is not None
        assert scheduled["reason"] == "Unschedulable"
        assert scheduled["message"].startswith(
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. "
        )
        assert messages(emulator.cluster, "FailedScheduling") == [scheduled["message"]]


async def test_a_pending_pod_is_scheduled_when_a_node_comes() -> None:
    async with empty_cluster(nodes=0) as emulator:
        put(emulator, deployment(replicas=1))
        await emulator.settled(lambda c: messages(c, "FailedScheduling") == ["no nodes available to schedule pods"])

        put(
            emulator,
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": "late"},
                "status": {"capacity": {"cpu": "1", "pods": "9"}},
            },
        )

        await emulator.settled(rolled_out("web", 1))


async def test_pods_that_a_quota_refuses_are_reported_by_their_replica_set() -> None:
    async with empty_cluster() as emulator:
        quota = {"metadata": {"name": "small", "namespace": "shop"}, "spec": {"hard": {"pods": "1"}}}
        put(emulator, {"apiVersion": "v1", "kind": "ResourceQuota", **quota})
        put(emulator, deployment(replicas=2))

        await emulator.settled(lambda c: messages(c, "FailedCreate") != [])

        assert (
            "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"
            in messages(emulator.cluster, "FailedCreate")[0]
        )
        failure = condition(emulator.cluster.store.get(DEPLOYMENTS, "shop", "web") or {}, "ReplicaFailure")
        assert failure is not None
        assert failure["reason"] == "FailedCreate"


async def test_a_container_heals_when_the_service_it_needs_is_ready() -> None:
    async with empty_cluster() as emulator:
        needy = Behaviour(
            match=Match(workload="web", while_not_ready="db"), do="exit", logs=["dial tcp: db:5432: connection refused"]
        )
        emulator.cluster.behaviours.rules = [needy]
        put(emulator, deployment(replicas=1))
        await emulator.settled(lambda c: waiting_reason(c, "web") == "CrashLoopBackOff")

        put(emulator, deployment("db", "postgres:17", 1))
        service = {"selector": {"app": "db"}, "ports": [{"port": 5432}]}
        put(
            emulator,
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": service},
        )

        await emulator.settled(rolled_out("web", 1))


async def test_deleting_a_deployment_takes_its_pods_along() -> None:
    async with empty_cluster() as emulator:
        put(emulator, deployment(replicas=2))
        await emulator.settled(rolled_out("web", 2))
        found = emulator.cluster.store.get(DEPLOYMENTS, "shop", "web")
        assert found is not None

        emulator.cluster.writer.delete(DEPLOYMENTS, found)

        await emulator.settled(lambda c: not c.store.items(PODS, "shop") and not c.store.items(REPLICA_SETS, "shop"))


async def test_a_stateful_set_starts_its_pods_in_order_with_claims() -> None:
    async with empty_cluster() as emulator:
        storage = {"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}
        put(
            emulator,
            {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "csi.example.com", **storage},
        )
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        body = deployment("db", "postgres:17", 2)
        body["kind"] = "StatefulSet"
        body["spec"]["serviceName"] = "db"
        body["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
        put(emulator, body)

        await emulator.settled(lambda c: sum(1 for pod in pods(c, "db") if _serves(pod)) == 2)

        assert [name_of(pod) for pod in pods(emulator.cluster, "db")] == ["db-0", "db-1"]
        assert messages(emulator.cluster, "SuccessfulCreate")[:2] == [
            "create Pod db-0 in StatefulSet db successful",
            "create Pod db-1 in StatefulSet db successful",
        ]


async def test_a_daemon_set_has_one_pod_on_each_node_that_takes_it() -> None:
    async with empty_cluster(nodes=3) as emulator:
        node = emulator.cluster.store.get(NODES, "", "node-1")
        assert node is not None
        emulator.cluster.writer.update(
            NODES, node, {**node, "spec": {"taints": [{"key": "x", "effect": "NoSchedule"}]}}
        )
        body = deployment("agent")
        body["kind"] = "DaemonSet"
        del body["spec"]["replicas"]
        put(emulator, body)

        await emulator.settled(lambda c: sum(1 for pod in pods(c, "agent") if _serves(pod)) == 2)

        assert {dig(pod, "spec", "nodeName") for pod in pods(emulator.cluster, "agent")} == {"node-0", "node-2"}


async def test_a_job_completes_and_a_failing_one_gives_up() -> None:
    async with empty_cluster(speed=2000) as emulator:
        emulator.cluster.behaviours.rules = [Behaviour(match=Match(workload="bad"), do="exit", exit_code=1)]
        for name in ("good", "bad"):
            template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "job:1"}]}}
            spec = {"backoffLimit": 1, "template": template}
            put(
                emulator,
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "metadata": {"name": name, "namespace": "shop"},
                    "spec": spec,
                },
            )
        jobs = emulator.cluster.registry.of_plural("batch", "jobs")
        assert jobs is not None

        await emulator.settled(lambda c: condition(c.store.get(jobs, "shop", "good") or {}, "Complete") is not None)
        await emulator.settled(lambda c: condition(c.store.get(jobs, "shop", "bad") or {}, "Failed") is not None)

        failed = condition(emulator.cluster.store.get(jobs, "shop", "bad") or {}, "Failed")
        assert failed is not None
        assert failed["reason"] == "BackoffLimitExceeded"


async def test_a_world_begins_as_an_incident_of_some_time_ago() -> None:
    async with shop_world() as emulator:
        found = emulator.cluster.store.get(DEPLOYMENTS, "shop", "checkout")
        restarts = [
            s["restartCount"] for pod in pods(emulator.cluster, "checkout") for s in pod["status"]["containerStatuses"]
        ]

        progress = condition(found or {}, "Progressing")

        assert progress is not None
        assert progress["reason"] == "ProgressDeadlineExceeded"
        assert max(restarts) in range(6, 10)
        assert available(emulator.cluster, "checkout") == 3
        events = [event for event in emulator.cluster.store.items(EVENTS, "shop") if event["reason"] == "BackOff"]
        assert all(event["count"] > 3 for event in events)
        assert events


async def test_time_stands_still_while_the_emulator_is_paused() -> None:
    async with empty_cluster() as emulator:
        emulator.paused = True
        put(emulator, deployment(replicas=1))

        with suppress(TimeoutError):
            await emulator.settled(rolled_out("web", 1), timeout_seconds=0.2)
        await asyncio.sleep(0)

        assert pods(emulator.cluster, "web") == []
