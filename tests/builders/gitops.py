"""Objects of Argo CD and Flux, and the definitions that a cluster needs to serve them."""

from typing import Any

from evals.emulators.kubernetes.objects import copy_json
from tests.builders.small_cluster import NAMESPACE, Json, SmallCluster

COMMIT = "4f2c9a1b7d3e5f60718293a4b5c6d7e8f9012345"
RBAC = "rbac.authorization.k8s.io"
CHECKOUT = {"kind": "Deployment", "namespace": NAMESPACE, "name": "checkout", "status": "OutOfSync"}


def definition(group: str, version: str, plural: str, kind: str, *, has_status: bool = True) -> Json:
    """A CustomResourceDefinition without a schema: the emulator takes any field."""
    served: Json = {"name": version, "served": True, "storage": True}
    served |= {"subresources": {"status": {}}} if has_status else {}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [served]},
    }


ARGO = (definition("argoproj.io", "v1alpha1", "applications", "Application", has_status=False),)
FLUX = (
    definition("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization"),
    definition("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease"),
    definition("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository"),
)


def rights() -> tuple[Json, ...]:
    """All rights on GitOps objects, for the group dev, and the namespace they live in."""
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    meta = {"name": "gitops"}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "gitops"},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": "dev"}],
    }
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gitops"}}
    return place, role, binding


def application(name: str = "checkout", namespace: str = "gitops", **parts: Any) -> Json:
    """An application of one Deployment, out of sync with the commit that Argo CD saw last."""
    server = parts.pop("server", "https://kubernetes.default.svc")
    status = {
        "sync": {"status": "OutOfSync", "revision": COMMIT},
        "health": {"status": "Healthy"},
        "reconciledAt": "2026-01-01T00:00:00Z",
        "resources": [CHECKOUT],
    }
    spec = {
        "project": "default",
        "source": {"repoURL": "https://git.example.com/shop.git", "path": "checkout", "targetRevision": "main"},
        "destination": {"server": server, "namespace": NAMESPACE},
        "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
    }
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": spec, "status": status | parts}
    return {**body, "metadata": {"name": name, "namespace": namespace}}


def kustomization(name: str = "shop", **spec: Any) -> Json:
    """A Kustomization that applied one Deployment from the repository "fleet"."""
    body = {"sourceRef": {"kind": "GitRepository", "name": "fleet"}, "path": "./shop", "interval": "10m", **spec}
    entry = {"id": f"{NAMESPACE}_checkout_apps_Deployment", "v": "v1"}
    status = {"inventory": {"entries": [entry]}, "lastAppliedRevision": f"main@sha1:{COMMIT}"}
    meta = {"name": name, "namespace": "gitops"}
    kind = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization"}
    return {**kind, "metadata": meta, "spec": body, "status": status}


def repository(name: str = "fleet") -> Json:
    """A GitRepository."""
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": name, "namespace": "gitops"},
        "spec": {"url": "https://git.example.com/fleet.git", "ref": {"branch": "main"}, "interval": "1m"},
    }


def write(small: SmallCluster, kind: str, name: str, *, without: str = "", **status: Any) -> None:
    """What the operator of the kind would write: fields of its status, and a top-level field taken away."""
    (resource,) = [resource for resource in small.emulator.cluster.registry if resource.kind == kind]
    changed = copy_json(small.stored(kind, name, "gitops"))
    changed["status"] = {**(changed.get("status") or {}), **status}
    changed.pop(without, None)
    small.emulator.cluster.store.put(resource, changed)
