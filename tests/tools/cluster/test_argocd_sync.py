"""A sync by Argo CD, from plan to outcome, with the test in the place of its controller."""

import pytest

from tests.builders.gitops import ARGO, COMMIT, application, rights, write
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.argocd_sync import ArgocdSyncArgs, apply_argocd_sync, plan_argocd_sync, verify_argocd_sync
from tools.contract import Confirmed, Outcome, Plan, Receipt
from tools.errors import Ambiguous, InvalidArgs, NotFound, PlanStale

TARGETS = FixedTargets("Deployment/checkout")


async def plan(small: SmallCluster, name: str = "checkout", namespace: str | None = None) -> Plan:
    args = ArgocdSyncArgs(application=name, namespace=namespace)
    return await plan_argocd_sync(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def apply(small: SmallCluster, planned: Plan, change_id: str = "p-1") -> Receipt:
    return await apply_argocd_sync(Confirmed(planned, change_id), cluster=small.acting_as(), clock=small.now)


async def verify(small: SmallCluster, planned: Plan, receipt: Receipt) -> Outcome:
    return await verify_argocd_sync(planned, receipt, cluster=small.acting_as(), clock=small.now)


def operation(small: SmallCluster) -> dict:
    return small.stored("Application", "checkout", "gitops")["operation"]


async def test_the_sync_is_asked_for_as_argo_cd_does_it(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        await apply(small, await plan(small))

        assert operation(small) == {
            "initiatedBy": {"username": "infra-assistant"},
            "sync": {
                "revision": COMMIT,
                "syncOptions": ["CreateNamespace=true"],
                "prune": False,
                "syncStrategy": {"hook": {}},
            },
        }


async def test_several_sources_are_each_pinned(tmp_path) -> None:
    sync = {"status": "OutOfSync", "revisions": [COMMIT, "1.2.3"]}
    async with small_cluster(tmp_path, *ARGO, *rights(), application(sync=sync)) as small:
        planned = await plan(small)

    assert planned.patch["operation"]["sync"]["revisions"] == [COMMIT, "1.2.3"]


async def test_the_plan_names_commit_differences_owner_and_tier(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application(), workload()) as small:
        planned = await plan(small)

    assert planned.summary == "Sync Argo CD application checkout in gitops to 4f2c9a1b7d3e"
    assert planned.effects[0] == "Out of sync now: Deployment checkout."
    assert (planned.owner, planned.tier) == ("group:default/shop", "nonprod")
    assert [change.path for change in planned.diff] == ["operation"]


async def test_what_deploys_into_another_cluster_counts_as_production_without_owner(tmp_path) -> None:
    away = application(server="https://other.example.com:6443")
    async with small_cluster(tmp_path, *ARGO, *rights(), away) as small:
        planned = await plan(small)

    assert (planned.owner, planned.tier) == (None, "prod")


async def test_it_is_settled_when_argo_cd_has_ended_and_the_health_is_known(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        planned = await plan(small)
        receipt = await apply(small, planned)
        asked = await verify(small, planned, receipt)
        ended = {"phase": "Succeeded", "startedAt": small.now().isoformat(), "message": "successfully synced"}
        write(
            small,
            "Application",
            "checkout",
            without="operation",
            operationState=ended,
            health={"status": "Progressing"},
        )
        moving = await verify(small, planned, receipt)
        write(small, "Application", "checkout", health={"status": "Healthy"})
        healthy = await verify(small, planned, receipt)

    assert (asked.settled, moving.settled) == (False, False)
    assert (healthy.settled, healthy.healthy) == (True, True)
    assert [fact.where for fact in healthy.evidence] == ["status.operationState.phase", "status.health.status"]


async def test_a_sync_that_fails_is_said_in_its_own_words(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        planned = await plan(small)
        receipt = await apply(small, planned)
        failed = {"phase": "Failed", "startedAt": small.now().isoformat(), "message": "one or more objects failed"}
        write(small, "Application", "checkout", without="operation", operationState=failed)

        seen = await verify(small, planned, receipt)

    assert (seen.settled, seen.healthy) == (True, False)
    assert "one or more objects failed" in seen.summary


async def test_status_updates_do_not_make_the_plan_stale(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        planned = await plan(small)
        write(small, "Application", "checkout", reconciledAt="2026-01-01T00:03:00Z")

        receipt = await apply(small, planned)

    assert not receipt.already_applied


async def test_another_source_makes_the_plan_stale(tmp_path) -> None:
    moved = application()
    moved["spec"]["source"]["path"] = "elsewhere"
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        planned = await plan(small)
        (resource,) = [one for one in small.emulator.cluster.registry if one.kind == "Application"]
        stored = small.stored("Application", "checkout", "gitops")
        small.emulator.cluster.store.put(resource, {**stored, "spec": moved["spec"]})

        with pytest.raises(PlanStale, match="was edited since"):
            await apply(small, planned)


async def test_two_syncs_are_never_merged_and_a_repeat_is_recognised(tmp_path) -> None:
    async with small_cluster(tmp_path, *ARGO, *rights(), application()) as small:
        first, second = await plan(small), await plan(small)
        await apply(small, first)

        again = await apply(small, first)
        with pytest.raises(PlanStale, match="something else"):
            await apply(small, second, "p-2")

    assert again.already_applied


async def test_a_sync_under_way_is_refused(tmp_path) -> None:
    busy = application(operationState={"phase": "Running"})
    async with small_cluster(tmp_path, *ARGO, *rights(), busy) as small:
        with pytest.raises(InvalidArgs, match="syncing checkout already"):
            await plan(small)


async def test_a_cluster_without_argo_cd_is_said_in_words(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights()) as small:
        with pytest.raises(NotFound, match="has no Argo CD"):
            await plan(small)
        with pytest.raises(NotFound, match="has no Argo CD"):
            await plan(small, namespace="gitops")


async def test_unknown_and_ambiguous_names_come_with_what_there_is(tmp_path) -> None:
    twice = application("pay"), application("pay", NAMESPACE)
    async with small_cluster(tmp_path, *ARGO, *rights(), application(), *twice) as small:
        with pytest.raises(NotFound) as missing:
            await plan(small, "chekout")
        with pytest.raises(Ambiguous) as several:
            await plan(small, "pay")

    assert missing.value.candidates == ("checkout in gitops",)
    assert several.value.candidates == ("pay in gitops", f"pay in {NAMESPACE}")
