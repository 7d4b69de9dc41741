"""Which objects around a workload are worth reading. Pure."""

from collections.abc import Iterable, Iterator

from tools.cluster.models.custom import FLUX_SOURCES, Custom
from tools.cluster.models.events import Event
from tools.cluster.models.meta import Metadata
from tools.cluster.models.network import Ingress
from tools.cluster.models.platform import PodDisruptionBudget
from tools.cluster.ownership import ARGO_INSTANCE, ARGO_TRACKING, FLUX_HELM_RELEASE, FLUX_KUSTOMIZATION, HELM_RELEASE
from tools.diagnosis import strings
from tools.diagnosis.analyzers import gateways, ingress, webhooks
from tools.diagnosis.analyzers.external_secrets import store_of, target
from tools.diagnosis.choose import services_of, too_few, troubled
from tools.diagnosis.observations import Observations
from tools.diagnosis.references import references

ARGO_NAMESPACE = "argocd"  # where Argo CD is installed unless told otherwise; a tracking id may name another
CONFIGURATIONS = 4
_FEW = 2  # gateways, stores, sources or Services of webhooks that are looked up


def serves(seen: Observations) -> bool:
    """Whether something may lead traffic to it."""
    return seen.workload is not None and bool(services_of(seen))


def ingresses_of(seen: Observations, found: Iterable[Ingress]) -> tuple[Ingress, ...]:
    """Ingresses that send to its Services, or to one of its name that does not exist."""
    return tuple(one for one in found if any(_is_mine(seen, str(ref.get("name"))) for ref in ingress.backends(one)))


def routes_of(seen: Observations, found: Iterable[Custom]) -> tuple[Custom, ...]:
    """HTTPRoutes that send to its Services, or to one of its name that does not exist."""
    return tuple(one for one in found if any(_is_mine(seen, str(ref.get("name"))) for ref in gateways.backends(one)))


def _is_mine(seen: Observations, service: str) -> bool:
    if any(one.name == service for one in services_of(seen)):
        return True
    name = seen.target.name
    unknown = all(one.name != service for one in seen.services)
    return unknown and (service == name or service.startswith(f"{name}-"))


def gateways_of(routes: Iterable[Custom]) -> tuple[tuple[str, str], ...]:
    """(namespace, name) of the Gateways that routes name, at most two."""
    return tuple(sorted({parent for route in routes for parent in gateways.parents(route)}))[:_FEW]


def tls_secrets(ingresses: Iterable[Ingress]) -> tuple[str, ...]:
    """Secrets that Ingresses serve TLS with."""
    return tuple(str(tls["secretName"]) for one in ingresses for tls in one.spec.tls if tls.get("secretName"))


def secrets_waited_for(seen: Observations) -> frozenset[str]:
    """Secrets that the template refers to, while pods of it are in trouble."""
    if not troubled(seen):
        return frozenset()
    spec = seen.template.spec
    named = {ref.name for ref in references(spec) if ref.kind == "Secret"}
    return frozenset(named | {ref.name for ref in spec.image_pull_secrets})


def makers_of(every: Iterable[Custom], secrets: frozenset[str]) -> tuple[Custom, ...]:
    """ExternalSecrets that make one of these Secrets."""
    return tuple(one for one in every if target(one) in secrets)


def stores_of(external: Iterable[Custom]) -> tuple[tuple[str, str], ...]:
    """(kind, name) of their stores, at most two."""
    return tuple(sorted({store_of(one) for one in external}))[:_FEW]


def declared_by(seen: Observations) -> Iterator[tuple[str, str, str]]:
    """(kind, namespace, name) of the Argo CD or Flux objects that the workload's labels and annotations name."""
    meta = _meta(seen)
    application = meta.annotations.get(ARGO_TRACKING, "").split(":", 1)[0] or meta.labels.get(ARGO_INSTANCE, "")
    if application:
        namespace, _, name = application.rpartition("_")  # "namespace_name" of an Application outside its home
        yield "Application", namespace or ARGO_NAMESPACE, name
    for label, kind in ((FLUX_KUSTOMIZATION, "Kustomization"), (FLUX_HELM_RELEASE, "HelmRelease")):
        if name := meta.labels.get(label, ""):
            where = meta.labels.get(label.replace("/name", "/namespace"), "")
            yield kind, where or seen.namespace, name


def flux_sources(found: Iterable[Custom]) -> tuple[tuple[str, str, str], ...]:
    """(kind, namespace, name) of the sources of Flux objects, at most two."""
    refs = []
    for one in found:
        chart = (one.spec.get("chart") or {}).get("spec") or {}
        ref = one.spec.get("sourceRef") or one.spec.get("chartRef") or chart.get("sourceRef") or {}
        if ref.get("kind") in FLUX_SOURCES:
            refs.append((str(ref["kind"]), str(ref.get("namespace") or one.namespace or ""), str(ref.get("name", ""))))
    return tuple(dict.fromkeys(refs))[:_FEW]


def helm_release(seen: Observations) -> str:
    """The Helm release that installed it by itself, "" for none."""
    meta = _meta(seen)
    return "" if FLUX_HELM_RELEASE in meta.labels else meta.annotations.get(HELM_RELEASE, "")


def may_be_taken_over(seen: Observations) -> bool:
    """Whether an Argo Rollout may run its pods: a Deployment at zero."""
    return seen.target.kind == "Deployment" and seen.workload is not None and seen.workload.desired() == 0


def takes_over(rollout: Custom, seen: Observations) -> bool:
    """Whether an Argo Rollout takes its pod template from this workload."""
    ref = rollout.spec.get("workloadRef") or {}
    return (ref.get("kind"), ref.get("name")) == (seen.target.kind, seen.target.name)


def failing_webhook(seen: Observations) -> str:
    """The webhook whose silence kept a pod from being created, "" for none."""
    if not too_few(seen):
        return ""
    newest = seen.newest_set()
    conditions = [one for thing in (newest, seen.workload) if thing for one in thing.status.conditions]
    told = [one.message for one in seen.events if one.reason == "FailedCreate"] + [one.message for one in conditions]
    hits = (strings.match(strings.ADMISSION, message) for message in told)
    named = (hit[1].groupdict().get("webhook") for hit in hits if hit and hit[0].cause == "webhook-unavailable")
    return next((name for name in named if name), "")


def services_called(configurations: Iterable[Custom], webhook: str) -> tuple[tuple[str, str], ...]:
    """(namespace, name) of the Services that webhooks of that name call, at most two."""
    called = [place for one in configurations for place in webhooks.called(one) if place[0] == webhook]
    return tuple(sorted({(namespace, name) for _, namespace, name in called}))[:_FEW]


def misses_pods(seen: Observations) -> bool:
    """Whether pods are missed, so that it matters why others went."""
    workload = seen.workload
    return workload is not None and workload.ready() < workload.desired()


def was_ours(event: Event, seen: Observations) -> bool:
    """Whether an event is about a pod that this workload made: by its name, as the pod itself is gone."""
    return event.involved_object.name.startswith(f"{seen.target.name}-")


def configurations(seen: Observations) -> tuple[str, ...]:
    """ConfigMaps that the template reads, at most `CONFIGURATIONS`."""
    named = {ref.name for ref in references(seen.template.spec) if ref.kind == "ConfigMap" and ref.name}
    return tuple(sorted(named - set(seen.config_maps)))[:CONFIGURATIONS]


def template_classes(seen: Observations) -> tuple[str, ...]:
    """Storage classes of claim templates, while the StatefulSet misses pods."""
    if not misses_pods(seen) or seen.workload is None:
        return ()
    named = {
        str((one.get("spec") or {}).get("storageClassName") or "") for one in seen.workload.spec.volume_claim_templates
    }
    return tuple(sorted(named - {""} - set(seen.storage_classes)))[:_FEW]


def covers(budget: PodDisruptionBudget, seen: Observations) -> bool:
    """Whether a budget selects its pods. An empty selector selects every pod of the namespace."""
    return budget.spec.selector.matches(seen.template.metadata.labels)


def _meta(seen: Observations) -> Metadata:
    owner = seen.workload or seen.cron_job or seen.job
    return owner.metadata if owner else Metadata()
