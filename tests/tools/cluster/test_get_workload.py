"""One workload: what it should be and what runs."""

import pytest

from tests.builders.small_cluster import FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.get_workload import MAX_PODS, GetWorkloadArgs, GetWorkloadResult, get_workload
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "DaemonSet/agent", "CronJob/report")
CONTAINER = make_app(
    env=[
        {"name": "TOKEN", "value": "hunter2"},
        {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "url", "optional": True}}},
        {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "mode", "optional": True}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ],
    envFrom=[{"secretRef": {"name": "all", "optional": True}}],
    resources={"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    command=["/bin/app"],
    args=["--port", "8080"],
)


async def got(small: SmallCluster, name: str = "checkout") -> GetWorkloadResult:
    args = GetWorkloadArgs(workload=name)
    return await get_workload(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def test_shows_the_template_without_any_value(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(containers=[CONTAINER])) as small:
        result = await got(small)

    (container,) = result.containers
    assert container.env == (
        "TOKEN",
        "DB <- Secret/db key url",
        "MODE <- ConfigMap/conf key mode",
        "NODE <- field of the pod",
        "* <- Secret/all",
    )
    assert (container.requests, container.limits) == ({"memory": "64Mi"}, {"memory": "128Mi"})
    assert container.probes["readiness"].startswith("HTTP GET :8080/, every 10 s, 3 failures")
    assert container.command == ("/bin/app", "--port", "8080")
    assert "hunter2" not in result.model_dump_json()


async def test_shows_counts_strategy_and_rollout(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), kubelet=[]) as small:
        result = await got(small)

    assert (result.health, result.ready, result.desired) == ("healthy", 2, 2)
    assert result.strategy == "RollingUpdate (maxUnavailable 25%, maxSurge 25%)"
    assert result.rollout.text == "rollout complete: 2 of 2 pods are available"
    assert [pod.state for pod in result.pods] == ["Running", "Running"]


async def test_a_pod_in_trouble_comes_first_with_its_reason(tmp_path) -> None:
    rule = [{"match": {"workload": "checkout"}, "do": "oom"}]
    async with small_cluster(tmp_path, workload(replicas=1), kubelet=rule) as small:
        result = await got(small)

    assert result.health == "failing"
    assert result.pods[0].restarts > 0
    assert "OOMKilled" in result.pods[0].evidence.text


async def test_says_when_there_are_more_pods(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(replicas=MAX_PODS + 2)) as small:
        result = await got(small)

    assert (len(result.pods), result.truncated) == (MAX_PODS, True)


@pytest.mark.parametrize(
    ("kind", "name", "strategy"),
    [("StatefulSet", "db", "RollingUpdate"), ("DaemonSet", "agent", "RollingUpdate (maxUnavailable 1, maxSurge 0)")],
)
async def test_other_kinds_are_shown_too(tmp_path, kind: str, name: str, strategy: str) -> None:
    async with small_cluster(tmp_path, workload(kind, name)) as small:
        result = await got(small, name)

    assert (result.strategy, result.health) == (strategy, "healthy")
    assert result.observed()[0].kind == kind


async def test_a_cron_job_is_referred_to_other_tools(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(InvalidArgs, match="diagnose_workload"):
            await got(small, "report")
