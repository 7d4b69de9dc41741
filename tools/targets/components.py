"""The catalog component behind a workload's name."""

from tools.catalog.models import Entity
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.refs import parse_ref
from tools.catalog.resolving import resolve
from tools.errors import Ambiguous, Forbidden, NotFound, Unavailable
from tools.targets.queries import KUBERNETES_ID
from tools.targets.search import Hit
from tools.targets.words import WorkloadName

KINDS = ("component", "resource")  # a database of the catalog often runs as a StatefulSet of its name


class Components:
    """Looks components up. A catalog that does not answer stands for none: the cluster alone must do."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog

    async def named(self, wanted: WorkloadName) -> tuple[Entity | None, str]:
        """The component of that ref or exact name, and a note when the catalog did not answer.

        Raises NotFound for a ref the catalog does not have, Ambiguous for a name in two catalog namespaces.
        """
        if self._catalog is None or (wanted.kind and not wanted.ref):
            return None, ""
        try:
            if wanted.ref:
                return await resolve(wanted.ref, self._catalog, kinds=KINDS), ""
            return await self._by_name(wanted.name, self._catalog), ""
        except (Unavailable, Forbidden) as exc:
            return None, f"without the catalog ({exc.message})"

    async def titled(self, words: str) -> Entity | None:
        """The component with that title, or with that name but for words like "service"."""
        if self._catalog is None:
            return None
        try:
            return await resolve(words, self._catalog, kinds=KINDS)
        except (NotFound, Ambiguous, Unavailable, Forbidden):
            return None

    async def speaking_for(self, hit: Hit, named: Entity | None) -> Entity | None:
        """The component that a workload belongs to: policy asks its owner, so words that lead there do not decide.

        The one that has the id of the workload's own label, or its name, wins over one that only points at it, since
        anybody may register a component that does. Several that point, and none of that name: nobody.
        """
        own = hit.labels.get(KUBERNETES_ID) or hit.ref.name
        if self._catalog is None or (named is not None and named.name.lower() == own.lower()):
            return named
        try:
            namesake = await self._by_name(own, self._catalog)
            found = (await self._catalog.find(EntityFilter(kinds=KINDS, annotation=(KUBERNETES_ID, own)))).entities
        except (Ambiguous, Unavailable, Forbidden):
            return None
        if namesake is not None and namesake.annotations.get(KUBERNETES_ID, own) == own:
            return namesake
        labelled = found if KUBERNETES_ID in hit.labels else ()
        pointing = {entity.ref: entity for entity in (*labelled, *filter(None, (named,)))}
        return next(iter(pointing.values())) if len(pointing) == 1 else None

    async def _by_name(self, name: str, catalog: Catalog) -> Entity | None:
        ref = parse_ref(name, kind=KINDS[0])
        if ref is None:
            return None
        everything = (await catalog.find(EntityFilter(kinds=KINDS, name=ref.name))).entities
        found = tuple(entity for entity in everything if entity.kind.lower() == KINDS[0]) or everything
        if len(found) > 1:
            refs = tuple(entity.ref for entity in found)[:8]
            raise Ambiguous(f"{name!r} is the name of {len(found)} catalog components: {', '.join(refs)}.", refs)
        return found[0] if found else None
