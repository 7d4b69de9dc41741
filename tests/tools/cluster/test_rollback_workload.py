"""Roll back, from plan to outcome, on the emulated cluster."""

import asyncio

import pytest

from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, make_app, small_cluster, workload
from tools.cluster.restart_workload import RestartWorkloadArgs, apply_restart, plan_restart
from tools.cluster.rollback_workload import RollbackWorkloadArgs, apply_rollback, plan_rollback, verify_rollback
from tools.contract import Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound, PlanStale

TARGETS = FixedTargets("Deployment/checkout", "StatefulSet/db", "DaemonSet/agent")
KINDS = [("Deployment", "checkout"), ("StatefulSet", "db")]
BAD = [{"match": {"image": "*:bad"}, "do": "exit", "exit_code": 3}]


def set_image(kind: str, name: str, image: str, at: str = "-20m") -> dict:
    reference = {"kind": kind, "name": name, "namespace": NAMESPACE}
    return {"at": at, "object": reference, "set_image": {"app": f"shop/app:{image}"}}


async def plan(small: SmallCluster, name: str = "checkout", to_revision: int | None = None) -> Plan:
    args = RollbackWorkloadArgs(workload=name, to_revision=to_revision)
    return await plan_rollback(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def apply(small: SmallCluster, planned: Plan, change_id: str = "p-1") -> Receipt:
    return await apply_rollback(Confirmed(planned, change_id), cluster=small.acting_as(), clock=small.now)


async def outcome(small: SmallCluster, planned: Plan, receipt: Receipt) -> Outcome:
    async with asyncio.timeout(15):
        while True:
            seen = await verify_rollback(planned, receipt, cluster=small.acting_as(), clock=small.now)
            if seen.settled:
                return seen
            await asyncio.sleep(0.01)


def image_of(small: SmallCluster, kind: str, name: str) -> str:
    return small.stored(kind, name)["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_the_earlier_template_comes_back_and_is_healthy(tmp_path, kind: str, name: str) -> None:
    good = workload(kind, name, containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image(kind, name, "second")]) as small:
        planned = await plan(small, name)
        seen = await outcome(small, planned, await apply(small, planned))

        assert seen.healthy, seen.summary
        assert image_of(small, kind, name) == "shop/app:good"
        assert "pod-template-hash" not in small.stored(kind, name)["spec"]["template"]["metadata"]["labels"]


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_the_way_back_leads_to_the_template_before(tmp_path, kind: str, name: str) -> None:
    good = workload(kind, name, containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image(kind, name, "second")]) as small:
        planned = await plan(small, name)
        await outcome(small, planned, await apply(small, planned))
        assert planned.inverse is not None

        undo = await plan(small, name, planned.inverse.args["to_revision"])
        await apply(small, undo, "p-2")

        assert image_of(small, kind, name) == "shop/app:second"


async def test_the_plan_names_image_and_revision(tmp_path) -> None:
    good = workload(containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image("Deployment", "checkout", "bad")], kubelet=BAD) as small:
        planned = await plan(small)

    assert planned.summary == "Roll back checkout in shop-staging to revision 1 (shop/app:good)"
    assert [(change.path, change.before, change.after) for change in planned.diff] == [
        ("spec.template.spec.containers[app].image", "shop/app:bad", "shop/app:good")
    ]
    assert any("ConfigMaps and Secrets are not rolled back" in effect for effect in planned.effects)


async def test_a_restart_in_between_is_passed_over(tmp_path) -> None:
    good = workload(containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image("Deployment", "checkout", "bad")]) as small:
        cluster = small.acting_as()
        restart = await plan_restart(
            RestartWorkloadArgs(workload="checkout"), cluster=cluster, targets=TARGETS, clock=small.now
        )
        await apply_restart(Confirmed(restart, "p-0"), cluster=cluster, clock=small.now)
        await small.emulator.settled(lambda _: small.revision("checkout") == "3")

        planned = await plan(small)

    assert "to revision 1" in planned.summary
    assert "Passed over revision 2" in planned.effects[1]


async def test_a_chosen_revision_is_taken(tmp_path) -> None:
    steps = [
        set_image("Deployment", "checkout", "second", "-30m"),
        set_image("Deployment", "checkout", "third", "-20m"),
    ]
    async with small_cluster(tmp_path, workload(containers=[make_app("shop/app:first")]), steps=steps) as small:
        planned = await plan(small, to_revision=1)

    assert "revision 1 (shop/app:first)" in planned.summary


async def test_a_revision_that_is_not_kept_comes_with_those_that_are(tmp_path) -> None:
    steps = [set_image("Deployment", "checkout", "second")]
    async with small_cluster(tmp_path, workload(containers=[make_app("shop/app:first")]), steps=steps) as small:
        with pytest.raises(NotFound) as caught:
            await plan(small, to_revision=9)

    assert caught.value.candidates == ("2", "1")
    assert "1 (shop/app:first)" in caught.value.message


@pytest.mark.parametrize("to_revision", [None, 1])
async def test_a_workload_that_never_changed_has_nothing_to_return_to(tmp_path, to_revision: int | None) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        with pytest.raises(InvalidArgs):
            await plan(small, to_revision=to_revision)


async def test_a_paused_rollout_is_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, workload(paused=True)) as small:
        with pytest.raises(InvalidArgs, match="paused"):
            await plan(small)


async def test_values_of_variables_stay_hidden(tmp_path) -> None:
    first = workload(containers=[make_app(env=[{"name": "TOKEN", "value": "hunter2"}])])
    second = workload(containers=[make_app(env=[{"name": "TOKEN", "value": "hunter3"}])])
    async with small_cluster(tmp_path, first, steps=[{"at": "-10m", "apply": second}]) as small:
        planned = await plan(small)

    shown = planned.model_dump_json()
    assert "hunter" not in shown
    assert "env[TOKEN].value" in shown


async def test_a_template_edited_after_the_plan_is_not_put_back(tmp_path) -> None:
    good = workload(containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image("Deployment", "checkout", "bad")]) as small:
        planned = await plan(small)
        assert planned.restores is not None
        other = planned.restores.model_copy(update={"sha256": "0" * 64})

        with pytest.raises(PlanStale, match="was edited since"):
            await apply(small, planned.model_copy(update={"restores": other}))

        assert image_of(small, "Deployment", "checkout") == "shop/app:bad"


async def test_a_revision_that_is_gone_is_not_put_back(tmp_path) -> None:
    good = workload(containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image("Deployment", "checkout", "bad")]) as small:
        planned = await plan(small)
        assert planned.restores is not None
        source = planned.restores.source.model_copy(update={"uid": "another"})
        gone = planned.restores.model_copy(update={"source": source})

        with pytest.raises(PlanStale, match="not kept any more"):
            await apply(small, planned.model_copy(update={"restores": gone}))


async def test_a_repeat_after_the_revision_is_gone_still_finds_its_own_change(tmp_path) -> None:
    good = workload(containers=[make_app("shop/app:good")])
    async with small_cluster(tmp_path, good, steps=[set_image("Deployment", "checkout", "bad")]) as small:
        planned = await plan(small)
        await apply(small, planned)

        again = await apply(small, planned.model_copy(update={"restores": None}))

        assert again.already_applied
