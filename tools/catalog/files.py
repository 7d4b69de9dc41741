"""A catalog kept as catalog-info YAML files in a folder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tools.catalog.documents import Problem
from tools.catalog.entities import entity_from
from tools.catalog.matching import matches
from tools.catalog.models import Entity
from tools.catalog.port import EntityFilter, Found
from tools.catalog.reading import Reading, Stamp, read_folder, stamps, walk
from tools.catalog.relations import both_ways
from tools.errors import Unavailable

LOCATION_ANNOTATION = "backstage.io/managed-by-location"


@dataclass(frozen=True)
class Snapshot:
    """The catalog as it was when `stamp` held."""

    entities: dict[str, Entity]
    problems: tuple[Problem, ...]
    files: tuple[Path, ...]
    stamp: frozenset[Stamp]


class FileCatalog:
    """Reads a folder of catalog files, or one file, and again when a file changed (modification time, size).

    Relations are computed in both directions. An entity that is described twice counts as first described.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._snapshot: Snapshot | None = None
        self._loading = asyncio.Lock()

    async def find(self, where: EntityFilter, *, limit: int = 500) -> Found:
        """Entities that match. Raises Unavailable when the folder cannot be read."""
        snapshot = await self._current()
        found = [entity for _, entity in sorted(snapshot.entities.items()) if matches(entity, where)]
        return Found(tuple(found[:limit]), truncated=len(found) > limit)

    async def by_refs(self, refs: Sequence[str]) -> tuple[Entity | None, ...]:
        """Entities in the order of `refs`, None where there is none."""
        snapshot = await self._current()
        return tuple(snapshot.entities.get(ref.lower()) for ref in refs)

    async def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files, in the order they were read. The rest of the catalog works all the same."""
        return (await self._current()).problems

    async def _current(self) -> Snapshot:
        async with self._loading:
            try:
                self._snapshot = await asyncio.to_thread(_refresh, self._path, self._snapshot)
            except OSError as exc:
                raise Unavailable(
                    f"The catalog folder {self._path} cannot be read: {exc.strerror}. Check CATALOG__PATH.",
                    system="catalog",
                ) from exc
            return self._snapshot


def _refresh(path: Path, last: Snapshot | None) -> Snapshot:
    if last is not None and stamps(chain(walk(path.absolute()), last.files)) == last.stamp:
        return last
    reading = read_folder(path)
    entities = _entities(reading)
    files = tuple(reading.files)
    return Snapshot(entities, tuple(reading.problems), files, stamps(chain(walk(path.absolute()), files)))


def _entities(reading: Reading) -> dict[str, Entity]:
    raws: dict[str, tuple[str, dict[str, Any]]] = {}
    for file, raw in reading.raws:
        ref = entity_from(raw, ()).ref
        if ref in raws:
            reading.report(reading.root / file, 0, f"{ref} is described already in {raws[ref][0]}: left out")
            continue
        raws[ref] = (file, raw)
    relations = both_ways((ref, raw) for ref, (_, raw) in raws.items())
    return {ref: _located(entity_from(raw, relations.get(ref, ())), file) for ref, (file, raw) in raws.items()}


def _located(entity: Entity, file: str) -> Entity:
    """With the file it was read from: what its author writes there must not count, since approvers can follow it."""
    annotations = {**entity.annotations, LOCATION_ANNOTATION: f"file:{file}"}
    return entity.model_copy(update={"annotations": annotations})
