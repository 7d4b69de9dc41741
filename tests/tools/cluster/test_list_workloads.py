"""The workloads of an environment with their health."""

import pytest

from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.health import Health
from tools.cluster.list_workloads import MAX_ROWS, ListWorkloadsArgs, ListWorkloadsResult, list_workloads
from tools.errors import Forbidden

KUBELET = [
    {"match": {"workload": "crash"}, "do": "exit", "exit_code": 3},
    {"match": {"workload": "pull"}, "do": "image_error"},
]


class TwoNamespaces(FixedTargets):
    async def namespaces(self, environment: str) -> tuple[str, ...]:
        return (NAMESPACE, "forbidden-staging")


async def listed(
    small: SmallCluster, *, only_failing: bool = False, targets=None, group: str = "dev"
) -> ListWorkloadsResult:
    args = ListWorkloadsArgs(environment=NAMESPACE, only_failing=only_failing)
    cluster = small.acting_as("alice@example.com", group)
    return await list_workloads(args, cluster=cluster, targets=targets or FixedTargets(), clock=small.now)


async def test_the_least_healthy_comes_first_with_its_reason(tmp_path) -> None:
    manifests = [
        workload(labels={"team": "shop"}),
        workload(name="crash"),
        workload(name="pull"),
        workload("StatefulSet", "db"),
        workload("DaemonSet", "agent"),
        workload(name="off", replicas=0),
    ]
    async with small_cluster(tmp_path, *manifests, kubelet=KUBELET) as small:
        result = await listed(small)

    rows = {row.workload.name: row for row in result.rows}
    assert [row.workload.name for row in result.rows] == ["crash", "pull", "off", "agent", "checkout", "db"]
    assert (rows["crash"].health, rows["crash"].ready, rows["crash"].desired) == (Health.FAILING, 0, 2)
    assert rows["crash"].reason.startswith("CrashLoopBackOff")
    assert rows["pull"].reason.startswith("ImagePullBackOff")
    assert rows["checkout"].health is Health.HEALTHY
    assert rows["checkout"].owner == "shop"
    assert rows["checkout"].image == "registry.example.com/shop/app:1.0.0"
    assert (result.total, result.failing, result.truncated) == (6, 2, False)


async def test_each_row_is_proved_and_may_be_the_target_of_a_change(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(name="crash"), kubelet=KUBELET) as small:
        result = await listed(small)

    (row,) = result.rows
    assert row.evidence.subject.startswith("Pod shop-staging/crash-")
    assert row.evidence.where == "status.containerStatuses[name=app].state.waiting"
    assert result.observed() == (row.workload,)
    assert row.workload.uid


async def test_only_what_fails_when_asked_so(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), workload(name="crash"), kubelet=KUBELET) as small:
        result = await listed(small, only_failing=True)

    assert [row.workload.name for row in result.rows] == ["crash"]
    assert result.total == 2


async def test_says_when_there_are_more_than_it_shows(tmp_path) -> None:
    many = [workload(name=f"w{number}", replicas=0) for number in range(MAX_ROWS + 1)]
    async with small_cluster(tmp_path, *many) as small:
        result = await listed(small)

    assert (len(result.rows), result.total, result.truncated) == (MAX_ROWS, MAX_ROWS + 1, True)


async def test_an_empty_namespace_has_no_rows(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        assert (await listed(small)).rows == ()


async def test_without_rights_the_missing_one_is_named(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        with pytest.raises(Forbidden) as caught:
            await listed(small, group="guests")

    assert caught.value.missing.startswith("list ")
    assert caught.value.missing.endswith("in shop-staging")


async def test_a_namespace_that_may_not_be_read_is_noted_beside_the_others(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        result = await listed(small, targets=TwoNamespaces())

    assert [row.workload.name for row in result.rows] == ["checkout"]
    assert "forbidden-staging" in result.notes[0]


async def test_values_of_variables_do_not_appear(tmp_path) -> None:
    secret = workload(containers=[make_app(env=[{"name": "TOKEN", "value": "hunter2"}])])
    async with small_cluster(tmp_path, secret) as small:
        assert "hunter2" not in (await listed(small)).model_dump_json()
