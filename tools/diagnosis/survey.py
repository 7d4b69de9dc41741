"""Examine every workload of an environment: shallow all, the worst also with their logs and what they call."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tools.catalog.port import Catalog
from tools.cluster.facts import ref_of
from tools.cluster.health import judge
from tools.cluster.models.meta import ApiObject, Resource, T
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import CRON_JOBS, JOBS, PODS, WORKLOADS
from tools.cluster.models.workloads import Job, Workload
from tools.cluster.port import ClusterReader
from tools.cluster.together import together
from tools.contract import ObjectRef
from tools.diagnosis.collect import collect
from tools.diagnosis.collect_dependencies import with_dependencies
from tools.diagnosis.compose import compose
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.observations import Observations, is_live
from tools.diagnosis.reading import Reading
from tools.diagnosis.snapshot import FEW, Snapshot
from tools.errors import Forbidden, NotFound, Unavailable
from tools.logs.models import LogChunk
from tools.logs.port import LogQuery, LogStore, PastQuery

MAX_THOROUGH = 60  # workloads of an environment up to which even those that look well are examined
MAX_EXAMINED = 100
MAX_DEEP = 10  # whose logs and dependencies are read: about 6 to 18 log requests each
AT_ONCE = 4
FAILING = ("down", "failed", "degraded")  # worst first

_CONTROLLERS = frozenset(("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"))
_MIRROR = "kubernetes.io/config.mirror"


@dataclass(frozen=True)
class Examined:
    """One workload and what is wrong with it. `deep`: its log and what it calls were read too."""

    observations: Observations
    diagnosis: Diagnosis
    deep: bool = False

    @property
    def target(self) -> ObjectRef:
        return self.diagnosis.target

    @property
    def is_failing(self) -> bool:
        return self.diagnosis.health in FAILING


@dataclass(frozen=True)
class Survey:
    """Everything examined, the failing first, worst first. `total`: workloads there are. `notes`: what is missing.

    `well`: those that look well by their counts and pods and were not examined.
    """

    examined: tuple[Examined, ...]
    total: int
    well: tuple[ObjectRef, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[Examined, ...]:
        return tuple(one for one in self.examined if one.is_failing)


@dataclass(frozen=True)
class _Subject:
    """Something to examine. `looks_well`: by its counts and pods."""

    ref: ObjectRef
    looks_well: bool


@dataclass
class Surveyor:
    """Surveys namespaces for one question. `notes` collects what could not be read or was cut.

    `environment`: as the person named it, for suggested calls; "" stands for the namespace of each workload.
    """

    cluster: ClusterReader
    logs: LogStore
    catalog: Catalog | None
    now: datetime
    environment: str
    notes: list[str] = field(default_factory=list)

    async def survey(self, namespaces: Sequence[str]) -> Survey:
        """Examine the workloads of those namespaces: the API server is asked at most `MAX_REQUESTS` times.

        Raises Forbidden when none of the namespaces may be read, Unavailable when the cluster does not answer.
        """
        snapshot = Snapshot(self.cluster, namespaces)
        found = await self._subjects(snapshot, namespaces)
        if len(found) > MAX_THOROUGH:
            snapshot.list_whole_only(FEW | {PODS.plural, JOBS.plural})
        first = await self.examine(snapshot, self._chosen(found), deep=False)
        failing = sorted((one for one in first if one.is_failing), key=_badness)
        looked = await self.examine(snapshot, [one.target for one in failing[:MAX_DEEP]], deep=True)
        if len(failing) > MAX_DEEP:
            self.notes.append(f"logs were read of the worst {MAX_DEEP} workloads only")
        deep = {one.target: one for one in looked}
        every = sorted((deep.get(one.target, one) for one in first), key=_badness)
        seen = {one.target for one in every}
        well = tuple(one.ref for one in found if one.looks_well and one.ref not in seen)
        return Survey(tuple(every), len(found), well, tuple(dict.fromkeys(self.notes)))

    def _chosen(self, found: Sequence[_Subject]) -> list[ObjectRef]:
        """All of a small environment; of a large one what does not look well, as far as that can be examined."""
        suspects = [one for one in found if not one.looks_well]
        wanted = found if len(found) <= MAX_THOROUGH else suspects
        if len(wanted) > MAX_EXAMINED:
            self.notes.append(f"only {MAX_EXAMINED} of {len(wanted)} workloads that do not look well were examined")
        elif len(wanted) < len(found):
            well = len(found) - len(wanted)
            self.notes.append(f"{well} workloads that are well by their counts and pods were not looked into further")
        return [one.ref for one in wanted[:MAX_EXAMINED]]

    async def _subjects(self, snapshot: Snapshot, namespaces: Sequence[str]) -> list[_Subject]:
        """What there is, the least ready first."""
        refusals: list[Forbidden] = []
        found: list[_Subject] = []
        for namespace in namespaces:
            try:
                found += await _in(snapshot, namespace)
            except Forbidden as problem:
                refusals.append(problem)
        if refusals and len(refusals) == len(namespaces):
            raise refusals[0]
        self.notes += [problem.message for problem in refusals]
        return sorted(found, key=lambda one: (one.looks_well, one.ref.namespace or "", one.ref.name))

    async def examine(self, snapshot: Snapshot, refs: Sequence[ObjectRef], *, deep: bool) -> list[Examined]:
        """Examine these workloads; what is gone or may not be read is left out. `deep`: with logs and dependencies."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(ref: ObjectRef) -> Examined | None:
            async with limit:
                return await self._examine(snapshot, ref, deep=deep)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(ref)) for ref in refs]
        return [done for task in tasks if (done := task.result())]

    async def _examine(self, snapshot: Snapshot, ref: ObjectRef, *, deep: bool) -> Examined | None:
        reading = Reading(snapshot, self.logs if deep else _Unread(), ref.namespace or "")
        try:
            seen = await collect(reading, ref, now=self.now, environment=self.environment or ref.namespace or "")
            if deep:
                seen = await with_dependencies(reading, seen, catalog=self.catalog, component=None)
        except NotFound:  # it was deleted meanwhile
            return None
        except (Forbidden, Unavailable) as problem:
            self.notes.append(problem.message)
            return None
        return Examined(seen, compose(seen, resolved="named by its namespace"), deep)


class _Unread:
    """A log store that is not asked."""

    async def read(self, query: LogQuery) -> LogChunk:  # noqa: ARG002  (of the port)
        return LogChunk(lines=(), missing="not read")

    async def past(self, query: PastQuery) -> LogChunk:  # noqa: ARG002  (of the port)
        return LogChunk(lines=())


def _badness(one: Examined) -> tuple[int, float, str, str]:
    order = FAILING.index(one.diagnosis.health) if one.is_failing else len(FAILING)
    root = one.diagnosis.root_cause
    return order, -(root.confidence if root else 0), one.target.namespace or "", one.target.name


async def _in(snapshot: Snapshot, namespace: str) -> list[_Subject]:
    """What a person calls a workload, and pods that belong to none."""
    kinds = await together([snapshot.whole(kind, namespace) for kind in WORKLOADS.values()])
    workloads = [one for page in kinds for one in page if one.metadata.controller() is None]
    crons = await _optional(snapshot, CRON_JOBS, namespace)
    jobs = [one for one in await _optional(snapshot, JOBS, namespace) if one.metadata.controller() is None]
    pods = await _optional(snapshot, PODS, namespace)
    strays = _strays(pods, {one.name for one in workloads if one.kind == "Deployment"})
    every: list[tuple[bool, ApiObject]] = [(await _is_well(snapshot, one), one) for one in workloads]
    every += [(True, one) for one in crons]
    every += [(not _has_failed(one), one) for one in jobs]
    every += [(False, one) for one in strays]
    return [_Subject(ref_of(snapshot.cluster, one), well) for well, one in every]


async def _optional(snapshot: Snapshot, resource: Resource[T], namespace: str) -> tuple[T, ...]:
    """Objects that may be there and may be readable."""
    try:
        return (await snapshot.whole(resource, namespace)).items
    except (Forbidden, NotFound):
        return ()


async def _is_well(snapshot: Snapshot, workload: Workload) -> bool:
    """By its counts, conditions and the pods that were listed."""
    await asyncio.sleep(0)  # all is in memory: without a pause hundreds of workloads would hold up everybody else
    if workload.ready() < workload.desired() or workload.updated() < workload.desired():
        return False
    pods = await snapshot.listed(PODS, str(workload.namespace), workload.spec.selector.as_query())
    return not judge(workload, pods).health.is_failing()


def _has_failed(job: Job) -> bool:
    failed = job.condition("Failed")
    return failed is not None and failed.status == "True"


def _strays(pods: Iterable[Pod], deployments: Collection[str]) -> list[Pod]:
    """Pods in trouble that no listed workload stands for, one for each controller: bare pods, pods of operators.

    A ReplicaSet is called after its Deployment, with a hash; one of another name belongs to something else.
    """
    found: dict[str, Pod] = {}
    for pod in pods:
        owner = pod.metadata.controller()
        ours = owner is not None and owner.kind in _CONTROLLERS
        if owner and owner.kind == "ReplicaSet":
            ours = owner.name.rpartition("-")[0] in deployments
        fine = pod.is_ready() or pod.status.phase == "Succeeded" or _MIRROR in pod.metadata.annotations
        if not ours and not fine and is_live(pod):
            found.setdefault(owner.uid if owner else pod.name, pod)
    return list(found.values())
