"""Raw objects around a workload: Ingress, Gateway API, and those of operators."""

from typing import Any

from tests.builders.kubernetes import NAMESPACE, Json, make_condition, make_metadata

VERSIONS = {
    "IngressClass": "networking.k8s.io/v1",
    "GatewayClass": "gateway.networking.k8s.io/v1",
    "Gateway": "gateway.networking.k8s.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Certificate": "cert-manager.io/v1",
    "ExternalSecret": "external-secrets.io/v1",
    "SecretStore": "external-secrets.io/v1",
    "Application": "argoproj.io/v1alpha1",
    "Rollout": "argoproj.io/v1alpha1",
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "GitRepository": "source.toolkit.fluxcd.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
}
_CLUSTER_WIDE = frozenset(("IngressClass", "GatewayClass", "ValidatingWebhookConfiguration"))


def make_custom(kind: str, name: str, *, namespace: str = NAMESPACE, spec: Json | None = None, **more: Any) -> Json:
    """An object of that kind; `status` and `metadata` may be given."""
    meta = make_metadata(kind, name, None if kind in _CLUSTER_WIDE else namespace) | more.pop("metadata", {})
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": meta, "spec": spec or {}, **more}


def unready(reason: str, message: str = "", kind: str = "Ready", status: str = "False") -> Json:
    """A status whose one condition says so."""
    return {"conditions": [make_condition(kind, status, reason, message)]}


def make_ingress(service: str = "checkout", port: Any = 80, *, name: str = "shop", **spec: Any) -> Json:
    number = {"number": port} if isinstance(port, int) else {"name": port}
    backend = {"service": {"name": service, "port": number}}
    rule = {"host": "shop.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": make_metadata("Ingress", name),
        "spec": {"ingressClassName": "nginx", "rules": [rule], **spec},
        "status": {"loadBalancer": {}},
    }


def make_route(service: str = "checkout", port: int = 80, *, gateway: str = "public", **more: Any) -> Json:
    spec = {"parentRefs": [{"name": gateway}], "rules": [{"backendRefs": [{"name": service, "port": port}]}]}
    return make_custom("HTTPRoute", "checkout", spec=spec, **more)


def make_policy(name: str, selector: Json, **spec: Any) -> Json:
    """A NetworkPolicy over the pods with those labels."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": make_metadata("NetworkPolicy", name),
        "spec": {"podSelector": {"matchLabels": selector} if selector else {}, **spec},
    }
