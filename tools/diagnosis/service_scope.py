"""Where a service runs: all workloads of a catalog component and of what it depends on, in each namespace."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.catalog.models import Entity
from tools.catalog.port import Catalog
from tools.catalog.refs import short_name
from tools.catalog.resolving import resolve
from tools.cluster.port import ClusterReader, Targets
from tools.contract import ObjectRef
from tools.errors import Ambiguous, Forbidden, NotFound, Unavailable
from tools.targets.queries import NAMESPACE, catalog_queries, label_queries, name_queries
from tools.targets.search import BATCH, SERVING, Query, search
from tools.targets.words import parse_workload

KINDS = ("component", "resource")
ALL = (*SERVING, *BATCH)
MAX_DEPENDENCIES = 8


@dataclass(frozen=True)
class Service:
    """A service as a person names it. `entity` None: the catalog does not know it, or there is none (`note`)."""

    name: str
    entity: Entity | None
    dependencies: tuple[Entity, ...] = ()
    note: str = ""


async def find_service(name: str, catalog: Catalog | None) -> Service:
    """The component of that name with what it depends on; without a catalog only the name.

    Raises Ambiguous when several have that name. A name the catalog lacks may still be a workload.
    """
    if catalog is None:
        return Service(name, None)
    try:
        entity = await resolve(name, catalog, kinds=KINDS)
        refs = [ref for ref in entity.related("dependsOn") if ref.partition(":")[0] in KINDS][:MAX_DEPENDENCIES]
        found = await catalog.by_refs(refs) if refs else ()
    except NotFound:
        return Service(name, None)
    except (Unavailable, Forbidden) as problem:
        return Service(name, None, note=f"the catalog could not be read: {problem.message}")
    return Service(entity.name, entity, tuple(one for one in found if one))


async def places_of(service: Service, environment: str | None, targets: Targets) -> tuple[str | None, ...]:
    """Namespaces to look in; (None,) is everywhere. The catalog may pin one of the environment's."""
    pinned = service.entity.annotations.get(NAMESPACE) if service.entity else None
    if environment is None:
        return (pinned,)
    namespaces = await targets.namespaces(environment)
    return (pinned,) if pinned in namespaces else namespaces


async def workloads_of(
    name: str, entity: Entity | None, cluster: ClusterReader, places: Sequence[str | None]
) -> tuple[ObjectRef, ...]:
    """All workloads by the catalog's annotation, else of that name, else with its label; by namespace and name.

    Raises Forbidden when none of the places may be searched.
    """
    for way in _ways(name, entity):
        found: dict[ObjectRef, None] = {}
        refused: dict[str | None, Forbidden] = {}
        for query in way:
            hits = await search(cluster, query, places)
            found |= dict.fromkeys(hit.ref for hit in hits.found)
            refused |= hits.forbidden
        if refused and len(refused) == len(places):
            raise next(iter(refused.values()))
        if found:
            return tuple(sorted(found, key=lambda ref: (ref.namespace or "", ref.kind, ref.name)))
    return ()


async def anywhere(service: Service, targets: Targets) -> tuple[ObjectRef, ...]:
    """Its workloads as far as names resolve without looking everywhere, for a person who may not.

    Raises NotFound, Forbidden.
    """
    try:
        return ((await targets.workload(service.name, None)).ref,)
    except Ambiguous as several:
        wanted = [parse_workload(choice) for choice in several.candidates]
        found = [
            await targets.workload(f"{one.kind}/{one.name}" if one.kind else one.name, one.environment)
            for one in wanted
        ]
        return tuple(target.ref for target in found)


def _ways(name: str, entity: Entity | None) -> Iterator[Iterable[Query]]:
    wanted = parse_workload(entity.name if entity else short_name(name))
    yield tuple(catalog_queries(entity, ALL))
    yield tuple(name_queries(wanted, entity, ALL))
    yield tuple(label_queries(wanted))
