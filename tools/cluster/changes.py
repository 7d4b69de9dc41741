"""The table of changes beyond the core: each a write tool of a toolset that is loaded when needed."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from tools.clock import Clock
from tools.cluster.argocd_sync import ArgocdSyncArgs, apply_argocd_sync, plan_argocd_sync, verify_argocd_sync
from tools.cluster.cordon_node import apply_cordon_node, plan_cordon_node, verify_cordon_node
from tools.cluster.delete_pod import DeletePodArgs, apply_delete_pod, plan_delete_pod, verify_delete_pod
from tools.cluster.flux_reconcile import (
    FluxReconcileArgs,
    apply_flux_reconcile,
    plan_flux_reconcile,
    verify_flux_reconcile,
)
from tools.cluster.node_switch import NodeArgs
from tools.cluster.pause_rollout import (
    PauseRolloutArgs,
    apply_pause_rollout,
    plan_pause_rollout,
    verify_pause_rollout,
)
from tools.cluster.port import ClusterWriter, Targets
from tools.cluster.resume_cronjob import apply_resume_cronjob, plan_resume_cronjob, verify_resume_cronjob
from tools.cluster.resume_rollout import (
    ResumeRolloutArgs,
    apply_resume_rollout,
    plan_resume_rollout,
    verify_resume_rollout,
)
from tools.cluster.retry_job import RetryJobArgs, apply_retry_job, plan_retry_job, verify_retry_job
from tools.cluster.run_cronjob_now import (
    CronJobArgs,
    apply_run_cronjob_now,
    plan_run_cronjob_now,
    verify_run_cronjob_now,
)
from tools.cluster.set_image import SetImageArgs, apply_set_image, plan_set_image, verify_set_image
from tools.cluster.set_probe_timing import (
    SetProbeTimingArgs,
    apply_set_probe_timing,
    plan_set_probe_timing,
    verify_set_probe_timing,
)
from tools.cluster.set_resources import SetResourcesArgs, apply_set_resources, plan_set_resources, verify_set_resources
from tools.cluster.suspend_cronjob import apply_suspend_cronjob, plan_suspend_cronjob, verify_suspend_cronjob
from tools.cluster.uncordon_node import apply_uncordon_node, plan_uncordon_node, verify_uncordon_node
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt, WriteTool


class _Plans(Protocol):
    async def __call__(self, args: Any, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan: ...


class _Applies(Protocol):
    async def __call__(self, confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt: ...


class _Verifies(Protocol):
    async def __call__(self, plan: Plan, receipt: Receipt, /, *, cluster: ClusterWriter, clock: Clock) -> Outcome: ...


@dataclass(frozen=True)
class _Row:
    """`does` completes "Propose to ...": what the model reads."""

    name: str
    toolset: str
    action: str
    args: type[Args]
    steps: tuple[_Plans, _Applies, _Verifies]
    does: str


_ROWS = (
    _Row(
        "set_image",
        "rollouts",
        "workload.set_image",
        SetImageArgs,
        (plan_set_image, apply_set_image, verify_set_image),
        "run another image or tag",
    ),
    _Row(
        "set_resources",
        "rollouts",
        "workload.set_resources",
        SetResourcesArgs,
        (plan_set_resources, apply_set_resources, verify_set_resources),
        "set CPU or memory requests and limits",
    ),
    _Row(
        "set_probe_timing",
        "rollouts",
        "workload.set_probe_timing",
        SetProbeTimingArgs,
        (plan_set_probe_timing, apply_set_probe_timing, verify_set_probe_timing),
        "change the timing of a health probe",
    ),
    _Row(
        "pause_rollout",
        "rollouts",
        "workload.pause",
        PauseRolloutArgs,
        (plan_pause_rollout, apply_pause_rollout, verify_pause_rollout),
        "pause the rollout of a Deployment",
    ),
    _Row(
        "resume_rollout",
        "rollouts",
        "workload.resume",
        ResumeRolloutArgs,
        (plan_resume_rollout, apply_resume_rollout, verify_resume_rollout),
        "resume a paused rollout",
    ),
    _Row(
        "retry_job",
        "jobs",
        "job.retry",
        RetryJobArgs,
        (plan_retry_job, apply_retry_job, verify_retry_job),
        "run a Job that ended once more, as a new Job",
    ),
    _Row(
        "run_cronjob_now",
        "jobs",
        "cronjob.run",
        CronJobArgs,
        (plan_run_cronjob_now, apply_run_cronjob_now, verify_run_cronjob_now),
        "start one run of a CronJob now",
    ),
    _Row(
        "suspend_cronjob",
        "jobs",
        "cronjob.suspend",
        CronJobArgs,
        (plan_suspend_cronjob, apply_suspend_cronjob, verify_suspend_cronjob),
        "suspend a CronJob",
    ),
    _Row(
        "resume_cronjob",
        "jobs",
        "cronjob.resume",
        CronJobArgs,
        (plan_resume_cronjob, apply_resume_cronjob, verify_resume_cronjob),
        "resume a suspended CronJob",
    ),
    _Row(
        "cordon_node",
        "nodes",
        "node.cordon",
        NodeArgs,
        (plan_cordon_node, apply_cordon_node, verify_cordon_node),
        "keep new pods away from a node",
    ),
    _Row(
        "uncordon_node",
        "nodes",
        "node.uncordon",
        NodeArgs,
        (plan_uncordon_node, apply_uncordon_node, verify_uncordon_node),
        "let a cordoned node take new pods again",
    ),
    _Row(
        "delete_pod",
        "pods",
        "pod.delete",
        DeletePodArgs,
        (plan_delete_pod, apply_delete_pod, verify_delete_pod),
        "delete one pod, so that its controller makes a new one",
    ),
    _Row(
        "argocd_sync",
        "gitops",
        "argocd.sync",
        ArgocdSyncArgs,
        (plan_argocd_sync, apply_argocd_sync, verify_argocd_sync),
        "sync an Argo CD application",
    ),
    _Row(
        "flux_reconcile",
        "gitops",
        "flux.reconcile",
        FluxReconcileArgs,
        (plan_flux_reconcile, apply_flux_reconcile, verify_flux_reconcile),
        "have Flux reconcile an object now",
    ),
)


def more_changes(cluster: ClusterWriter, targets: Targets, clock: Clock) -> list[WriteTool[Any]]:
    """All rows, bound to one person's cluster."""
    return [_bound(row, cluster, targets, clock) for row in _ROWS]


def _bound(row: _Row, cluster: ClusterWriter, targets: Targets, clock: Clock) -> WriteTool[Any]:
    plan, apply, verify = row.steps
    return WriteTool(
        row.name,
        row.action,
        row.args,
        partial(plan, cluster=cluster, targets=targets, clock=clock),
        partial(apply, cluster=cluster, clock=clock),
        partial(verify, cluster=cluster, clock=clock),
        f"Propose to {row.does}. A person confirms it.",
        toolset=row.toolset,
    )
