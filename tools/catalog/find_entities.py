"""Find services, teams and other entities of the catalog."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tools.catalog.evidence import cut, fact
from tools.catalog.models import Entity
from tools.catalog.ownership import owner_ref
from tools.catalog.port import Catalog, EntityFilter
from tools.catalog.ranking import Match, Ranked, kind_order, rank
from tools.catalog.resolving import LISTED, required, visible
from tools.clock import Clock
from tools.contract import Args, Claim, Conclusion, Evidence, Result, Verdict
from tools.errors import NotFound

MAX_FOUND = 20
MAX_CLAIMS = 12  # what an answer may hold
MAX_DESCRIPTION = 120  # of a hit in a list; get_entity shows more
ALIASES = {"service": "component", "app": "component", "application": "component", "website": "component"} | {
    "team": "group",
    "person": "user",
    "people": "user",
    "database": "resource",
}


class FindEntitiesArgs(Args):
    text: Annotated[str | None, Field(max_length=100, description="Name, title, tag or words of the description.")] = (
        None
    )
    kind: Annotated[
        str | None, Field(max_length=40, description="component, api, resource, system, domain, group or user.")
    ] = None
    owner: Annotated[str | None, Field(max_length=150, description="Only to list what a team or person owns.")] = None


class FoundEntity(BaseModel, frozen=True):
    """One hit. `match`: how the text fits; "listed" when no text was given."""

    ref: str
    title: str
    type: str
    lifecycle: str
    owner: str | None
    match: Literal["exact", "prefix", "part", "tag", "description", "similar", "listed"]
    evidence: Evidence


class FindEntitiesResult(Result):
    """Hits, best first. `truncated`: more than 20 fit. `similar_only`: no name fits, these merely look like it."""

    entities: tuple[FoundEntity, ...]
    truncated: bool
    similar_only: bool = False
    owner: str | None = None
    asked_text: bool = False

    def conclusion(self) -> Conclusion | None:
        """What a team owns, when that was the question."""
        if self.owner is None or self.asked_text or not self.entities:
            return None
        names = ", ".join(entity.ref for entity in self.entities[:MAX_CLAIMS])
        more = ", …" if len(self.entities) > MAX_CLAIMS else ""
        return Conclusion(
            subject=self.owner,
            verdict=Verdict.CONFIRMED,
            summary=f"{self.owner} owns {'more than ' if self.truncated else ''}{len(self.entities)}: {names}{more}.",
            claims=tuple(
                Claim(text=entity.evidence.text, evidence=(entity.evidence,)) for entity in self.entities[:MAX_CLAIMS]
            ),
        )


async def find_entities(args: FindEntitiesArgs, *, catalog: Catalog | None, clock: Clock) -> FindEntitiesResult:
    """Find services, APIs, databases, systems, teams and people in the service catalog.

    Give a text, a kind or an owner. Exact names come before beginnings, parts, tags, descriptions and similar names;
    at most 20. Raises NotFound for an unknown owner when no text is given, Unavailable, Forbidden.
    """
    known = required(catalog)
    kinds = _kinds(args.kind)
    owner = await _owner(args, known)
    where = EntityFilter(kinds=kinds, owner=owner)
    if args.text and args.text.strip():
        ranked, cut_short = await _search(args.text, where, known)
    else:
        ranked, cut_short = await _list(where, known)
    hits = tuple(_hit(item, clock(), listed=not args.text) for item in ranked[:MAX_FOUND])
    return FindEntitiesResult(
        entities=hits,
        truncated=cut_short or len(ranked) > MAX_FOUND,
        similar_only=bool(hits) and all(hit.match == "similar" for hit in hits),
        owner=owner,
        asked_text=bool(args.text),
    )


async def _owner(args: FindEntitiesArgs, catalog: Catalog) -> str | None:
    """An unknown owner beside a text narrows nothing: models fill in what they were not told."""
    if not args.owner:
        return None
    try:
        return await owner_ref(args.owner, catalog)
    except NotFound:
        if args.text:
            return None
        raise


async def _search(text: str, where: EntityFilter, catalog: Catalog) -> tuple[tuple[Ranked, ...], bool]:
    mentioned = EntityFilter(kinds=where.kinds, owner=where.owner, text=text)
    found = await catalog.find(mentioned)
    ranked = rank(text, _shown(found.entities, where))
    if ranked and ranked[0].match <= Match.PART:
        return ranked, found.truncated
    listed = await catalog.find(where, limit=LISTED)
    everything = {entity.ref: entity for entity in (*found.entities, *listed.entities)}
    return rank(text, _shown(tuple(everything.values()), where)), found.truncated


async def _list(where: EntityFilter, catalog: Catalog) -> tuple[tuple[Ranked, ...], bool]:
    found = await catalog.find(where)
    entities = sorted(_shown(found.entities, where), key=lambda entity: (kind_order(entity), entity.ref))
    return tuple(Ranked(entity, Match.EXACT, 0.0) for entity in entities), found.truncated


def _shown(entities: tuple[Entity, ...], where: EntityFilter) -> tuple[Entity, ...]:
    return entities if where.kinds else visible(entities)


def _kinds(written: str | None) -> tuple[str, ...]:
    kind = (written or "").strip().lower()
    singular = kind.removesuffix("s")
    return (ALIASES.get(kind) or ALIASES.get(singular) or singular,) if kind else ()


def _hit(ranked: Ranked, at: datetime, *, listed: bool) -> FoundEntity:
    entity = ranked.entity
    what = " ".join(filter(None, (entity.type, entity.kind)))
    owner = f", owner {entity.owner}" if entity.owner else ""
    description = cut(entity.description, MAX_DESCRIPTION)
    text = f"{entity.name}: {what}{owner}" + (f": {description}" if description else "")
    return FoundEntity(
        ref=entity.ref,
        title=cut(entity.title or entity.profile_display_name, 80),
        type=cut(entity.type, 40),
        lifecycle=cut(entity.lifecycle, 40),
        owner=entity.owner,
        match="listed" if listed else ranked.match.name.lower(),
        evidence=fact(entity, "metadata", text, at),
    )
