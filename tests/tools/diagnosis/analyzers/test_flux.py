import pytest

from tests.builders.observations import diagnose
from tests.builders.platform_objects import make_custom, unready
from tests.builders.shop_faults import current_set, deployment, pod

LABELS = {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
FINE = (deployment(ready=1, metadata={"labels": {"app": "checkout", **LABELS}}), current_set(), pod())
HELM = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux-system"}
SOURCE = {"sourceRef": {"kind": "GitRepository", "name": "shop"}}


def flux(kind="Kustomization", *, spec=None, **more):
    return make_custom(kind, "shop", namespace="flux-system", spec=spec or SOURCE, **more)


async def causes(*objects, labels=LABELS):
    workload = deployment(ready=1, metadata={"labels": {"app": "checkout", **labels}})
    found = await diagnose(workload, *FINE[1:], *objects)
    assert found.health == "healthy"
    return [one.cause for one in found.others]


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("BuildFailed", "flux-build-failed"),
        ("ArtifactFailed", "flux-artifact-failed"),
        ("DependencyNotReady", "flux-dependency"),
        ("HealthCheckFailed", "flux-health-check"),
        ("ReconciliationFailed", "flux-reconciliation-failed"),
        ("ANewReason", "flux-reconciliation-failed"),
    ],
)
async def test_each_reason_of_a_kustomization_is_a_remark(reason, cause):
    assert await causes(flux(status=unready(reason, "why"))) == [cause]


@pytest.mark.parametrize("reason", ["InstallFailed", "UpgradeFailed", "TestFailed"])
async def test_a_release_that_failed_is_a_remark(reason):
    assert await causes(flux("HelmRelease", status=unready(reason)), labels=HELM) == ["flux-helm-failed"]


async def test_a_source_that_cannot_be_fetched_is_told_too():
    source = flux("GitRepository", spec={"url": "x"}, status=unready("AuthenticationFailed", "no credentials"))

    assert await causes(flux(status=unready("ArtifactFailed")), source) == ["flux-artifact-failed", "flux-git"]


async def test_a_release_out_of_retries_has_given_up():
    status = unready("RetriesExceeded", "Failed to upgrade after 4 attempt(s)", kind="Stalled", status="True")

    assert await causes(flux("HelmRelease", status=status), labels=HELM) == ["flux-stalled"]


async def test_a_suspension_hides_old_conditions():
    status = unready("BuildFailed")

    assert await causes(flux(spec={"suspend": True, **SOURCE}, status=status)) == ["flux-suspended"]


async def test_what_is_under_way_is_no_remark():
    assert await causes(flux(status=unready("Progressing"))) == []
