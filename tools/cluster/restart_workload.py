"""Restart the pods of one workload."""

from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.blast import replaces_pods
from tools.cluster.models.workloads import Workload
from tools.cluster.planning import (
    Draft,
    budget_effects,
    find_subject,
    look_around,
    make_plan,
    refuse_on_delete,
    refuse_while_paused,
)
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.revisions import RESTARTED_AT
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt


class RestartWorkloadArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None


async def plan_restart(args: RestartWorkloadArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to replace all pods of a workload by new ones of the same template, as its strategy allows.

    Works on Deployments, StatefulSets and DaemonSets by the annotation kubectl uses (PATCH .../{plural}/{name}).
    Raises NotFound, Ambiguous, Forbidden, InvalidArgs (paused, OnDelete) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    refuse_while_paused(subject.workload)
    refuse_on_delete(subject.workload)
    now = clock()
    mark = {RESTARTED_AT: now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    around = await look_around(subject, cluster)
    replaced, risk = replaces_pods(subject.workload)
    written = tuple(
        f"{owner.name} manages this workload; a restart does not conflict with it." for owner in subject.owners
    )
    draft = Draft(
        tool="restart_workload",
        args=args,
        summary=f"Restart {subject.named()}",
        patch={"spec": {"template": {"metadata": {"annotations": mark}}}},
        effects=(replaced, *budget_effects(around.budgets), *written),
        warnings=(*_held_back(subject.workload), *around.warnings),
        risk=risk,
        inverse=None,
        no_inverse_reason="A restart cannot be undone; it changes no configuration.",
    )
    return await make_plan(draft, subject, cluster=cluster, now=now)


async def apply_restart(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply a confirmed restart once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_restart(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods are new and available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _held_back(workload: Workload) -> tuple[str, ...]:
    ordered = workload.kind == "StatefulSet" and workload.spec.pod_management_policy != "Parallel"
    if not ordered or workload.ready() >= workload.desired():
        return ()
    return ("A pod is not ready now: a StatefulSet waits for it before it replaces the next one.",)
