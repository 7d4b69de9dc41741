"""Who else writes a workload."""

import pytest

from tests.builders.kubernetes import make_deployment, make_owner
from tools.cluster.models.resources import DEPLOYMENTS
from tools.cluster.ownership import owners_of


@pytest.mark.parametrize(
    ("metadata", "name", "reverts"),
    [
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:ns/checkout"}},
            "Argo CD application shop",
            True,
        ),
        ({"labels": {"argocd.argoproj.io/instance": "shop"}}, "Argo CD application shop", True),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux Kustomization apps", True),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "shop"}}, "Flux HelmRelease shop", True),
        ({"annotations": {"meta.helm.sh/release-name": "shop"}}, "Helm release shop", False),
        ({"ownerReferences": [make_owner("Prometheus", "k8s", "x/v1")]}, "the operator of Prometheus k8s", True),
    ],
)
def test_knows_who_manages_it(metadata: dict, name: str, reverts: bool) -> None:
    (owner,) = owners_of(DEPLOYMENTS.parse(make_deployment(metadata=metadata)).metadata)

    assert (owner.name, owner.reverts) == (name, reverts)
    assert owner.where.startswith("metadata.")


def test_a_release_of_flux_is_not_said_twice() -> None:
    metadata = {
        "labels": {"helm.toolkit.fluxcd.io/name": "shop"},
        "annotations": {"meta.helm.sh/release-name": "shop"},
    }

    assert len(owners_of(DEPLOYMENTS.parse(make_deployment(metadata=metadata)).metadata)) == 1


def test_a_workload_applied_by_hand_has_none() -> None:
    assert owners_of(DEPLOYMENTS.parse(make_deployment()).metadata) == ()
