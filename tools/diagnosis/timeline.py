"""Tell what changed around a workload and when, in one timeline around the onset of its failure."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.get_changes import GetChangesArgs, GetChangesResult, get_changes
from tools.cluster.models.events import Event
from tools.cluster.models.resources import EVENTS, WORKLOADS
from tools.cluster.port import ClusterReader, Target, Targets
from tools.cluster.revisions import Revision, history
from tools.contract import Claim, Conclusion, Verdict
from tools.diagnosis.collect import collect
from tools.diagnosis.collect_dependencies import with_dependencies
from tools.diagnosis.compose import compose
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.moments import Moment, failure, in_order, node_events, rollouts, scalings, writes
from tools.diagnosis.observations import Observations
from tools.diagnosis.reading import Reading
from tools.diagnosis.references import references
from tools.diagnosis.service_scope import find_service, workloads_of
from tools.diagnosis.survey import FAILING
from tools.diagnosis.telling import listed
from tools.errors import Ambiguous, Forbidden, NotFound, Unavailable
from tools.logs.port import LogStore

MAX_NODES = 3
MAX_DEPENDENCIES = 4
EVENTS_LIMIT = 100


class TimelineArgs(GetChangesArgs):
    """Which workload, and how far back."""

    since_minutes: Annotated[int | None, Field(ge=1, le=10_080, description="Only changes of this time.")] = None


class TimelineResult(GetChangesResult):
    """What `GetChangesResult` tells of the last rollout, and the `timeline`, newest first, around `failing_since`.

    `explained_by`: a sentence on the change that brought about the failure, or that none did. `unseen_secrets`: names
    of Secrets it reads, whose versions are not looked at.
    """

    timeline: tuple[Moment, ...]
    failing_since: datetime | None
    explained_by: str
    unseen_secrets: tuple[str, ...] = ()

    def conclusion(self) -> Conclusion:
        """One claim a moment, what may explain the failure first."""
        ordered = sorted(self.timeline, key=lambda one: not one.suspect)
        nothing = [Claim(text=fact.text, evidence=(fact,)) for fact in self.written_by[:1]]
        secret = (
            f"Look at the versions of the Secrets it reads, which are not read here: {listed(self.unseen_secrets)}."
        )
        return Conclusion(
            subject=str(self.workload),
            verdict=Verdict.CONFIRMED,
            summary=self.summary,
            claims=tuple(Claim(text=one.sentence, evidence=(one.evidence,)) for one in ordered) or tuple(nothing),
            next_steps=(secret,) if self.unseen_secrets and self.failing_since else (),
        )


@dataclass(frozen=True)
class _Read:
    """What was read beside the workload's own changes."""

    seen: Observations
    diagnosis: Diagnosis
    revisions: tuple[Revision, ...]
    events: tuple[Event, ...]
    nodes: tuple[Event, ...]
    dependencies: tuple[Moment, ...]


async def get_timeline(
    args: TimelineArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> TimelineResult:
    """Tell what changed around a workload: rollouts, configuration, scaling, nodes, rollouts of what it depends on.

    At most 80 requests for the diagnosis and 40 for the changes. Values of variables and of configuration are never
    told, Secrets are never read. Raises NotFound, Ambiguous, Forbidden, InvalidArgs (a kind without revisions),
    Unavailable.
    """
    base = await get_changes(args, cluster=cluster, targets=targets, clock=clock)
    target = await targets.workload(args.workload, args.environment)
    reading = Reading(cluster, logs, target.ref.namespace or "")
    environment = args.environment or target.ref.namespace or ""
    seen = await collect(reading, target.ref, now=clock(), environment=environment)
    seen = await with_dependencies(reading, seen, catalog=catalog, component=target.component)
    diagnosis = compose(seen, resolved=target.how, owner=target.owner)
    return _result(base, await _around(cluster, catalog, target, seen, diagnosis), args.since_minutes)


async def _around(
    cluster: ClusterReader, catalog: Catalog | None, target: Target, seen: Observations, diagnosis: Diagnosis
) -> _Read:
    workload = seen.workload
    assert workload is not None  # get_changes refuses what is none
    names = [(workload.kind, workload.name), *(("HorizontalPodAutoscaler", one.name) for one in seen.autoscalers)]
    hosts = sorted({pod.spec.node_name for pod in seen.live_pods() if pod.spec.node_name})[:MAX_NODES]
    async with asyncio.TaskGroup() as group:
        kept = group.create_task(history(cluster, workload))
        own = [group.create_task(_events(cluster, workload.namespace, kind, name)) for kind, name in names]
        nodes = [group.create_task(_events(cluster, "default", "Node", name)) for name in hosts]
        others = group.create_task(_dependencies(cluster, catalog, target))
    return _Read(
        seen=seen,
        diagnosis=diagnosis,
        revisions=kept.result(),
        events=tuple(event for task in own for event in task.result()),
        nodes=tuple(event for task in nodes for event in task.result()),
        dependencies=others.result(),
    )


async def _events(cluster: ClusterReader, namespace: str | None, kind: str, name: str) -> tuple[Event, ...]:
    fields = f"involvedObject.kind={kind},involvedObject.name={name}"
    try:
        return (await cluster.list(EVENTS, namespace, fields=fields, limit=EVENTS_LIMIT)).items
    except (Forbidden, NotFound):
        return ()


async def _dependencies(cluster: ClusterReader, catalog: Catalog | None, target: Target) -> tuple[Moment, ...]:
    """Rollouts of what the catalog says it depends on, in the same namespace."""
    if catalog is None or target.component is None:
        return ()
    found: list[Moment] = []
    try:
        service = await find_service(target.component, catalog)
        for entity in service.dependencies[:MAX_DEPENDENCIES]:
            for ref in (await workloads_of(entity.name, entity, cluster, (target.ref.namespace,)))[:1]:
                if ref.kind in WORKLOADS:
                    workload = await cluster.get(WORKLOADS[ref.kind], ref.namespace, ref.name)
                    found += rollouts(workload, (await history(cluster, workload))[:3], "dependency")
    except (Ambiguous, Forbidden, NotFound, Unavailable):
        return tuple(found)  # the workload's own changes are still worth telling
    return tuple(found)


def _result(base: GetChangesResult, read: _Read, since_minutes: int | None) -> TimelineResult:
    workload, diagnosis = read.seen.workload, read.diagnosis
    assert workload is not None
    now = read.seen.at
    mine = tuple(rollouts(workload, read.revisions))
    found = [
        *mine,
        *read.dependencies,
        *writes(base.configuration, "configuration"),
        *scalings(read.events, [one.at for one in mine], now),
        *node_events(read.nodes, now),
        *failure(diagnosis),
    ]
    oldest = now - timedelta(minutes=since_minutes) if since_minutes else None
    timeline = in_order([one for one in found if oldest is None or one.at >= oldest], diagnosis)
    told = {name: getattr(base, name) for name in type(base).model_fields}
    explained = _explained(diagnosis, timeline)
    secrets = sorted({ref.name for ref in references(read.seen.template.spec) if ref.kind == "Secret" and ref.name})
    return TimelineResult(
        **{**told, "summary": _summary(base, timeline, explained, oldest)},
        timeline=timeline,
        failing_since=diagnosis.since,
        explained_by=explained,
        unseen_secrets=tuple(secrets),
    )


def _summary(base: GetChangesResult, timeline: Sequence[Moment], explained: str, oldest: datetime | None) -> str:
    """Which change explains the failure, else the newest change."""
    newest = next((one for one in timeline if one.kind != "failure"), None)
    if newest is None:
        since = f" since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""
        return f"Nothing changed around {base.workload.name} in {base.workload.namespace}{since}. {explained}".strip()
    return explained or f"The newest change around {base.workload.name} in {base.workload.namespace}: {newest.sentence}"


def _explained(diagnosis: Diagnosis, timeline: Sequence[Moment]) -> str:
    """Which change brought about the failure: the diagnosis judges rollouts, nearness in time the rest."""
    if diagnosis.health not in FAILING or diagnosis.since is None:
        return ""
    since = f"It fails since {diagnosis.since:%Y-%m-%d %H:%M} UTC"
    if diagnosis.change and diagnosis.change.explains:
        return diagnosis.change.summary
    suspects = [one for one in timeline if one.suspect]
    if not suspects:
        return f"{since}, and none of these changes explains it."
    said = listed([f"{one.evidence.subject} ({one.at:%H:%M} UTC)" for one in suspects])
    return f"{since}. What changed just before it: {said}."
