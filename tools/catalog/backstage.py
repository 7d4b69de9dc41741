"""The catalog of a Backstage backend, over its REST API (plugin catalog, /api/catalog)."""

from collections.abc import Awaitable, Iterator, Sequence
from typing import Any

from tools.catalog.entities import entity_from, items, mapping, relations_from, text
from tools.catalog.matching import matches
from tools.catalog.models import Entity
from tools.catalog.port import EntityFilter, Found
from tools.errors import InvalidArgs, NotFound, Unavailable
from tools.http import HttpApi

PAGE = 500
MAX_PAGES = 20
REFS_PER_CALL = 100
FIELDS = (
    "kind",
    "metadata.annotations",
    "metadata.description",
    "metadata.labels",
    "metadata.links",
    "metadata.name",
    "metadata.namespace",
    "metadata.tags",
    "metadata.title",
    "relations",
    "spec.lifecycle",
    "spec.owner",
    "spec.profile",
    "spec.system",
    "spec.type",
)
"""What an `Entity` holds; spec.definition of an API can be megabytes."""

TEXT_FIELDS = ("metadata.name", "metadata.title", "metadata.description", "metadata.tags", "spec.profile.displayName")


def catalog_url(url: str) -> str:
    """The base of the catalog API: `url` may be the backend's address, with or without /api or /api/catalog."""
    base = url.rstrip("/")
    if base.endswith("/api/catalog"):
        return base
    return f"{base}/catalog" if base.endswith("/api") else f"{base}/api/catalog"


class BackstageCatalog:
    """Reads a catalog backend. Build `api` with `catalog_url`. Raises Unavailable, Forbidden.

    The backend indexes no text longer than about 200 characters: a word late in a long description is not found.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def find(self, where: EntityFilter, *, limit: int = 500) -> Found:
        """Entities that match, in pages (GET /entities/by-query). The filter is checked again here.

        So a condition that the query cannot carry (a comma in a value) narrows less, but the answer is the same.
        """
        found: list[Entity] = []
        params = _query(where, min(PAGE, limit + 1))
        for _ in range(MAX_PAGES):
            page = await _answer(self._api.get("/entities/by-query", params))
            entities = (_entity(raw) for raw in items(page.get("items")))
            found.extend(entity for entity in entities if entity and matches(entity, where))
            cursor = text(mapping(page.get("pageInfo")).get("nextCursor"))
            if not cursor or len(found) > limit:
                return Found(_in_order(found[:limit]), truncated=len(found) > limit)
            params = [("cursor", cursor), ("limit", str(PAGE)), ("fields", ",".join(FIELDS))]
        return Found(_in_order(found[:limit]), truncated=True)

    async def by_refs(self, refs: Sequence[str]) -> tuple[Entity | None, ...]:
        """Entities in the order of `refs`, None where there is none (POST /entities/by-refs)."""
        found: list[Entity | None] = []
        for start in range(0, len(refs), REFS_PER_CALL):
            chunk = refs[start : start + REFS_PER_CALL]
            body = {"entityRefs": [ref.lower() for ref in chunk], "fields": list(FIELDS)}
            answer = await _answer(self._api.query("/entities/by-refs", body))
            entities = [_entity(raw) for raw in items(answer.get("items"))]
            if len(entities) != len(chunk):
                raise Unavailable(
                    f"The catalog answered {len(entities)} entities where {len(chunk)} were asked for.",
                    system="catalog",
                )
            found.extend(entities)
        return tuple(found)


async def _answer(call: Awaitable[Any]) -> dict[str, Any]:
    try:
        return mapping(await call)
    except NotFound as exc:
        raise Unavailable(f"{exc.message} It must be the address of a Backstage backend.", system="catalog") from exc
    except InvalidArgs as exc:
        raise Unavailable(exc.message, system="catalog") from exc


def _query(where: EntityFilter, limit: int) -> list[tuple[str, str]]:
    """Query parameters: conditions inside one `filter` all hold, several `filter` are alternatives."""
    conditions = list(_conditions(where))
    kinds = [f"kind={kind}" for kind in where.kinds] or [""]
    filters = [",".join(filter(None, [kind, *conditions])) for kind in kinds]
    params = [("filter", filter_) for filter_ in filters if filter_]
    if where.text.strip():
        params += [("fullTextFilterTerm", where.text.strip()), ("fullTextFilterFields", ",".join(TEXT_FIELDS))]
    params += [("orderField", "metadata.name,asc"), ("limit", str(limit)), ("totalItems", "exclude")]
    return [*params, ("fields", ",".join(FIELDS))]


def _conditions(where: EntityFilter) -> Iterator[str]:
    if where.name:
        yield _condition("metadata.name", where.name)
    if where.owner:
        yield _condition("relations.ownedBy", where.owner)
    if where.annotation:
        yield _condition(f"metadata.annotations.{where.annotation[0]}", where.annotation[1])


def _condition(key: str, value: str | None) -> str:
    """A comma would end the condition and there is no way to escape it: then ask only that the key exists."""
    return key if value is None or "," in value else f"{key}={value}"


def _entity(raw: Any) -> Entity | None:
    entity = entity_from(mapping(raw), relations_from(mapping(raw)))
    return entity if entity.kind and entity.name else None


def _in_order(entities: list[Entity]) -> tuple[Entity, ...]:
    return tuple(sorted(entities, key=lambda entity: entity.ref))
