"""Who else writes a workload: GitOps controllers, Helm, operators (pure)."""

from pydantic import BaseModel

from tools.cluster.models.meta import Metadata

ARGO_TRACKING = "argocd.argoproj.io/tracking-id"
ARGO_INSTANCE = "argocd.argoproj.io/instance"
FLUX_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/name"
FLUX_HELM_RELEASE = "helm.toolkit.fluxcd.io/name"
HELM_RELEASE = "meta.helm.sh/release-name"


class Owner(BaseModel, frozen=True):
    """Another writer. `reverts`: it sets fields back by itself, without anybody asking.

    `where`: the field that shows it.
    """

    name: str
    reverts: bool
    where: str


def owners_of(meta: Metadata) -> tuple[Owner, ...]:
    """Controllers that declare this object as theirs, the most insistent first."""
    found = (_controller(meta), _argo(meta), _flux(meta), _helm(meta))
    return tuple(owner for owner in found if owner is not None)


def _controller(meta: Metadata) -> Owner | None:
    owner = meta.controller()
    if owner is None:
        return None
    where = f"metadata.ownerReferences[{owner.kind}/{owner.name}]"
    return Owner(name=f"the operator of {owner.kind} {owner.name}", reverts=True, where=where)


def _argo(meta: Metadata) -> Owner | None:
    if tracking := meta.annotations.get(ARGO_TRACKING):
        application = tracking.split(":", 1)[0]
        return Owner(name=f"Argo CD application {application}", reverts=True, where=_annotation(ARGO_TRACKING))
    if instance := meta.labels.get(ARGO_INSTANCE):
        return Owner(name=f"Argo CD application {instance}", reverts=True, where=f'metadata.labels["{ARGO_INSTANCE}"]')
    return None


def _flux(meta: Metadata) -> Owner | None:
    for label, kind in ((FLUX_KUSTOMIZATION, "Kustomization"), (FLUX_HELM_RELEASE, "HelmRelease")):
        if name := meta.labels.get(label):
            return Owner(name=f"Flux {kind} {name}", reverts=True, where=f'metadata.labels["{label}"]')
    return None


def _helm(meta: Metadata) -> Owner | None:
    release = meta.annotations.get(HELM_RELEASE)
    if release is None or FLUX_HELM_RELEASE in meta.labels:
        return None
    return Owner(name=f"Helm release {release}", reverts=False, where=_annotation(HELM_RELEASE))


def _annotation(key: str) -> str:
    return f'metadata.annotations["{key}"]'
