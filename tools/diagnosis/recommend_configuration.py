"""Tell how the configuration of one workload could be better."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args, Claim, Conclusion, Evidence, ObjectRef, Result, Verdict
from tools.diagnosis.advice import availability, deprecated, images, probes, resources, security
from tools.diagnosis.advice.models import WEIGHTS, Recommendation, Subject
from tools.diagnosis.collect import collect
from tools.diagnosis.collect_dependencies import with_dependencies
from tools.diagnosis.compose import compose
from tools.diagnosis.facts import field_fact
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.reading import Reading
from tools.diagnosis.setting import read_setting
from tools.diagnosis.survey import FAILING
from tools.diagnosis.telling import condition
from tools.errors import InvalidArgs
from tools.logs.port import LogStore

MAX_SHOWN = 10
ADVISERS: tuple[Callable[[Subject], Iterable[Recommendation]], ...] = (
    resources.advise,
    probes.advise,
    availability.advise,
    images.advise,
    security.advise,
    deprecated.advise,
)
"""To add a family of advice, write its file and its row."""


class RecommendConfigurationArgs(Args):
    """Which workload, where."""

    workload: Annotated[str, Field(min_length=1, max_length=200, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None


class RecommendConfigurationResult(Result):
    """`recommendations`: what helps a present failure first, then by weight, at most `MAX_SHOWN` of `total`.

    `failing`: why it fails now. `checked`: what was read, when there is nothing to say. `notes`: what was not read.
    """

    workload: ObjectRef
    found_by: str
    summary: str
    failing: Claim | None
    recommendations: tuple[Recommendation, ...]
    total: int
    checked: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()
    examined_at: datetime

    def conclusion(self) -> Conclusion:
        """One claim a recommendation, with its reason and its risk."""
        claims = [self.failing] if self.failing else []
        claims += [Claim(text=_sentence(one), evidence=one.evidence) for one in self.recommendations]
        claims += [] if claims else [Claim(text=fact.text, evidence=(fact,)) for fact in self.checked]
        return Conclusion(
            subject=str(self.workload),
            verdict=Verdict.LIKELY if self.notes and not self.recommendations else Verdict.CONFIRMED,
            summary=self.summary,
            claims=tuple(claims),
            next_steps=tuple(f"{one.title}." for one in self.recommendations[:3]),
            actions=tuple(one.action for one in self.recommendations if one.action),
        )

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.workload,)


async def recommend_configuration(
    args: RecommendConfigurationArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> RecommendConfigurationResult:
    """Say what to improve in a workload: requests and limits, probes, replicas, budget, spread, images, security.

    Each with its reason, its risk, and the change to propose when a tool exists. At most 80 requests. Raises NotFound,
    Ambiguous, InvalidArgs (a Job or CronJob), Forbidden, Unavailable.
    """
    target = await targets.workload(args.workload, args.environment)
    resource = WORKLOADS.get(target.ref.kind)
    if resource is None:
        raise InvalidArgs(f"{target.ref} runs and ends: advice is given for Deployments, StatefulSets and DaemonSets.")
    reading = Reading(cluster, logs, target.ref.namespace or "")
    environment = args.environment or target.ref.namespace or ""
    seen = await collect(reading, target.ref, now=clock(), environment=environment)
    seen = await with_dependencies(reading, seen, catalog=catalog, component=target.component)
    diagnosis = compose(seen, resolved=target.how, owner=target.owner)
    setting = await read_setting(reading, seen)
    raw = await cluster.raw(resource, target.ref.namespace, target.ref.name)
    assert seen.workload is not None
    subject = Subject(setting, seen.workload, diagnosis, raw)
    return _result(subject, ordered(one for advise in ADVISERS for one in advise(subject)), target.how)


def ordered(found: Iterable[Recommendation]) -> tuple[Recommendation, ...]:
    """What helps a present failure first, then the weightiest; equal ones keep their order."""
    return tuple(sorted(found, key=lambda one: (not one.fixes, WEIGHTS.index(one.weight))))


def _result(subject: Subject, found: Sequence[Recommendation], how: str) -> RecommendConfigurationResult:
    return RecommendConfigurationResult(
        workload=subject.diagnosis.target,
        found_by=how,
        summary=_summary(subject, found),
        failing=_failing(subject.diagnosis),
        recommendations=tuple(found[:MAX_SHOWN]),
        total=len(found),
        checked=tuple(_checked(subject)),
        notes=subject.setting.not_read,
        examined_at=subject.now,
    )


def _summary(subject: Subject, found: Sequence[Recommendation]) -> str:
    name, place = subject.workload.name, subject.workload.namespace
    now = _now(subject.diagnosis)
    if not found:
        return f"{now}Nothing to improve was found in the configuration of {name} in {place}."
    important = sum(one.weight == "high" for one in found)
    how_many = "one thing" if len(found) == 1 else f"{len(found)} things"
    weighty = f", {important} of them important" if important else ""
    return f"{now}{how_many[:1].upper()}{how_many[1:]} could be better in {name} in {place}{weighty}: {found[0].title}."


def _failing(diagnosis: Diagnosis) -> Claim | None:
    root = diagnosis.root_cause
    if root is None or diagnosis.health not in FAILING:
        return None
    return Claim(text=condition(diagnosis), evidence=root.evidence[:2])


def _now(diagnosis: Diagnosis) -> str:
    """A workload that fails needs that first."""
    return f"It fails now: {condition(diagnosis)} " if diagnosis.health in FAILING else ""


def _sentence(one: Recommendation) -> str:
    return f"{one.title}: {one.reason}. Risk: {one.risk}."


def _checked(subject: Subject) -> Iterator[Evidence]:
    said = "resources, probes, replicas, disruption budget, spread, rollout strategy, image tags, security context"
    yield field_fact(subject.workload, "spec", f"Checked and in order: {said}.", subject.now)
