"""The catalog component behind a workload's name."""

from tools.catalog.models import Entity
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.refs import parse_ref
from tools.catalog.resolving import resolve
from tools.errors import Ambiguous, Forbidden, NotFound, Unavailable
from tools.targets.queries import KUBERNETES_ID
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

    async def labelled(self, labels: dict[str, str]) -> Entity | None:
        """The component that a workload's own label names, when it is exactly one."""
        identifier = labels.get(KUBERNETES_ID)
        if self._catalog is None or not identifier:
            return None
        try:
            found = await self._catalog.find(EntityFilter(kinds=KINDS, annotation=(KUBERNETES_ID, identifier)))
        except (Unavailable, Forbidden):
            return None
        return found.entities[0] if len(found.entities) == 1 else None

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
