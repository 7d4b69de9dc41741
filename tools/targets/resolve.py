"""Resolve a workload: catalog annotation, else name, else label, in the namespaces of the environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.catalog.models import Entity
from tools.catalog.port import Catalog
from tools.catalog.refs import short_name
from tools.cluster.models.resources import DEPLOYMENTS
from tools.cluster.port import ClusterReader, Target
from tools.errors import Forbidden, InvalidArgs, NotFound
from tools.targets.choosing import choose, similar
from tools.targets.components import Components
from tools.targets.environments import EnvironmentRule, Environments, Scope, refuses_person
from tools.targets.queries import CLUSTER, KUBERNETES_ID, NAMESPACE, object_name, ways
from tools.targets.search import SERVING, Hit, Query, search
from tools.targets.words import WorkloadName, parse_workload

MANAGED_BY = "backstage.io/managed-by-location"
MAX_NAMESPACES = 10  # searched one by one when the person may not list in all


@dataclass(frozen=True)
class Area:
    """Where a search looks. `scope` None: every namespace; `places` as `search` takes them."""

    scope: Scope | None
    places: tuple[str | None, ...]

    def holds(self, hit: Hit) -> bool:
        """Whether a hit lies in the scope."""
        return self.scope is None or hit.ref.namespace in self.scope.namespaces


class ClusterTargets:
    """Implements `Targets` for one person. A handful of calls each, none of them growing with the cluster.

    `clusters`: a reader per cluster name, all as this person; `default` names the one that tools read today.
    """

    def __init__(
        self,
        clusters: Mapping[str, ClusterReader],
        default: str,
        catalog: Catalog | None,
        environments: Mapping[str, EnvironmentRule],
    ) -> None:
        self._clusters = clusters
        self._default = default
        self._cluster = clusters[default]
        self._components = Components(catalog)
        self._environments = Environments(self._cluster, environments)

    async def namespaces(self, environment: str) -> tuple[str, ...]:
        """Namespaces of an environment, sorted. Raises NotFound with the known environments, Forbidden."""
        scope = await self._environments.scope(environment)
        self._check_cluster(scope.cluster)
        return scope.namespaces

    async def tier(self, namespace: str) -> str:
        """Whether a namespace is production, as for a workload in it."""
        return await self._environments.tier(namespace)

    async def workload(self, name: str, environment: str | None) -> Target:
        """The workload meant by a name; see `Targets.workload`. Raises also Forbidden and InvalidArgs."""
        wanted = parse_workload(name)
        component, note = await self._components.named(wanted)
        scope = await self._scope(environment or wanted.environment, component)
        area = Area(scope, await self._places(scope))
        hits, forbidden = await self._search(wanted, component, area)
        if not hits:
            titled = None if component else await self._components.titled(wanted.name)
            if titled is None:
                raise forbidden or await self._not_found(wanted, component, area)
            return await self.workload(titled.ref, environment or wanted.environment)
        hit = choose(name, _names(wanted, component), hits)
        return await self._target(hit, await self._components.speaking_for(hit, component), scope, note)

    async def _scope(self, environment: str | None, component: Entity | None) -> Scope | None:
        """None: everywhere. A namespace that the catalog names counts when it is one of the environment's."""
        annotations = component.annotations if component else {}
        self._check_cluster(annotations.get(CLUSTER), unknown_is_error=False)
        pinned = annotations.get(NAMESPACE)
        if environment is None:
            return Scope((pinned,), f"catalog annotation {NAMESPACE}={pinned}") if pinned else None
        scope = await self._environments.scope(environment, _hints(component))
        self._check_cluster(scope.cluster)
        return Scope((pinned,), scope.how, scope.cluster) if pinned in scope.namespaces else scope

    def _check_cluster(self, name: str | None, *, unknown_is_error: bool = True) -> None:
        if name is None or name == self._default or (name not in self._clusters and not unknown_is_error):
            return
        raise InvalidArgs(f"That is in cluster {name!r}; only {self._default!r} can be asked from here today.")

    async def _search(
        self, wanted: WorkloadName, component: Entity | None, area: Area
    ) -> tuple[tuple[Hit, ...], Forbidden | None]:
        """Hits of the first way that finds some, and why a namespace could not be searched."""
        refused: dict[str | None, Forbidden] = {}
        for way in ways(wanted, component, everywhere=area.scope is None):
            found: list[Hit] = []
            for query in way:
                answer = await search(self._cluster, query, [place for place in area.places if place not in refused])
                refused |= answer.forbidden
                found.extend(filter(area.holds, answer.found))
            if found:
                return tuple(found), None
        return (), next(iter(refused.values()), None)

    async def _places(self, scope: Scope | None) -> tuple[str | None, ...]:
        """Where to search: (None,) is everywhere at once, which several namespaces are read by when that is allowed."""
        if scope is not None and len(scope.namespaces) == 1:
            return scope.namespaces
        try:
            everywhere = (await self._cluster.can_i("list", DEPLOYMENTS, None)).allowed
        except Forbidden as exc:
            if refuses_person(exc):
                raise
            everywhere = False
        if everywhere:
            return (None,)
        known = scope.namespaces if scope else await self._environments.all()
        if not known or len(known) > MAX_NAMESPACES:
            raise Forbidden(
                "Say in which namespace: you may not look in all of them (list deployments in all namespaces).",
                missing="list deployments in all namespaces",
            )
        return known

    async def _target(self, hit: Hit, component: Entity | None, scope: Scope | None, note: str) -> Target:
        place = scope.how if scope else "the only one that fits in all namespaces"
        return Target(
            ref=hit.ref,
            how="; ".join(filter(None, (hit.how, place, note))),
            component=component.ref if component else None,
            tier=await self._environments.tier(hit.ref.namespace or ""),
            owner=component.owner if component else None,
            owner_location=component.annotations.get(MANAGED_BY) if component else None,
        )

    async def _not_found(self, wanted: WorkloadName, component: Entity | None, area: Area) -> NotFound:
        listed = await search(self._cluster, Query("", SERVING), area.places)
        candidates = similar(wanted.name, filter(area.holds, listed.found))
        scope = area.scope
        where = f"in {', '.join(scope.namespaces)} ({scope.how})" if scope else "in any namespace"
        known = f"The catalog knows {component.ref}, but no" if component else "No"
        advice = f" Nearest: {', '.join(candidates)}." if candidates else ""
        return NotFound(f"{known} workload {wanted.name!r} was found {where}.{advice}", candidates)


def _names(wanted: WorkloadName, component: Entity | None) -> frozenset[str]:
    identifier = component.annotations.get(KUBERNETES_ID, "") if component else ""
    return frozenset({object_name(wanted.name), identifier} - {""})


def _hints(component: Entity | None) -> tuple[str, ...]:
    """Words a namespace may be named after: the catalog's namespace, the system, the component itself."""
    if component is None:
        return ()
    system = short_name(component.system) if component.system else ""
    return tuple(filter(None, (component.annotations.get(NAMESPACE, ""), system, component.name.lower())))
