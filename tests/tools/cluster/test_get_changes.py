"""What changed in one workload, and when."""

import pytest

from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.get_changes import GetChangesArgs, GetChangesResult, get_changes
from tools.cluster.restart_workload import RestartWorkloadArgs, apply_restart, plan_restart
from tools.contract import Confirmed
from tools.errors import InvalidArgs

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "DaemonSet/agent", "Job/migrate")


def step(kind: str = "Deployment", name: str = "checkout", at: str = "-20m", **what) -> dict:
    return {"at": at, "object": {"kind": kind, "name": name, "namespace": NAMESPACE}, **what}


async def changes(small: SmallCluster, name: str = "checkout") -> GetChangesResult:
    args = GetChangesArgs(workload=name)
    return await get_changes(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "checkout"), ("StatefulSet", "db")])
async def test_tells_the_image_that_the_last_rollout_changed(tmp_path, kind: str, name: str) -> None:
    steps = [step(kind, name, set_image={"app": "shop/app:2"}, manager="argocd-controller")]
    async with small_cluster(tmp_path, workload(kind, name, containers=[make_app("shop/app:1")]), steps=steps) as small:
        result = await changes(small, name)

    (change,) = result.changes
    assert change.where == "spec.template.spec.containers[app].image"
    assert change.text == "shop/app:1 → shop/app:2"
    assert "shop/app:1 → shop/app:2" in result.summary
    assert [row.revision for row in result.revisions] == [2, 1]
    assert result.revisions[0].images == ("shop/app:2",)
    assert result.changed_at == result.revisions[0].at == change.at
    assert result.written_by[0].text == "argocd-controller (Update) set spec: template"


async def test_values_of_variables_are_hidden_but_their_change_is_told(tmp_path) -> None:
    before = workload(
        containers=[make_app(env=[{"name": "TOKEN", "value": "hunter2"}, {"name": "MODE", "value": "a"}])]
    )
    after = workload(containers=[make_app(env=[{"name": "TOKEN", "value": "hunter3"}, {"name": "MODE", "value": "a"}])])
    async with small_cluster(tmp_path, before, steps=[{"at": "-5m", "apply": after}]) as small:
        result = await changes(small)

    assert [change.where.rpartition("spec.containers")[2] for change in result.changes] == ["[app].env[TOKEN].value"]
    assert "hunter" not in result.model_dump_json()


async def test_a_restart_is_no_change_but_is_said(tmp_path) -> None:
    steps = [step(set_image={"app": "shop/app:2"})]
    async with small_cluster(tmp_path, workload(containers=[make_app("shop/app:1")]), steps=steps) as small:
        cluster = small.acting_as()
        restart = await plan_restart(
            RestartWorkloadArgs(workload="checkout"), cluster=cluster, targets=TARGETS, clock=small.now
        )
        await apply_restart(Confirmed(restart, "p-0"), cluster=cluster, clock=small.now)
        await small.emulator.settled(lambda _: small.revision("checkout") == "3")

        result = await changes(small)

    assert result.summary.startswith("Revision 2 of checkout")
    assert "only restarted (1 times)" in result.summary
    assert [row.only_restarted for row in result.revisions] == [True, False, False]


async def test_a_workload_that_never_changed_says_so(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        result = await changes(small)

    assert result.summary == "Nothing changed in the template of checkout within the kept revisions."
    assert result.changes == ()


async def test_the_last_scaling_is_told(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(), steps=[step(scale=4)]) as small:
        result = await changes(small)

    assert result.last_scaling is not None
    assert result.last_scaling.text.endswith("from 2 to 4")


async def test_a_configuration_that_was_written_later_is_told(tmp_path) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "conf", "namespace": NAMESPACE},
        "data": {"mode": "hunter2"},
    }
    edit = {
        "at": "-7m",
        "object": {"kind": "ConfigMap", "name": "conf", "namespace": NAMESPACE},
        "patch": {"data": {"mode": "hunter3"}},
        "manager": "kubectl-edit",
    }
    reads = workload(containers=[make_app(envFrom=[{"configMapRef": {"name": "conf"}}])])
    async with small_cluster(tmp_path, config, reads, steps=[edit]) as small:
        result = await changes(small)

    (written,) = result.configuration
    assert written.subject == "ConfigMap shop-staging/conf"
    assert "by kubectl-edit" in written.text
    assert "hunter" not in result.model_dump_json()


async def test_a_job_has_no_history(tmp_path) -> None:
    async with small_cluster(tmp_path) as small:
        with pytest.raises(InvalidArgs, match="no history"):
            await changes(small, "migrate")
