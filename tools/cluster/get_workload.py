"""Show one workload: what it should be and what runs."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tools.clock import Clock
from tools.cluster.container_spec import ContainerSpec, container_specs
from tools.cluster.facts import cut, fact, ref_of
from tools.cluster.find_pods import find_pods
from tools.cluster.health import Health, judge
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.models.workloads import Workload
from tools.cluster.ownership import owners_of
from tools.cluster.pod_health import restarts_of, trouble_of
from tools.cluster.port import ClusterReader, Targets
from tools.cluster.rollout import rollout_of
from tools.contract import Args, Evidence, ObjectRef, Result
from tools.errors import InvalidArgs

MAX_PODS = 12


class GetWorkloadArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None


class PodRow(BaseModel, frozen=True):
    """One pod. `state`: "Running", or the reason why it does not."""

    name: str
    node: str
    ready: bool
    restarts: int
    state: str
    evidence: Evidence


class GetWorkloadResult(Result):
    """`pods`: those in trouble first, at most `MAX_PODS`; `truncated` says that there are more."""

    workload: ObjectRef
    found_by: str
    component: str | None
    health: Health
    reason: str
    desired: int
    ready: int
    rollout: Evidence
    strategy: str
    containers: tuple[ContainerSpec, ...]
    managed_by: tuple[str, ...]
    labels: dict[str, str]
    created_at: datetime | None
    pods: tuple[PodRow, ...]
    truncated: bool = False

    def observed(self) -> tuple[ObjectRef, ...]:
        pods = tuple(
            ObjectRef(cluster=self.workload.cluster, namespace=self.workload.namespace, kind="Pod", name=pod.name)
            for pod in self.pods
        )
        return (self.workload, *pods)


async def get_workload(
    args: GetWorkloadArgs, *, cluster: ClusterReader, targets: Targets, clock: Clock
) -> GetWorkloadResult:
    """Show images, resources, probes, strategy, replicas, rollout state and pods of one workload.

    Names of environment variables are shown, never values. Raises NotFound, Ambiguous, Forbidden, InvalidArgs (a Job or
    CronJob: diagnose it instead) and Unavailable (GET {plural}/{name}, GET pods).
    """
    target = await targets.workload(args.workload, args.environment)
    resource = WORKLOADS.get(target.ref.kind)
    if resource is None:
        raise InvalidArgs(
            f"{target.ref} has no replicas or rollout to show. Use diagnose_workload or search_logs for it."
        )
    workload = await cluster.get(resource, target.ref.namespace, target.ref.name)
    pods = await find_pods(cluster, target.ref)
    now = clock()
    judged, rollout = judge(workload, pods.items), rollout_of(workload)
    rows = sorted((_pod_row(pod, now) for pod in pods), key=lambda row: (row.ready, -row.restarts, row.name))
    return GetWorkloadResult(
        workload=ref_of(cluster.cluster, workload),
        found_by=target.how,
        component=target.component,
        health=judged.health,
        reason=cut(f"{judged.reason}: {judged.message}".strip(": "), 300),
        desired=workload.desired(),
        ready=workload.ready(),
        rollout=fact(workload, rollout.where, f"rollout {rollout.phase}: {rollout.text}", now),
        strategy=_strategy(workload),
        containers=container_specs(workload.spec.template.spec),
        managed_by=tuple(owner.name for owner in owners_of(workload.metadata)),
        labels=workload.metadata.labels,
        created_at=workload.metadata.creation_timestamp,
        pods=tuple(rows[:MAX_PODS]),
        truncated=len(rows) > MAX_PODS or pods.truncated,
    )


def _pod_row(pod: Pod, now: datetime) -> PodRow:
    trouble = trouble_of(pod)
    state = trouble.reason if trouble else ("Terminating" if pod.metadata.deletion_timestamp else pod.status.phase)
    where = trouble.where if trouble else "status.phase"
    text = f"{trouble.reason}: {trouble.message}" if trouble else state
    return PodRow(
        name=pod.name,
        node=pod.spec.node_name,
        ready=pod.is_ready(),
        restarts=restarts_of(pod),
        state=state,
        evidence=fact(pod, where, text, (trouble.at if trouble else None) or now),
    )


def _strategy(workload: Workload) -> str:
    strategy = workload.spec.strategy or workload.spec.update_strategy
    if strategy is None:
        return ""
    rolling = strategy.rolling_update
    parts = [] if rolling is None else [("maxUnavailable", rolling.max_unavailable), ("maxSurge", rolling.max_surge)]
    parts += [("partition", rolling.partition or None)] if rolling else []
    shown = ", ".join(f"{name} {value}" for name, value in parts if value is not None)
    return f"{strategy.type} ({shown})" if shown else strategy.type
