"""The pods that run for a workload of any kind."""

import pytest

from tests.builders.small_cluster import NAMESPACE, SmallCluster, small_cluster, workload
from tools.cluster.find_pods import find_pods
from tools.contract import ObjectRef
from tools.errors import InvalidArgs, NotFound


def job(name: str) -> dict:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "run", "image": "shop/job:1"}]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"template": template},
    }


def cron_job(name: str) -> dict:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"schedule": "*/10 * * * *", "jobTemplate": {"spec": job(name)["spec"]}},
    }


async def names(small: SmallCluster, kind: str, name: str) -> list[str]:
    ref = ObjectRef(cluster="test", namespace=NAMESPACE, kind=kind, name=name)
    return [pod.name for pod in await find_pods(small.acting_as(), ref)]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
async def test_the_selector_of_a_workload_finds_its_pods_only(tmp_path, kind: str) -> None:
    async with small_cluster(tmp_path, workload(kind), workload(name="other")) as small:
        found = await names(small, kind, "checkout")

    assert found
    assert all(name.startswith("checkout-") for name in found)


async def test_a_job_has_its_own_pods(tmp_path) -> None:
    async with small_cluster(tmp_path, job("migrate"), job("other")) as small:
        (found,) = await names(small, "Job", "migrate")

    assert found.startswith("migrate-")


async def test_of_a_cron_job_the_newest_run_is_taken(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job("report")) as small:
        runs = sorted(name for name in small.names("Job") if name.startswith("report-"))
        (found,) = await names(small, "CronJob", "report")

    assert len(runs) > 1
    assert found.startswith(runs[-1])


async def test_a_cron_job_that_never_ran_has_no_pods(tmp_path) -> None:
    never = cron_job("report")
    never["spec"]["schedule"] = "0 0 30 2 *"
    async with small_cluster(tmp_path, never) as small:
        assert await names(small, "CronJob", "report") == []


async def test_a_pod_is_itself(tmp_path) -> None:
    async with small_cluster(tmp_path, workload("StatefulSet", "db")) as small:
        assert await names(small, "Pod", "db-0") == ["db-0"]


async def test_what_is_not_there_or_has_no_pods_is_an_error(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(NotFound):
            await names(small, "Deployment", "checkout")
        with pytest.raises(InvalidArgs):
            await names(small, "ConfigMap", "checkout")
