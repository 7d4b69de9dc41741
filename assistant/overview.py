"""What concerns one person: the services of their teams with health, and what they changed lately."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from assistant.confirmation.history import History
from assistant.conversation import ProposalView
from assistant.identity.directory import Directory
from assistant.identity.principal import Principal
from assistant.service import ToolboxFor
from tools.catalog.models import Entity
from tools.catalog.port import Catalog, EntityFilter
from tools.clock import Clock
from tools.contract import ReadTool
from tools.errors import Ambiguous, ToolError

MAX_SERVICES, MAX_PLACES, MAX_TEAMS, MAX_CHANGES = 10, 4, 5, 5
AT_ONCE = 4  # reads of one overview: a cluster must not feel that somebody looks at their Home tab
DEADLINE_SECONDS = 8.0
FRESH = timedelta(seconds=30)
LATELY = timedelta(days=7)
MAX_CACHED = 500
FAILING = frozenset({"failing", "degraded", "unstable"})


@dataclass(frozen=True)
class Place:
    """A service in one environment. `health`: a word of tools/cluster/health.py; "unknown" with its reason."""

    environment: str
    health: str
    reason: str = ""
    ready: int = 0
    desired: int = 0


@dataclass(frozen=True)
class Service:
    """A component of one of the person's teams and where it runs, the least healthy place first."""

    name: str
    title: str
    places: tuple[Place, ...]

    @property
    def failing(self) -> Place | None:
        """A place that somebody should look at."""
        return next((place for place in self.places if place.health in FAILING), None)


@dataclass(frozen=True)
class Services:
    """Failing ones first, then by name. `note`: why some are missing, or ""."""

    rows: tuple[Service, ...] = ()
    note: str = ""


@dataclass
class Overview:
    """Reads through the tools, as the person; bounded, and kept for half a minute."""

    directory: Directory
    catalog: Catalog | None
    toolbox_for: ToolboxFor
    history: History
    clock: Clock
    _kept: dict[str, tuple[datetime, Services]] = field(default_factory=dict)

    async def services(self, account: str) -> Services:
        """Services of the person's teams. Raises UnknownPerson, Unavailable (the catalog)."""
        who = await self.directory.principal(account)
        now = self.clock()
        until, kept = self._kept.get(who.id, (now, None))
        if kept is not None and now < until:
            return kept
        found = await self._read(who)
        if len(self._kept) >= MAX_CACHED:
            self._kept.clear()
        self._kept[who.id] = (now + FRESH, found)
        return found

    async def changes(self, account: str) -> Sequence[ProposalView]:
        """What this person changed in the last days, newest first. Raises UnknownPerson."""
        who = await self.directory.principal(account)
        return await self.history.of(who.id, since=self.clock() - LATELY, limit=MAX_CHANGES)

    async def _read(self, who: Principal) -> Services:
        if self.catalog is None:
            return Services(note="No catalog is connected, so I do not know which services are yours.")
        owned = await self._owned(who, self.catalog)
        tool = self.toolbox_for(who).reads.get("get_workload")
        if not owned or tool is None:
            return Services(note="The catalog names no services of your teams." if not owned else "")
        shown = owned[:MAX_SERVICES]
        found: dict[str, tuple[Place, ...]] = {}
        note = f"{len(owned) - len(shown)} more are yours." if len(owned) > len(shown) else ""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await _look_at_all(tool, shown, found)
        except TimeoutError:
            note = "The cluster is slow: some were not read in time."
        rows = [Service(one.name, one.title or one.name, found.get(one.ref, ())) for one in shown]
        return Services(tuple(sorted(rows, key=lambda row: (row.failing is None, row.name))), note)

    @staticmethod
    async def _owned(who: Principal, catalog: Catalog) -> list[Entity]:
        found: dict[str, Entity] = {}
        for team in who.teams[:MAX_TEAMS]:
            owned = await catalog.find(EntityFilter(kinds=("component",), owner=team))
            found.update((one.ref, one) for one in owned.entities if not one.orphan)
        return sorted(found.values(), key=lambda one: one.name)


async def _look_at_all(
    tool: ReadTool[Any, Any], entities: Sequence[Entity], found: dict[str, tuple[Place, ...]]
) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(entity: Entity) -> None:
        async with gate:
            found[entity.ref] = await _places(tool, entity)

    async with asyncio.TaskGroup() as tasks:
        for entity in entities:
            tasks.create_task(look(entity))


async def _places(tool: ReadTool[Any, Any], entity: Entity) -> tuple[Place, ...]:
    """Where it runs; what cannot be read says why."""
    try:
        return (await _place(tool, entity.ref, None),)
    except Ambiguous as several:
        named = [choice.rpartition(" in ") for choice in several.candidates[:MAX_PLACES]]
        places = [await _tried(tool, workload, environment) for workload, _, environment in named]
        return tuple(sorted(places, key=lambda place: (place.health not in FAILING, place.environment)))
    except ToolError as error:
        return (Place("", "unknown", error.message),)


async def _tried(tool: ReadTool[Any, Any], workload: str, environment: str) -> Place:
    try:
        return await _place(tool, workload, environment)
    except ToolError as error:
        return Place(environment, "unknown", error.message)


async def _place(tool: ReadTool[Any, Any], workload: str, environment: str | None) -> Place:
    seen = await tool.run(tool.args.model_validate({"workload": workload, "environment": environment}))
    return Place(seen.workload.namespace or "", str(seen.health), seen.reason, seen.ready, seen.desired)
