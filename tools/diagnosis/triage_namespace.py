"""Tell everything that fails in an environment, by root cause, worst first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args, Claim, Conclusion, Evidence, ObjectRef, Result, Source, SuggestedAction, Verdict
from tools.diagnosis.facts import excerpt
from tools.diagnosis.grouping import Group, group
from tools.diagnosis.models import Health
from tools.diagnosis.survey import Examined, Survey, Surveyor
from tools.diagnosis.telling import cause_line, listed
from tools.logs.port import LogStore

MAX_NAMESPACES = 8
MAX_CAUSES = 8
MAX_NAMES = 8


class TriageNamespaceArgs(Args):
    """Which environment."""

    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]


class Affected(BaseModel, frozen=True):
    """One workload that fails of a cause. `state`: "0 of 2 pods ready"."""

    workload: ObjectRef
    health: Health
    state: str


class CauseRow(BaseModel, frozen=True):
    """One root cause and the workloads it stops, where it shows best first. `sentence` says both."""

    sentence: str
    cause: str
    verdict: Verdict
    since: datetime | None
    workloads: tuple[Affected, ...]
    evidence: tuple[Evidence, ...]
    next_step: str
    actions: tuple[SuggestedAction, ...] = ()


class TriageNamespaceResult(Result):
    """`causes` worst first, at most `MAX_CAUSES`. `total`, `failing`: workloads. `facts` proves a state without
    failures. `notes`: what was not read, or cut."""

    environment: str
    namespaces: tuple[str, ...]
    summary: str
    verdict: Verdict
    total: int
    failing: int
    causes: tuple[CauseRow, ...]
    facts: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    examined_at: datetime

    def conclusion(self) -> Conclusion:
        """One claim a cause, with the next step of each."""
        claims = [Claim(text=row.sentence, evidence=row.evidence) for row in self.causes]
        claims += [Claim(text=fact.text, evidence=(fact,)) for fact in self.facts]
        return Conclusion(
            subject=f"environment {self.environment}",
            verdict=self.verdict,
            summary=self.summary,
            claims=tuple(claims),
            next_steps=tuple(row.next_step for row in self.causes if row.next_step),
            actions=tuple(action for row in self.causes for action in row.actions[:1]),
        )

    def observed(self) -> tuple[ObjectRef, ...]:
        return tuple(one.workload for row in self.causes for one in row.workloads)


async def triage_namespace(
    args: TriageNamespaceArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> TriageNamespaceResult:
    """Tell what fails in an environment and why: one cause for many symptoms, worst first.

    Every kind is listed once; each workload is examined in memory; logs are read of the worst 10 only. At most 200
    requests to the API server and 8 namespaces. Raises NotFound (no such environment), Forbidden, Unavailable.
    """
    namespaces = await targets.namespaces(args.environment)
    surveyor = Surveyor(cluster, logs, catalog, clock(), args.environment)
    survey = await surveyor.survey(namespaces[:MAX_NAMESPACES])
    return _result(args.environment, namespaces, survey, surveyor.now)


def _result(environment: str, namespaces: tuple[str, ...], survey: Survey, now: datetime) -> TriageNamespaceResult:
    groups = group(survey.failing)
    rows = tuple(_row(one, several=len(namespaces) > 1) for one in groups[:MAX_CAUSES])
    notes = (*survey.notes, *_cut(namespaces, groups))
    return TriageNamespaceResult(
        environment=environment,
        namespaces=namespaces[:MAX_NAMESPACES],
        summary=_summary(environment, survey, groups, notes),
        verdict=_verdict(rows, survey, notes),
        total=survey.total,
        failing=len(survey.failing),
        causes=rows,
        facts=() if rows else tuple(_facts(namespaces[:MAX_NAMESPACES], survey, now)),
        notes=notes,
        examined_at=now,
    )


def _row(group: Group, *, several: bool) -> CauseRow:
    lead = group.lead.diagnosis
    proofs = [*(lead.root_cause.evidence[:2] if lead.root_cause else ())]
    proofs += [fact for one in (*group.alike, *group.callers)[:2] for fact in _proof(one)]
    step = next(iter(lead.next_steps), "")
    return CauseRow(
        sentence=cause_line(group, place=several),
        cause=lead.root_cause.cause if lead.root_cause else "",
        verdict=lead.verdict,
        since=lead.since,
        workloads=tuple(
            Affected(workload=one.target, health=one.diagnosis.health, state=one.diagnosis.state)
            for one in group.members[:MAX_NAMES]
        ),
        evidence=tuple(_short(fact) for fact in proofs),
        next_step=f"{lead.target.name}: {excerpt(step, 200)}" if step else "",
        actions=lead.actions[:1],
    )


def _proof(one: Examined) -> tuple[Evidence, ...]:
    root = one.diagnosis.root_cause
    return root.evidence[:1] if root else ()


def _short(fact: Evidence) -> Evidence:
    return fact.model_copy(update={"text": excerpt(fact.text, 160)})


def _summary(environment: str, survey: Survey, groups: Sequence[Group], notes: Sequence[str]) -> str:
    if survey.total == 0:
        return f"No workload runs in {environment}." if not notes else f"Nothing could be examined in {environment}."
    rest = f" Not everything was seen: {'; '.join(notes)}." if notes else ""
    failing = len(survey.failing)
    if failing == 0:
        return f"Nothing fails in {environment}: {survey.total} workloads were looked at.{rest}"
    causes = "one cause" if len(groups) == 1 else f"{len(groups)} causes"
    verb = "fails" if failing == 1 else "fail"
    return f"{failing} of {survey.total} workloads {verb} in {environment}, {causes}, worst first.{rest}"


def _verdict(rows: Sequence[CauseRow], survey: Survey, notes: Sequence[str]) -> Verdict:
    if not (survey.examined or survey.well):
        return Verdict.INCONCLUSIVE if notes else Verdict.CONFIRMED
    doubtful = any(row.verdict != Verdict.CONFIRMED for row in rows)
    unseen = not rows and bool(notes)
    return Verdict.LIKELY if doubtful or unseen else Verdict.CONFIRMED


def _facts(namespaces: Sequence[str], survey: Survey, now: datetime) -> Iterator[Evidence]:
    for namespace in namespaces:
        here = [one for one in survey.examined if one.target.namespace == namespace]
        states = {
            word: [one.target.name for one in here if one.diagnosis.health in kinds] for word, kinds in _STATES.items()
        }
        said = [f"{len(names)} {word} ({listed(names)})" for word, names in states.items() if names]
        well = [ref for ref in survey.well if ref.namespace == namespace]
        said += [f"{len(well)} well by their counts and pods"] if well else []
        text = f"{namespace} has {len(here) + len(well)} workloads: {', '.join(said) or 'none'}."
        yield Evidence(
            source=Source.CLUSTER,
            subject=f"Namespace {namespace}",
            where="status of its workloads and pods",
            text=excerpt(text, 600),
            at=now,
        )


_STATES = {
    "healthy": ("healthy",),
    "still starting or rolling out": ("progressing",),
    "scaled to zero or suspended": ("idle",),
    "not clear": ("unknown",),
}


def _cut(namespaces: Sequence[str], groups: Sequence[Group]) -> Iterator[str]:
    if len(namespaces) > MAX_NAMESPACES:
        yield f"only {MAX_NAMESPACES} of its {len(namespaces)} namespaces were looked at"
    if len(groups) > MAX_CAUSES:
        yield f"the worst {MAX_CAUSES} of {len(groups)} causes are shown"
