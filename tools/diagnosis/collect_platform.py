"""Read what stands around a workload: traffic in front of it, GitOps, and who makes its Secrets.

A kind that an operator brings may not exist in the cluster, or be closed to the person: then it is simply not there.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from tools.cluster.models.custom import (
    APPLICATIONS,
    CERTIFICATES,
    CLUSTER_SECRET_STORES,
    EXTERNAL_SECRETS,
    FLUX_SOURCES,
    GATEWAY_CLASSES,
    GATEWAYS,
    HELM_RELEASES,
    HTTP_ROUTES,
    INGRESS_CLASSES,
    KUSTOMIZATIONS,
    MUTATING_WEBHOOKS,
    ROLLOUTS,
    SECRET_STORES,
    VALIDATING_WEBHOOKS,
    Custom,
)
from tools.cluster.models.events import Event
from tools.cluster.models.network import Ingress, Service
from tools.cluster.models.platform import ConfigMap
from tools.cluster.models.resources import (
    CONFIG_MAPS,
    DISRUPTION_BUDGETS,
    ENDPOINT_SLICES,
    EVENTS,
    INGRESSES,
    NAMESPACES,
    SERVICES,
    STORAGE_CLASSES,
)
from tools.diagnosis import choose_platform as choose
from tools.diagnosis.observations import Observations
from tools.diagnosis.platform import Platform, absent
from tools.diagnosis.reading import Reading

IN_NAMESPACE = 200  # Ingresses, routes, budgets or certificates of one namespace that are looked through
_Found = tuple[tuple[Custom, ...], frozenset[str]]


async def with_platform(reading: Reading, seen: Observations) -> Observations:
    """The observations with what refers to the workload or declares it, as far as it may matter."""
    async with asyncio.TaskGroup() as group:
        traffic = group.create_task(_traffic(reading, seen))
        gitops = group.create_task(_gitops(reading, seen))
        secrets = group.create_task(_secret_makers(reading, seen))
        webhooks = group.create_task(_webhooks(reading, seen))
        gone = group.create_task(_gone(reading, seen))
        maps = group.create_task(_configurations(reading, seen))
        releases = group.create_task(_releases(reading, seen))
        budgets = await reading.list("budgets", DISRUPTION_BUDGETS, limit=IN_NAMESPACE) if seen.workload else ()
        classes = await _claim_classes(reading, seen)
    front, ingresses, namespaces = traffic.result()
    hooks, elsewhere = webhooks.result()
    parts = (front, gitops.result(), secrets.result(), hooks)
    platform = Platform(
        ingresses=ingresses,
        budgets=tuple(one for one in budgets if choose.covers(one, seen)),
        customs=tuple(one for objects, _ in parts for one in objects),
        absent=frozenset(key for _, keys in parts for key in keys),
        namespaces=namespaces,
        elsewhere=elsewhere,
        configurations=(*seen.platform.configurations, *maps.result()),
        releases=releases.result(),
        gone=gone.result(),
    )
    seen = replace(seen, platform=platform, storage_classes={**seen.storage_classes, **classes})
    return replace(seen, gaps=tuple(reading.gaps), read=frozenset(reading.read))


async def _traffic(
    reading: Reading, seen: Observations
) -> tuple[_Found, tuple[Ingress, ...], dict[str, dict[str, str]]]:
    if not choose.serves(seen):
        return ((), frozenset()), (), {}
    async with asyncio.TaskGroup() as group:
        found = group.create_task(reading.list("ingresses", INGRESSES, limit=IN_NAMESPACE))
        routed = group.create_task(reading.optional(HTTP_ROUTES, limit=IN_NAMESPACE))
    ingresses = choose.ingresses_of(seen, found.result())
    routes = choose.routes_of(seen, routed.result() or ())
    async with asyncio.TaskGroup() as group:
        classes = group.create_task(_ingress_classes(reading, ingresses))
        gateways = group.create_task(_gateways(reading, routes))
        certificates = group.create_task(_certificates(reading, seen, choose.tls_secrets(ingresses)))
        labels = await _namespace(reading, seen.namespace) if routes else {}
    parts = (classes.result(), gateways.result(), certificates.result(), (routes, frozenset[str]()))
    together = (tuple(one for objects, _ in parts for one in objects), frozenset(k for _, keys in parts for k in keys))
    return together, ingresses, labels


async def _ingress_classes(reading: Reading, ingresses: tuple[Ingress, ...]) -> _Found:
    if not ingresses:
        return (), frozenset()
    found = await reading.optional(INGRESS_CLASSES)
    if found is None:
        return (), frozenset()
    reading.read.add("ingress_classes")
    wanted = [one.spec.ingress_class_name for one in ingresses if one.spec.ingress_class_name]
    return found, absent("IngressClass", wanted, (one.name for one in found))


async def _gateways(reading: Reading, routes: tuple[Custom, ...]) -> _Found:
    found: list[Custom] = []
    missing: set[str] = set()
    for namespace, name in choose.gateways_of(routes):
        gateway, known = await reading.look_up(GATEWAYS, name, namespace)
        found += [gateway] if gateway else []
        missing |= set() if gateway or not known else {f"Gateway {namespace}/{name}"}
    for name in sorted({str(one.spec.get("gatewayClassName", "")) for one in found})[:2]:
        gateway_class, known = await reading.look_up(GATEWAY_CLASSES, name)
        found += [gateway_class] if gateway_class else []
        missing |= set() if gateway_class or not known else {f"GatewayClass {name}"}
    return tuple(found), frozenset(missing)


async def _certificates(reading: Reading, seen: Observations, secrets: Iterable[str]) -> _Found:
    wanted = {*secrets, *choose.secrets_waited_for(seen)}
    found = await reading.optional(CERTIFICATES, limit=IN_NAMESPACE) if wanted else ()
    return tuple(one for one in found or () if one.spec.get("secretName") in wanted), frozenset()


async def _namespace(reading: Reading, name: str) -> dict[str, dict[str, str]]:
    found = await reading.get("namespaces", NAMESPACES, name)
    return {name: found.metadata.labels} if found else {}


async def _secret_makers(reading: Reading, seen: Observations) -> _Found:
    """ExternalSecrets of the Secrets that pods wait for, and their stores."""
    wanted = choose.secrets_waited_for(seen)
    every = await reading.optional(EXTERNAL_SECRETS, limit=IN_NAMESPACE) if wanted else ()
    mine = choose.makers_of(every or (), wanted)
    stores: list[Custom] = []
    for kind, name in choose.stores_of(mine):
        resource = CLUSTER_SECRET_STORES if kind == "ClusterSecretStore" else SECRET_STORES
        store, _ = await reading.look_up(resource, name)
        stores += [store] if store else []
    return (*mine, *stores), frozenset()


async def _gitops(reading: Reading, seen: Observations) -> _Found:
    """The Argo CD Application or Flux object that the workload's labels name, and the source behind it."""
    found: list[Custom] = []
    for kind, namespace, name in choose.declared_by(seen):
        resource = {"Application": APPLICATIONS, "Kustomization": KUSTOMIZATIONS}.get(kind, HELM_RELEASES)
        one, _ = await reading.look_up(resource, name, namespace)
        found += [one] if one else []
    for kind, namespace, name in choose.flux_sources(found):
        source, _ = await reading.look_up(FLUX_SOURCES[kind], name, namespace)
        found += [source] if source else []
    if choose.may_be_taken_over(seen):
        rollouts = await reading.optional(ROLLOUTS, limit=IN_NAMESPACE)
        found += [one for one in rollouts or () if choose.takes_over(one, seen)]
    return tuple(found), frozenset()


async def _releases(reading: Reading, seen: Observations) -> tuple[ConfigMap, ...]:
    name = choose.helm_release(seen)
    if not name:
        return ()
    return await reading.list("releases", CONFIG_MAPS, labels=f"owner=helm,name={name}", limit=20)


async def _webhooks(reading: Reading, seen: Observations) -> tuple[_Found, tuple[Service, ...]]:
    """The webhook that refused a pod by not answering, and the Service it calls."""
    name = choose.failing_webhook(seen)
    if not name:
        return ((), frozenset()), ()
    found: list[Custom] = []
    for resource in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
        every = await reading.optional(resource, limit=IN_NAMESPACE)
        found += [one for one in every or () if any(hook.get("name") == name for hook in one.webhooks)]
    services: list[Service] = []
    missing: set[str] = set()
    for namespace, service in choose.services_called(found, name):
        one, known = await reading.look_up(SERVICES, service, namespace)
        services += [one] if one else []
        missing |= set() if one or not known else {f"Service {namespace}/{service}"}
        missing |= await _without_endpoints(reading, namespace, service) if one else set()
    return (tuple(found), frozenset(missing)), tuple(services)


async def _without_endpoints(reading: Reading, namespace: str, service: str) -> set[str]:
    labels = f"kubernetes.io/service-name={service}"
    slices = await reading.optional(ENDPOINT_SLICES, labels=labels, namespace=namespace)
    if slices is None or any(endpoint.is_ready() for one in slices for endpoint in one.endpoints):
        return set()
    return {f"Endpoints {namespace}/{service}"}


async def _gone(reading: Reading, seen: Observations) -> tuple[Event, ...]:
    """Why pods went that no longer exist: two lists by reason, only while pods are missed."""
    if not choose.misses_pods(seen):
        return ()
    found: list[Event] = []
    for reason in ("Preempted", "TaintManagerEviction"):
        fields = f"involvedObject.kind=Pod,reason={reason}"
        found += await reading.list("events", EVENTS, fields=fields, limit=100)
    return tuple(one for one in found if choose.was_ours(one, seen))


async def _configurations(reading: Reading, seen: Observations) -> tuple[ConfigMap, ...]:
    async with asyncio.TaskGroup() as group:
        wanted = choose.configurations(seen)
        tasks = [group.create_task(reading.get("config_maps", CONFIG_MAPS, name)) for name in wanted]
    return tuple(found for task in tasks if (found := task.result()))


async def _claim_classes(reading: Reading, seen: Observations) -> dict[str, None]:
    """Classes that claim templates name and that do not exist; only while the StatefulSet misses pods."""
    missing: dict[str, None] = {}
    for name in choose.template_classes(seen):
        storage, known = await reading.look_up(STORAGE_CLASSES, name)
        missing |= {} if storage or not known else {name: None}
    return missing
