"""A reconciliation by Flux, from plan to outcome, with the test in the place of its controllers."""

import pytest

from tests.builders.gitops import FLUX, kustomization, repository, rights, write
from tests.builders.small_cluster import FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.flux_reconcile import (
    REQUESTED_AT,
    FluxReconcileArgs,
    apply_flux_reconcile,
    plan_flux_reconcile,
    verify_flux_reconcile,
)
from tools.contract import Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound

TARGETS = FixedTargets("Deployment/checkout")
READY = {"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded", "message": "Applied revision: main"}
FAILED = {"type": "Ready", "status": "False", "reason": "BuildFailed", "message": "kustomize build failed"}


async def plan(small: SmallCluster, kind: str = "Kustomization", name: str = "shop") -> Plan:
    args = FluxReconcileArgs(kind=kind, name=name)
    return await plan_flux_reconcile(args, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


async def apply(small: SmallCluster, planned: Plan) -> Receipt:
    return await apply_flux_reconcile(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)


async def verify(small: SmallCluster, planned: Plan, receipt: Receipt) -> Outcome:
    return await verify_flux_reconcile(planned, receipt, cluster=small.acting_as(), clock=small.now)


async def test_the_request_is_the_annotation_that_flux_reads(tmp_path) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization()) as small:
        planned = await plan(small)
        receipt = await apply(small, planned)
        again = await apply(small, planned)
        stored = small.stored("Kustomization", "shop", "gitops")["metadata"]["annotations"]

    assert stored[REQUESTED_AT] == planned.planned_at.isoformat()
    assert (receipt.already_applied, again.already_applied) == (False, True)
    assert planned.summary == "Reconcile Flux Kustomization shop in gitops now"


@pytest.mark.parametrize(("condition", "healthy"), [(READY, True), (FAILED, False)])
async def test_it_is_settled_when_flux_has_handled_this_request(tmp_path, condition: dict, healthy: bool) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization()) as small:
        planned = await plan(small)
        receipt = await apply(small, planned)
        write(small, "Kustomization", "shop", conditions=[condition], lastHandledReconcileAt="2020-01-01T00:00:00Z")
        before = await verify(small, planned, receipt)
        handled = planned.patch["metadata"]["annotations"][REQUESTED_AT]
        write(small, "Kustomization", "shop", lastHandledReconcileAt=handled)
        after = await verify(small, planned, receipt)

    assert not before.settled
    assert (after.settled, after.healthy) == (True, healthy)
    assert condition["message"] in after.summary


@pytest.mark.parametrize(("kind", "name"), [("Kustomization", "shop"), ("GitRepository", "fleet")])
async def test_owner_and_tier_are_those_of_what_is_deployed(tmp_path, kind: str, name: str) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization(), repository(), workload()) as small:
        planned = await plan(small, kind, name)

    assert (planned.owner, planned.tier) == ("group:default/shop", "nonprod")


async def test_one_thing_in_production_makes_the_source_production(tmp_path) -> None:
    prod = kustomization("pay", targetNamespace="shop-prod")
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization(), prod, repository()) as small:
        planned = await plan(small, "GitRepository", "fleet")

    assert planned.tier == "prod"


async def test_a_source_that_nothing_is_known_to_use_counts_as_production(tmp_path) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), repository()) as small:
        planned = await plan(small, "GitRepository", "fleet")

    assert (planned.owner, planned.tier) == (None, "prod")


async def test_pruning_is_warned_of(tmp_path) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization(prune=True)) as small:
        planned = await plan(small)

    assert "deleted (spec.prune)" in planned.warnings[0]


async def test_a_suspended_object_is_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, *FLUX, *rights(), kustomization(suspend=True)) as small:
        with pytest.raises(InvalidArgs, match="is suspended"):
            await plan(small)


async def test_a_cluster_without_flux_is_said_in_words(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights()) as small:
        with pytest.raises(NotFound, match="has no Flux"):
            await plan(small)
