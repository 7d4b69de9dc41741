"""Read what is behind the dependencies of a workload: their Services, endpoints, and the pods that are not ready.

A dependency that is down because of its own dependency is followed, `MAX_DEPTH` levels deep at most.
"""

import asyncio
from dataclasses import replace

from tools.catalog.port import Catalog
from tools.cluster.models.network import EndpointSlice, Service
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import (
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    STATEFUL_SETS,
    WORKLOADS,
)
from tools.cluster.models.workloads import Workload
from tools.contract import ObjectRef
from tools.diagnosis.analyzers.table import examine
from tools.diagnosis.collect_details import details, slices_of
from tools.diagnosis.collect_policies import with_policies
from tools.diagnosis.dependency_hosts import suspects
from tools.diagnosis.hosts import service_name
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Dependency, Gap, Observations
from tools.diagnosis.rank import rank
from tools.diagnosis.reading import Reading
from tools.errors import Forbidden, Unavailable

MAX_DEPTH = 3  # caller, its dependency, that one's database: further down the chain is asked for by name
LOOKED_INTO = 2  # dependencies of the workload without ready pods that are looked into; one at each further level
PODS_BEHIND = 20
_KUBERNETES_ID = "backstage.io/kubernetes-id"

Trail = tuple[tuple[str, str], ...]  # (namespace, Service) from the workload down


async def with_dependencies(
    reading: Reading, seen: Observations, *, catalog: Catalog | None, component: str | None
) -> Observations:
    """The observations with what the workload calls, as far as its log, settings and the catalog tell."""
    declared = await _declared(reading, catalog, component) if catalog and component else ()
    own = tuple((seen.namespace, name) for name in {seen.target.name})
    found = await _explore(reading, seen, suspects(seen, declared), own)
    seen = await with_policies(reading, replace(seen, dependencies=found))
    return replace(seen, gaps=tuple(reading.gaps), read=frozenset(reading.read))


async def _explore(
    reading: Reading, seen: Observations, found: tuple[Dependency, ...], trail: Trail
) -> tuple[Dependency, ...]:
    """The dependencies with their endpoints; those without ready ones with what is behind them."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_look_up(reading, seen, one)) for one in found]
    known = await _with_slices(reading, seen, [task.result() for task in tasks])
    down = [one for one in known if _is_down(one) and _place(seen, one) not in trail]
    async with asyncio.TaskGroup() as group:
        chosen = down[: LOOKED_INTO if len(trail) == 1 else 1]
        deeper = {one.host: group.create_task(_look_into(reading, seen, one, trail)) for one in chosen}
    return tuple(deeper[one.host].result() if one.host in deeper else one for one in known)


def _is_down(one: Dependency) -> bool:
    return one.service is not None and bool(one.service.spec.selector) and one.ready() == 0


def _place(seen: Observations, one: Dependency) -> tuple[str, str]:
    service = one.service
    return (service.namespace or seen.namespace, service.name) if service else ("", one.host)


async def _declared(reading: Reading, catalog: Catalog, component: str) -> tuple[str, ...]:
    """Names under which the components it depends on run."""
    try:
        (entity,) = await catalog.by_refs([component])
        refs = [ref for ref in entity.related("dependsOn") if ref.startswith("component:")] if entity else []
        others = await catalog.by_refs(refs[:8]) if refs else ()
    except (Forbidden, Unavailable) as problem:
        reading.gaps.append(Gap("catalog", f"the catalog could not be read: {problem.message}"))
        return ()
    return tuple(other.annotations.get(_KUBERNETES_ID) or other.name for other in others if other)


async def _look_up(reading: Reading, seen: Observations, one: Dependency) -> Dependency:
    place = service_name(one.host, seen.namespace)
    if not one.in_cluster or place is None:
        return one
    name, namespace = place
    if namespace == seen.namespace:
        service = next((found for found in seen.services if found.name == name), None)
        if service:
            return replace(one, service=service)
        if reading.failed("services") or "services" in reading.truncated:
            return replace(one, known=False)
        fields = f"metadata.name={name}"
        others = await reading.list("elsewhere", SERVICES, fields=fields, limit=10, namespace="")
        return replace(one, elsewhere=tuple(sorted(found.namespace or "" for found in others)))
    service = await reading.get("services elsewhere", SERVICES, name, namespace)
    return replace(one, service=service, known=not reading.failed("services elsewhere"))


async def _with_slices(reading: Reading, seen: Observations, found: list[Dependency]) -> list[Dependency]:
    by_namespace: dict[str, list[str]] = {}
    for one in found:
        if one.service:
            by_namespace.setdefault(one.service.namespace or seen.namespace, []).append(one.service.name)
    slices: list[EndpointSlice] = []
    for namespace, names in sorted(by_namespace.items()):
        slices += await slices_of(reading, names, namespace)
    unread = reading.failed("slices")
    return [replace(one, slices=_of(slices, one), known=one.known and not (one.service and unread)) for one in found]


def _of(slices: list[EndpointSlice], one: Dependency) -> tuple[EndpointSlice, ...]:
    service = one.service
    if service is None:
        return ()
    mine = (item for item in slices if item.namespace == service.namespace)
    return tuple(item for item in mine if item.metadata.labels.get("kubernetes.io/service-name") == service.name)


async def _look_into(reading: Reading, seen: Observations, one: Dependency, trail: Trail) -> Dependency:
    """Why the pods behind a Service are not ready, by the same analyzers, and by what they call themselves."""
    service = one.service
    assert service is not None
    namespace = service.namespace or seen.namespace
    inner = Reading(reading.cluster, reading.logs, namespace, budget=reading)
    behind = await _behind(inner, seen, one, service)
    trail = (*trail, (namespace, service.name))
    if behind.workload and len(trail) <= MAX_DEPTH:
        services = seen.services if namespace == seen.namespace else await inner.list("services", SERVICES, limit=500)
        wide = replace(behind, services=services)
        behind = replace(behind, dependencies=await _explore(inner, wide, suspects(wide), trail))
    return replace(one, behind=behind, why=_root(behind))


async def _behind(inner: Reading, seen: Observations, one: Dependency, service: Service) -> Observations:
    labels = ",".join(f"{key}={value}" for key, value in sorted(service.spec.selector.items()))
    pods = await inner.list("pods", PODS, labels=labels, limit=PODS_BEHIND)
    workload = await _workload_of(inner, pods, service.name)
    name, kind = (workload.name, workload.kind) if workload else (service.name, "Service")
    behind = Observations(
        target=ObjectRef(cluster=seen.target.cluster, namespace=inner.namespace, kind=kind, name=name),
        at=seen.at,
        environment=inner.namespace,
        workload=workload,
        pods=tuple(sorted(pods, key=lambda pod: (pod.is_ready(), pod.name))[:2]),
        services=(service,),
        slices=one.slices,
        read=frozenset(("pods", "slices")),
    )
    return await details(inner, await _with_sets(inner, behind))


def _root(behind: Observations) -> Finding | None:
    root = rank(examine(behind).findings).root
    return root if root and root.role != "info" and root.confidence >= 0.5 else None


async def _workload_of(reading: Reading, pods: tuple[Pod, ...], service: str) -> Workload | None:
    owner = next((found for pod in pods if (found := pod.metadata.controller())), None)
    if owner and owner.kind in WORKLOADS:
        return await reading.get("workload", WORKLOADS[owner.kind], owner.name)
    if owner and owner.kind == "ReplicaSet":
        replica_set = await reading.get("workload", REPLICA_SETS, owner.name)
        above = replica_set.metadata.controller() if replica_set else None
        return await reading.get("workload", DEPLOYMENTS, above.name) if above else None
    same_name = await reading.get("workload", DEPLOYMENTS, service)
    return same_name or await reading.get("workload", STATEFUL_SETS, service)


async def _with_sets(reading: Reading, behind: Observations) -> Observations:
    """Its ReplicaSets, when there are no pods at all: they carry why none could be made."""
    workload = behind.workload
    if workload is None or behind.pods or workload.kind != "Deployment" or workload.desired() == 0:
        return behind
    sets = await reading.list("replica_sets", REPLICA_SETS, labels=workload.spec.selector.as_query(), limit=20)
    return replace(behind, replica_sets=sets)
