"""Kinds that operators bring, and cluster-wide ones that are read rarely: spec and status stay raw JSON."""

from tools.cluster.models.meta import AnyMap, ApiObject, Condition, List, Resource


class Custom(ApiObject):
    """An object whose schema belongs to its operator. `webhooks` only of webhook configurations."""

    spec: AnyMap = {}
    status: AnyMap = {}
    webhooks: List[AnyMap] = ()

    def conditions(self) -> tuple[Condition, ...]:
        """status.conditions; what is no list of objects counts as none."""
        return conditions_in(self.status)

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type, if set."""
        return next((condition for condition in self.conditions() if condition.type == kind), None)


def conditions_in(holder: object) -> tuple[Condition, ...]:
    """The conditions of a status, or of a part of it such as status.parents[0]."""
    found = holder.get("conditions") if isinstance(holder, dict) else None
    rows = found if isinstance(found, list) else []
    return tuple(Condition.model_validate(one) for one in rows if isinstance(one, dict))


def _custom(group: str, version: str, plural: str, kind: str, *, namespaced: bool = True) -> Resource[Custom]:
    return Resource[Custom](group=group, version=version, plural=plural, kind=kind, model=Custom, namespaced=namespaced)


INGRESS_CLASSES = _custom("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False)
VALIDATING_WEBHOOKS = _custom(
    "admissionregistration.k8s.io",
    "v1",
    "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
    namespaced=False,
)
MUTATING_WEBHOOKS = _custom(
    "admissionregistration.k8s.io",
    "v1",
    "mutatingwebhookconfigurations",
    "MutatingWebhookConfiguration",
    namespaced=False,
)
GATEWAY_CLASSES = _custom("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", namespaced=False)
GATEWAYS = _custom("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
HTTP_ROUTES = _custom("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
CERTIFICATES = _custom("cert-manager.io", "v1", "certificates", "Certificate")
EXTERNAL_SECRETS = _custom("external-secrets.io", "v1", "externalsecrets", "ExternalSecret")
SECRET_STORES = _custom("external-secrets.io", "v1", "secretstores", "SecretStore")
CLUSTER_SECRET_STORES = _custom(
    "external-secrets.io", "v1", "clustersecretstores", "ClusterSecretStore", namespaced=False
)
APPLICATIONS = _custom("argoproj.io", "v1alpha1", "applications", "Application")
ROLLOUTS = _custom("argoproj.io", "v1alpha1", "rollouts", "Rollout")
KUSTOMIZATIONS = _custom("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization")
HELM_RELEASES = _custom("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease")
FLUX_SOURCES: dict[str, Resource[Custom]] = {
    resource.kind: resource
    for resource in (
        _custom("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository"),
        _custom("source.toolkit.fluxcd.io", "v1", "helmrepositories", "HelmRepository"),
        _custom("source.toolkit.fluxcd.io", "v1", "helmcharts", "HelmChart"),
        _custom("source.toolkit.fluxcd.io", "v1", "ocirepositories", "OCIRepository"),
        _custom("source.toolkit.fluxcd.io", "v1", "buckets", "Bucket"),
    )
}
"""By kind, as spec.sourceRef.kind names it."""
