"""Which entities a person means by a few words, and which names are near a wrong one (pure)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from tools.catalog.models import Entity

NEAR = 70  # "chekout" is 93 near checkout, "cart" 36; below 70 the words have little in common
KIND_ORDER = ("component", "system", "api", "resource", "group", "user", "domain")


class Match(IntEnum):
    """How well an entity fits, best first."""

    EXACT = 0
    PREFIX = 1
    PART = 2
    TAG = 3
    DESCRIPTION = 4
    SIMILAR = 5


@dataclass(frozen=True)
class Ranked:
    entity: Entity
    match: Match
    score: float


def rank(text: str, entities: Iterable[Entity]) -> tuple[Ranked, ...]:
    """Entities that fit the text, best first: exact before prefix before part, then tag, description, similar names.

    Letter case and the separators "-", "_", "." and blank do not count.
    """
    wanted = plain(text)
    found = [ranked for entity in entities if (ranked := _rank(wanted, entity)) is not None]
    return tuple(sorted(found, key=_order))


def nearest(name: str, names: Iterable[str], *, limit: int = 5) -> tuple[str, ...]:
    """Names that look like this one, best first, then in alphabet."""
    choices = sorted(set(names))
    near = process.extract(name, choices, scorer=fuzz.WRatio, processor=default_process, score_cutoff=NEAR, limit=limit)
    return tuple(choice for choice, _, _ in near)


def plain(text: str) -> str:
    """The text without letter case and separators: "Checkout Team" is "checkout team", as is "checkout-team"."""
    return re.sub(r"[-_.\s]+", " ", text.lower()).strip()


def names_of(entity: Entity) -> tuple[str, ...]:
    """What people call it: name, title, display name."""
    return tuple(filter(None, (entity.name, entity.title, entity.profile_display_name)))


def _rank(wanted: str, entity: Entity) -> Ranked | None:
    names = [plain(name) for name in names_of(entity)]
    tests = (
        (Match.EXACT, wanted in names or wanted == plain(entity.ref)),
        (Match.PREFIX, any(name.startswith(wanted) for name in names)),
        (Match.PART, any(wanted in name for name in names)),
        (Match.TAG, wanted in (plain(tag) for tag in entity.tags)),
        (Match.DESCRIPTION, wanted in plain(entity.description)),
    )
    score = max((fuzz.WRatio(wanted, name) for name in names), default=0.0)
    for match, holds in tests:
        if holds:
            return Ranked(entity, match, score)
    return Ranked(entity, Match.SIMILAR, score) if score >= NEAR else None


def _order(ranked: Ranked) -> tuple[int, float, int, str]:
    return ranked.match, -ranked.score, kind_order(ranked.entity), ranked.entity.ref


def kind_order(entity: Entity) -> int:
    """Place of the entity's kind when nothing else decides: components first."""
    kind = entity.kind.lower()
    return KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)


def best(ranked: Sequence[Ranked]) -> tuple[Entity, ...]:
    """The entities that fit exactly; of several kinds with one name, those of the first kind in order."""
    exact = [item.entity for item in ranked if item.match is Match.EXACT]
    first = min(map(kind_order, exact), default=0)
    return tuple(entity for entity in exact if kind_order(entity) == first)
