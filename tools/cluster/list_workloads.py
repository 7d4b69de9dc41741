"""List the workloads of an environment with their health."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tools.clock import Clock
from tools.cluster.facts import cut, fact, ref_of
from tools.cluster.health import Health, Judgement, judge
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import PODS, WORKLOADS
from tools.cluster.models.workloads import Workload
from tools.cluster.port import ClusterReader, Page, Targets
from tools.cluster.together import together
from tools.contract import Args, Evidence, ObjectRef, Result
from tools.errors import Forbidden

MAX_ROWS = 40
MAX_PODS = 2000  # in a bigger namespace the reason comes from the workload's own conditions
MAX_REASON = 160

_OWNER_LABELS = ("owner", "team", "app.kubernetes.io/owner", "app.kubernetes.io/team")


class ListWorkloadsArgs(Args):
    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]
    only_failing: Annotated[bool, Field(description="Leave out what is healthy.")] = False


class WorkloadRow(BaseModel, frozen=True):
    """One workload. `owner`: from its labels, empty when they do not say. `evidence` proves `health`."""

    workload: ObjectRef
    ready: int
    desired: int
    health: Health
    reason: str
    image: str
    owner: str
    evidence: Evidence


class ListWorkloadsResult(Result):
    """`rows`: the least healthy first, then by name. `truncated`: more exist than are shown or were read."""

    environment: str
    namespaces: tuple[str, ...]
    rows: tuple[WorkloadRow, ...]
    total: int
    failing: int
    truncated: bool = False
    notes: tuple[str, ...] = ()

    def observed(self) -> tuple[ObjectRef, ...]:
        return tuple(row.workload for row in self.rows)


@dataclass(frozen=True)
class _Read:
    """What one namespace holds."""

    workloads: tuple[Workload, ...]
    pods: Page[Pod]
    truncated: bool


async def list_workloads(
    args: ListWorkloadsArgs, *, cluster: ClusterReader, targets: Targets, clock: Clock
) -> ListWorkloadsResult:
    """List Deployments, StatefulSets and DaemonSets of an environment: replicas, image, owner, health and its reason.

    At most `MAX_ROWS`, the least healthy first. Raises NotFound (no such environment), Forbidden, Unavailable
    (GET deployments, statefulsets, daemonsets, pods).
    """
    namespaces = await targets.namespaces(args.environment)
    reads, notes = await _read_all(cluster, namespaces)
    now = clock()
    rows = sorted((row for read in reads for row in _rows(cluster.cluster, read, now)), key=_order)
    failing = [row for row in rows if row.health.is_failing()]
    shown = failing if args.only_failing else rows
    return ListWorkloadsResult(
        environment=args.environment,
        namespaces=namespaces,
        rows=tuple(shown[:MAX_ROWS]),
        total=len(rows),
        failing=len(failing),
        truncated=len(shown) > MAX_ROWS or any(read.truncated for read in reads),
        notes=tuple(notes),
    )


async def _read_all(cluster: ClusterReader, namespaces: Sequence[str]) -> tuple[list[_Read], list[str]]:
    """What can be read, and a note on each namespace that may not be. Raises Forbidden when none may."""
    reads: list[_Read] = []
    refusals: list[Forbidden] = []
    for namespace in namespaces:
        try:
            reads.append(await _read(cluster, namespace))
        except Forbidden as exc:
            refusals.append(exc)
    if refusals and not reads:
        raise refusals[0]
    return reads, [refusal.message for refusal in refusals]


async def _read(cluster: ClusterReader, namespace: str) -> _Read:
    kinds = [cluster.list(resource, namespace) for resource in WORKLOADS.values()]
    pages = await together(kinds)
    pods = await cluster.list(PODS, namespace, limit=MAX_PODS)
    workloads = tuple(workload for page in pages for workload in page)
    return _Read(workloads, pods, any(page.truncated for page in pages))


def _rows(cluster: str, read: _Read, now: datetime) -> Iterable[WorkloadRow]:
    for workload in read.workloads:
        mine = [pod for pod in read.pods if workload.spec.selector.matches(pod.metadata.labels)]
        yield _row(cluster, workload, judge(workload, mine), now)


def _row(cluster: str, workload: Workload, judged: Judgement, now: datetime) -> WorkloadRow:
    counted = f"{workload.ready()} of {workload.desired()} pods ready"
    text = f"{counted}; {judged.reason}: {judged.message}" if judged.reason else counted
    return WorkloadRow(
        workload=ref_of(cluster, workload),
        ready=workload.ready(),
        desired=workload.desired(),
        health=judged.health,
        reason=cut(f"{judged.reason}: {judged.message}".strip(": "), MAX_REASON),
        image=", ".join(container.image for container in workload.spec.template.spec.containers),
        owner=_owner(workload),
        evidence=fact(judged.subject or workload, judged.where, text, judged.at or now),
    )


def _owner(workload: Workload) -> str:
    return next((workload.metadata.labels[key] for key in _OWNER_LABELS if key in workload.metadata.labels), "")


def _order(row: WorkloadRow) -> tuple[int, str, str]:
    return (row.health.rank(), row.workload.namespace or "", row.workload.name)
