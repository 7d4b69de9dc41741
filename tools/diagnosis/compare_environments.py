"""Tell why a workload works in one environment and not in another."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.port import ClusterReader, Target, Targets
from tools.contract import Args, Claim, Conclusion, Evidence, ObjectRef, Result, Source, SuggestedAction, Verdict
from tools.diagnosis.collect import collect
from tools.diagnosis.collect_dependencies import with_dependencies
from tools.diagnosis.compose import compose
from tools.diagnosis.differences import Difference, differences
from tools.diagnosis.facts import excerpt
from tools.diagnosis.likely import Likelihood, ordered
from tools.diagnosis.models import Diagnosis, Health
from tools.diagnosis.reading import Reading
from tools.diagnosis.setting import Setting, read_setting
from tools.diagnosis.telling import condition
from tools.errors import InvalidArgs
from tools.logs.port import LogStore

MAX_DIFFERENCES = 15
_SHOWN = 160  # characters of a value
_FAILS = frozenset(("down", "failed", "degraded"))


class CompareEnvironmentsArgs(Args):
    """Which workload, and where."""

    workload: Annotated[str, Field(min_length=1, max_length=200, description="Service or workload name.")]
    working: Annotated[str, Field(min_length=1, max_length=63, description="Environment where it works.")]
    failing: Annotated[str, Field(min_length=1, max_length=63, description="Environment where it fails.")]


class DifferenceRow(BaseModel, frozen=True):
    """One difference, `what` in words; null: it is not there.

    `likelihood`: "named" by the failure, of a "fitting" kind, or "other".
    """

    path: str
    what: str
    working: str | None
    failing: str | None
    likelihood: Likelihood
    evidence: Evidence


class CompareEnvironmentsResult(Result):
    """`differences`: those that most likely explain the failure first, at most `MAX_DIFFERENCES` of `total`."""

    workload: str
    working: ObjectRef
    failing: ObjectRef
    health_working: Health
    health_failing: Health
    verdict: Verdict
    summary: str
    cause: Claim | None
    differences: tuple[DifferenceRow, ...]
    total: int
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()
    notes: tuple[str, ...] = ()
    examined_at: datetime

    def conclusion(self) -> Conclusion:
        """The cause where it fails, then the differences in their order."""
        claims = [self.cause] if self.cause else []
        claims += [Claim(text=_sentence(row, self), evidence=(row.evidence,)) for row in self.differences]
        return Conclusion(
            subject=f"{self.workload} in {self.working.namespace} and {self.failing.namespace}",
            verdict=self.verdict,
            summary=self.summary,
            claims=tuple(claims),
            next_steps=self.next_steps,
            actions=self.actions,
        )

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.working, self.failing)


async def compare_environments(
    args: CompareEnvironmentsArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> CompareEnvironmentsResult:
    """Compare a workload between an environment where it works and one where it fails; likely explanations first.

    When only the environment that was said to work fails, they are taken the other way round.
    Image, configuration keys and variables (never values), resources, probes, replicas, Services, network policies and
    quotas. At most 80 requests a side. Raises NotFound, Ambiguous, InvalidArgs (both are the same place), Forbidden,
    Unavailable.
    """
    works, fails = await _targets(args, targets)
    now = clock()
    async with asyncio.TaskGroup() as group:
        sides = [
            group.create_task(_read(cluster, logs, catalog, target, now, place))
            for target, place in ((works, args.working), (fails, args.failing))
        ]
    (here, well), (there, ill) = (side.result() for side in sides)
    if well.health in _FAILS and ill.health not in _FAILS:  # the other way round than was said
        args = args.model_copy(update={"working": args.failing, "failing": args.working})
        return _result(args, (there, here), (ill, well), now)
    return _result(args, (here, there), (well, ill), now)


async def _targets(args: CompareEnvironmentsArgs, targets: Targets) -> tuple[Target, Target]:
    works = await targets.workload(args.workload, args.working)
    fails = await targets.workload(args.workload, args.failing)
    if works.ref == fails.ref:
        raise InvalidArgs(f"{args.working} and {args.failing} are the same place: {works.ref}. Name two environments.")
    return works, fails


async def _read(
    cluster: ClusterReader, logs: LogStore, catalog: Catalog | None, target: Target, now: datetime, environment: str
) -> tuple[Setting, Diagnosis]:
    reading = Reading(cluster, logs, target.ref.namespace or "")
    seen = await collect(reading, target.ref, now=now, environment=environment)
    seen = await with_dependencies(reading, seen, catalog=catalog, component=target.component)
    diagnosis = compose(seen, resolved=target.how, owner=target.owner)
    return await read_setting(reading, seen), diagnosis


def _result(
    args: CompareEnvironmentsArgs,
    settings: tuple[Setting, Setting],
    diagnoses: tuple[Diagnosis, Diagnosis],
    now: datetime,
) -> CompareEnvironmentsResult:
    well, ill = diagnoses
    ranked = ordered(differences(*settings), ill.root_cause)
    rows = tuple(_row(one, how, args, ill, now) for one, how in ranked[:MAX_DIFFERENCES])
    facts = ill.root_cause.evidence if ill.root_cause else tuple(fact for claim in ill.facts for fact in claim.evidence)
    return CompareEnvironmentsResult(
        workload=args.workload,
        working=well.target,
        failing=ill.target,
        health_working=well.health,
        health_failing=ill.health,
        verdict=_verdict(ill, rows),
        summary=_summary(args, well, ill, rows, len(ranked)),
        cause=Claim(text=condition(ill), evidence=facts[:3]) if facts else None,
        differences=rows,
        total=len(ranked),
        next_steps=_next_steps(args, ill, rows),
        actions=ill.actions,
        notes=tuple(dict.fromkeys((*settings[0].not_read, *settings[1].not_read, *ill.not_read))),
        examined_at=now,
    )


def _row(
    one: Difference, how: Likelihood, args: CompareEnvironmentsArgs, ill: Diagnosis, now: datetime
) -> DifferenceRow:
    here, there = (excerpt(side, _SHOWN) if side is not None else None for side in (one.here, one.there))
    fact = Evidence(
        source=Source.CLUSTER,
        subject=f"{ill.target.kind} {ill.target.namespace}/{ill.target.name}",
        where=one.path,
        text=f"{args.working}: {here or 'not set'}; {args.failing}: {there or 'not set'}",
        at=now,
    )
    return DifferenceRow(path=one.path, what=one.what, working=here, failing=there, likelihood=how, evidence=fact)


def _sentence(row: DifferenceRow, result: CompareEnvironmentsResult) -> str:
    what = f"{row.what[:1].upper()}{row.what[1:]}"
    said = f"{what}{_differs(row, str(result.working.namespace), str(result.failing.namespace))}"
    return f"{said}{', and the failure names it' if row.likelihood == 'named' else ''}."


def _differs(row: DifferenceRow, works: str, fails: str) -> str:
    if row.working == "a value" or row.failing == "another value":
        return f" has another value in {fails} than in {works}"
    if row.failing is None:
        return f" is missing in {fails}" + ("" if row.working == "set" else f" ({row.working} in {works})")
    if row.working is None:
        return f" is only there in {fails}" + ("" if row.failing == "set" else f" ({row.failing})")
    return f": {row.failing} in {fails}, {row.working} in {works}"


def _summary(
    args: CompareEnvironmentsArgs, well: Diagnosis, ill: Diagnosis, rows: Sequence[DifferenceRow], total: int
) -> str:
    name = ill.target.name
    if ill.health not in _FAILS:
        both = f"{name} does not fail in {args.failing}: {ill.state}."
        return f"{both} {args.working.capitalize()} differs in {total} fields." if total else f"{both} Nothing differs."
    also = "" if well.health not in _FAILS else f" It does not work in {args.working} either ({well.state})."
    why = condition(ill)
    best = [row for row in rows if row.likelihood != "other"][:2]
    if not total:
        return f"{why}{also} Nothing differs between {args.working} and {args.failing} in what was compared."
    if not best:
        return f"{why}{also} None of the {total} differences from {args.working} explains that."
    named = "; ".join(f"{row.what}{_differs(row, args.working, args.failing)}" for row in best)
    return f"{why}{also} Most likely why: {excerpt(named, 260)}."


def _verdict(ill: Diagnosis, rows: Sequence[DifferenceRow]) -> Verdict:
    """Confirmed when the proven cause names what differs; a fitting kind of difference is only likely."""
    if ill.health not in _FAILS:
        return ill.verdict
    if ill.verdict == Verdict.INCONCLUSIVE:
        return Verdict.INCONCLUSIVE
    named = any(row.likelihood == "named" for row in rows)
    return ill.verdict if named else Verdict.LIKELY


def _next_steps(args: CompareEnvironmentsArgs, ill: Diagnosis, rows: Sequence[DifferenceRow]) -> tuple[str, ...]:
    if ill.health not in _FAILS:
        return ()
    first = [row for row in rows if row.likelihood != "other"][:1]
    bring = [f"Give {args.failing} what {args.working} has: {row.what}." for row in first]
    return (*bring, *ill.next_steps)[:4]
