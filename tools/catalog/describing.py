"""The parts of an entity worth showing, bounded, each with its evidence (pure)."""

from datetime import datetime

from pydantic import BaseModel

from tools.catalog.annotations import on_call, pointers
from tools.catalog.evidence import MAX_DESCRIPTION, cut, fact
from tools.catalog.models import Entity, Link
from tools.contract import Evidence

MAX_LINKS = 10
MAX_RELATED = 15  # of one relation


class Related(BaseModel, frozen=True):
    """Entities of one relation, sorted by ref, at most 15; `more` counts the rest."""

    relation: str
    refs: tuple[str, ...]
    more: int
    evidence: Evidence


def links(entity: Entity) -> tuple[Link, ...]:
    """Web links, at most 10; other schemes are left out."""
    web = [link for link in entity.links if link.url.startswith(("https://", "http://"))]
    return tuple(
        Link(url=cut(link.url, 300), title=cut(link.title, 80), type=cut(link.type, 40)) for link in web[:MAX_LINKS]
    )


def related(entity: Entity, at: datetime) -> tuple[Related, ...]:
    """Its relations, one row per type, sorted by type."""
    kinds = sorted({relation.type for relation in entity.relations})
    return tuple(_relation(entity, kind, at) for kind in kinds)


def _relation(entity: Entity, kind: str, at: datetime) -> Related:
    refs = entity.related(kind)
    shown = refs[:MAX_RELATED]
    evidence = fact(entity, f"relations.{kind}", f"{kind}: {', '.join(shown)}", at)
    return Related(relation=kind, refs=shown, more=len(refs) - len(shown), evidence=evidence)


def facts(entity: Entity, at: datetime) -> tuple[Evidence, ...]:
    """One fact per annotation that is shown, then the description and the orphan mark."""
    facts = [
        fact(entity, f"metadata.annotations.{pointer.annotation}", f"{pointer.label} {pointer.value}", at)
        for pointer in (*on_call(entity), *pointers(entity))
    ]
    if entity.description:
        facts.append(fact(entity, "metadata.description", cut(entity.description, MAX_DESCRIPTION), at))
    if entity.orphan:
        facts.append(fact(entity, "metadata.annotations.backstage.io/orphan", "the catalog lost its source", at))
    return tuple(facts)
