"""What tools need of a service catalog."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.catalog.models import Entity


@dataclass(frozen=True)
class EntityFilter:
    """All given parts must hold. `kinds` are alternatives, lower case.

    `annotation` is (key, value), or (key, None) for "exists". `name`: the whole name. `text`: a part of the name,
    title, description, display name or of a tag. Letter case never counts.
    """

    kinds: tuple[str, ...] = ()
    owner: str | None = None
    name: str = ""
    text: str = ""
    annotation: tuple[str, str | None] | None = None


@dataclass(frozen=True)
class Found:
    """Entities by ref order. `truncated`: more matched than `limit`."""

    entities: tuple[Entity, ...]
    truncated: bool = False


class Catalog(Protocol):
    """Reads the catalog. Raises Unavailable, Forbidden. An unknown ref is None, not an error."""

    async def find(self, where: EntityFilter, *, limit: int = 500) -> Found:
        """Entities that match."""
        ...

    async def by_refs(self, refs: Sequence[str]) -> tuple[Entity | None, ...]:
        """Entities in the order of `refs` ("kind:namespace/name"), None where there is none."""
        ...
