"""Tell how a service is in each environment: all its workloads, and what it depends on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args, Claim, Conclusion, Evidence, ObjectRef, Result, SuggestedAction, Verdict
from tools.diagnosis.facts import excerpt
from tools.diagnosis.models import Diagnosis, Health
from tools.diagnosis.service_scope import Service, anywhere, find_service, places_of, workloads_of
from tools.diagnosis.snapshot import FEW, Snapshot
from tools.diagnosis.survey import FAILING, Examined, Surveyor
from tools.diagnosis.telling import condition, listed
from tools.errors import Forbidden, NotFound
from tools.logs.port import LogStore

MAX_PLACES = 6
MAX_WORKLOADS = 12
_ORDER: tuple[Health, ...] = ("down", "failed", "degraded", "unknown", "progressing", "idle", "healthy")


class DiagnoseServiceArgs(Args):
    """Which service, where."""

    service: Annotated[str, Field(min_length=1, max_length=200, description="Service name, as the person said it.")]
    environment: Annotated[str | None, Field(max_length=63, description="Null: every environment it runs in.")] = None


class WorkloadState(BaseModel, frozen=True):
    """One workload. `sentence`: how it is, and why when it fails. `depends`: it is a dependency, not the service."""

    workload: ObjectRef
    health: Health
    verdict: Verdict
    sentence: str
    evidence: tuple[Evidence, ...]
    next_step: str = ""
    actions: tuple[SuggestedAction, ...] = ()
    depends: bool = False


class DiagnoseServiceResult(Result):
    """`workloads`: the worst first; those of dependencies only as far as they run where the service does. `missing`:
    dependencies that run nowhere there. `notes`: what was not read, or cut."""

    service: str
    component: str | None
    owner: str | None
    namespaces: tuple[str, ...]
    health: Health
    verdict: Verdict
    summary: str
    workloads: tuple[WorkloadState, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    examined_at: datetime

    def conclusion(self) -> Conclusion:
        """The service's own workloads first, then what fails of its dependencies."""
        own = [one for one in self.workloads if not one.depends]
        others = [one for one in self.workloads if one.depends]
        claims = [Claim(text=one.sentence, evidence=one.evidence) for one in (*own, *others)]
        return Conclusion(
            subject=f"service {self.service}",
            verdict=self.verdict,
            summary=self.summary,
            claims=tuple(claims),
            next_steps=tuple(dict.fromkeys(one.next_step for one in (*own, *others) if one.next_step)),
            actions=tuple(action for one in own for action in one.actions[:1]),
        )

    def observed(self) -> tuple[ObjectRef, ...]:
        return tuple(one.workload for one in self.workloads)


@dataclass(frozen=True)
class _Found:
    """Workloads of the service and of its dependencies, and dependencies without any."""

    own: tuple[ObjectRef, ...]
    others: tuple[ObjectRef, ...]
    missing: tuple[str, ...]


async def diagnose_service(
    args: DiagnoseServiceArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> DiagnoseServiceResult:
    """Diagnose all workloads of a service and of what the catalog says it depends on, in one or every environment.

    At most 6 namespaces, 12 workloads and 200 requests. Raises NotFound (it runs nowhere), Ambiguous, Forbidden,
    Unavailable.
    """
    service = await find_service(args.service, catalog)
    own = await _own(service, args.environment, cluster, targets)
    namespaces = tuple(sorted({ref.namespace or "" for ref in own}))[:MAX_PLACES]
    snapshot = Snapshot(cluster, namespaces, FEW)
    found = await _with_dependencies(service, own, snapshot, namespaces)
    surveyor = Surveyor(cluster, logs, catalog, clock(), args.environment or "")
    surveyor.notes += _cut(service, own, namespaces, found)
    wanted = (*found.own, *found.others)[:MAX_WORKLOADS]
    examined = await surveyor.examine(snapshot, wanted, deep=True)
    return _result(service, found, namespaces, examined, surveyor)


async def _own(
    service: Service, environment: str | None, cluster: ClusterReader, targets: Targets
) -> tuple[ObjectRef, ...]:
    places = await places_of(service, environment, targets)
    try:
        found = await workloads_of(service.name, service.entity, cluster, places)
    except Forbidden:
        if environment is not None or places != (None,):
            raise
        found = await anywhere(service, targets)
    if not found:
        await targets.workload(service.name, environment)  # raises NotFound with the nearest names
        raise NotFound(f"{service.name} runs nowhere{f' in {environment}' if environment else ''}.")
    return found


async def _with_dependencies(
    service: Service, own: tuple[ObjectRef, ...], snapshot: Snapshot, namespaces: Sequence[str]
) -> _Found:
    others: list[ObjectRef] = []
    missing: list[str] = []
    for entity in service.dependencies:
        try:
            refs = await workloads_of(entity.name, entity, snapshot, namespaces)
        except Forbidden:
            refs = ()
        others += [ref for ref in refs if ref not in own]
        missing += [] if refs else [entity.name]
    return _Found(tuple(ref for ref in own if ref.namespace in namespaces), tuple(others), tuple(missing))


def _cut(service: Service, own: Sequence[ObjectRef], namespaces: Sequence[str], found: _Found) -> list[str]:
    notes = [service.note] if service.note else []
    everywhere = {ref.namespace for ref in own}
    if len(everywhere) > len(namespaces):
        notes.append(f"only {len(namespaces)} of the {len(everywhere)} namespaces it runs in were looked at")
    total = len(found.own) + len(found.others)
    return [*notes, *([f"only {MAX_WORKLOADS} of {total} workloads were examined"] if total > MAX_WORKLOADS else [])]


def _result(
    service: Service, found: _Found, namespaces: tuple[str, ...], examined: Sequence[Examined], surveyor: Surveyor
) -> DiagnoseServiceResult:
    own = [one.diagnosis for one in examined if one.target in found.own]
    rows = [_row(one.diagnosis, depends=one.target not in found.own) for one in examined]
    health = min((one.health for one in own), key=_ORDER.index, default="unknown")
    down = [row for row in rows if row.depends and row.health in FAILING]
    notes = tuple(dict.fromkeys(surveyor.notes))
    return DiagnoseServiceResult(
        service=service.name,
        component=service.entity.ref if service.entity else None,
        owner=service.entity.owner if service.entity else None,
        namespaces=namespaces,
        health=health,
        verdict=_verdict(own, rows),
        summary=_summary(service, own, down, notes),
        workloads=tuple(sorted(rows, key=lambda row: (row.depends, _ORDER.index(row.health), str(row.workload)))),
        missing=found.missing,
        notes=notes,
        examined_at=surveyor.now,
    )


def _row(diagnosis: Diagnosis, *, depends: bool) -> WorkloadState:
    root = diagnosis.root_cause
    facts = root.evidence[:2] if root else next((claim.evidence[:1] for claim in diagnosis.facts), ())
    failing = diagnosis.health in FAILING
    step = next(iter(diagnosis.next_steps), "")
    said = condition(diagnosis)
    return WorkloadState(
        workload=diagnosis.target,
        health=diagnosis.health,
        verdict=diagnosis.verdict,
        sentence=f"A dependency fails: {said}" if depends and failing else said,
        evidence=tuple(fact.model_copy(update={"text": excerpt(fact.text, 200)}) for fact in facts),
        next_step=f"{diagnosis.target.name} in {diagnosis.target.namespace}: {excerpt(step, 180)}"
        if failing and step
        else "",
        actions=diagnosis.actions[:1] if failing and not depends else (),
        depends=depends,
    )


def _verdict(own: Sequence[Diagnosis], rows: Sequence[WorkloadState]) -> Verdict:
    """The weakest of its own workloads."""
    if not own:
        return Verdict.INCONCLUSIVE
    doubtful = [row for row in rows if row.depends and row.verdict != Verdict.CONFIRMED]
    order = (Verdict.INCONCLUSIVE, Verdict.LIKELY, Verdict.CONFIRMED)
    weakest = min((one.verdict for one in own), key=order.index)
    return Verdict.LIKELY if weakest == Verdict.CONFIRMED and doubtful else weakest


def _summary(service: Service, own: Sequence[Diagnosis], down: Sequence[WorkloadState], notes: Sequence[str]) -> str:
    places: dict[Health, list[str]] = defaultdict(list)
    for namespace in dict.fromkeys(one.target.namespace or "" for one in own):
        worst = min((one.health for one in own if one.target.namespace == namespace), key=_ORDER.index)
        places[worst].append(namespace)
    said = [f"{_IS[health]} in {listed(places[health])}" for health in _ORDER if places[health]]
    text = f"{service.name} {listed(said)}." if said else f"How {service.name} is could not be told."
    failing = list(dict.fromkeys(f"{row.workload.name} in {row.workload.namespace}" for row in down))
    noun = "dependency" if len(failing) == 1 else "dependencies"
    text += f" Failing {noun}: {listed(failing)}." if failing else ""
    return text + (f" Not everything was seen: {'; '.join(notes)}." if notes else "")


_IS: dict[Health, str] = {
    "down": "is down",
    "failed": "failed",
    "degraded": "fails in part",
    "unknown": "is not clear",
    "progressing": "is rolling out",
    "idle": "is scaled to zero or suspended",
    "healthy": "is healthy",
}
