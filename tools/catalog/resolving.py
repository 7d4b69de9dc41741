"""Which entity a person means by a name, a title or a ref."""

from tools.catalog.models import Entity
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.ranking import best, plain, rank
from tools.catalog.refs import parse_ref
from tools.errors import Ambiguous, NotFound, Unavailable

LISTED = 2_000  # entities compared with a wrong name: four pages of a catalog backend
MAX_CANDIDATES = 8
KIND_WORDS = frozenset(
    {"the", "service", "component", "app", "application", "website", "library", "team", "group", "system"}
)
HIDDEN = frozenset({"location"})  # how the catalog finds files: nothing a person asks about


def required(catalog: Catalog | None) -> Catalog:
    """The catalog. Raises Unavailable when none is configured."""
    if catalog is None:
        raise Unavailable("No service catalog is configured: set CATALOG__PATH or CATALOG__URL.", system="catalog")
    return catalog


async def resolve(name: str, catalog: Catalog, *, kinds: tuple[str, ...] = ()) -> Entity:
    """The one entity of that name, ref or title.

    Of several kinds with one name a component comes first, then system, api, resource, group, user. Raises NotFound
    with the nearest names, Ambiguous with refs (one name in two namespaces).
    """
    if ":" in name:
        return await _by_ref(name, catalog, kinds)
    exact = best(rank(name.rpartition("/")[2], await _named(name, catalog, kinds)))
    if not exact:
        everything = visible((await catalog.find(EntityFilter(kinds=kinds), limit=LISTED)).entities)
        exact = best(rank(name, everything)) or best(rank(_without_kind_words(name), everything))
        if not exact:
            raise not_found(name, everything)
    if len(exact) > 1:
        refs = tuple(entity.ref for entity in exact)[:MAX_CANDIDATES]
        raise Ambiguous(f"{name!r} is the name of {len(exact)} entities: {', '.join(refs)}.", refs)
    return exact[0]


def not_found(name: str, among: tuple[Entity, ...]) -> NotFound:
    """The error for a name that nothing has, with the nearest names."""
    candidates = tuple(call_name(ranked.entity) for ranked in rank(name, among)[:MAX_CANDIDATES])
    advice = f" Nearest: {', '.join(candidates)}." if candidates else ""
    return NotFound(f"The catalog has no entity {name!r}.{advice}", candidates)


def call_name(entity: Entity) -> str:
    """The shortest text that `resolve` turns into this entity: "checkout", "group:shop", "component:eu/checkout"."""
    namespace = "" if entity.namespace.lower() == "default" else f"{entity.namespace}/"
    kind = entity.kind.lower()
    return entity.name if kind == "component" and not namespace else f"{kind}:{namespace}{entity.name}"


def visible(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Those a person may mean."""
    return tuple(entity for entity in entities if entity.kind.lower() not in HIDDEN)


async def _by_ref(name: str, catalog: Catalog, kinds: tuple[str, ...]) -> Entity:
    ref = parse_ref(name)
    (entity,) = await catalog.by_refs([str(ref)]) if ref else (None,)
    if entity is not None and (not kinds or entity.kind.lower() in kinds):
        return entity
    everything = visible((await catalog.find(EntityFilter(kinds=kinds), limit=LISTED)).entities)
    raise not_found(ref.name if ref else name, everything)


async def _named(name: str, catalog: Catalog, kinds: tuple[str, ...]) -> tuple[Entity, ...]:
    namespace, slash, last = name.strip().rpartition("/")
    found = visible((await catalog.find(EntityFilter(kinds=kinds, name=last))).entities)
    if not slash:
        return found
    return tuple(entity for entity in found if entity.namespace.lower() == namespace.lower())


def _without_kind_words(name: str) -> str:
    return " ".join(word for word in plain(name).split() if word not in KIND_WORDS)
