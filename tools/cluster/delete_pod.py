"""Delete one pod, so that its controller makes a new one."""

from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import live_target, receipt_of
from tools.cluster.blast import Risk, budgets_for, raised
from tools.cluster.models.platform import PodDisruptionBudget
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import DISRUPTION_BUDGETS, PODS, WORKLOADS
from tools.cluster.named import changeable, find_named, root_of
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, StoredObject, Targets
from tools.cluster.verifying import look_at
from tools.contract import Args, Change, Confirmed, ObjectRef, Outcome, Plan, Receipt
from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale


class DeletePodArgs(Args):
    pod: Annotated[str, Field(min_length=1, max_length=253, description="Exact name of the pod.")]
    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]


async def plan_delete_pod(args: DeletePodArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to delete the very pod that has that name now (DELETE .../pods/{name} with its uid).

    Raises NotFound with the nearest names, Ambiguous, Forbidden, InvalidArgs (nothing would recreate it, it is being
    deleted) and Unavailable.
    """
    found = await changeable(
        await find_named(PODS, args.pod, args.environment, cluster=cluster, targets=targets), "delete", cluster
    )
    pod = found.item
    root = await root_of(pod.metadata, "Pod", cluster)
    _refuse(pod)
    guarded, guard_risk = await _guards(pod, cluster)
    rehearsed = await cluster.delete(PODS, found.ref, dry_run=True)
    draft = Draft(
        tool="delete_pod",
        args=args,
        summary=f"Delete pod {found.named()}",
        patch={},
        effects=_effects(pod, root),
        warnings=(*guarded, *_order(pod, root)),
        risk=raised(guard_risk, "medium" if pod.is_ready() else "low"),
        inverse=None,
        no_inverse_reason="A deleted pod does not come back; its controller makes a new one of the same template.",
        watched=root if root.kind in WORKLOADS else None,
    )
    gone = (Change(path="Pod", before=pod.name, after=None),)
    return write_plan(draft, found.target, pod.metadata, Shown(gone, rehearsed.warnings), clock())


async def apply_delete_pod(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Delete the pod that was shown, by its uid. A pod of that uid that is gone or going counts as done.

    Raises PlanStale when it never was that pod, Forbidden, Unavailable.
    """
    target = confirmed.plan.target
    try:
        live = await live_target(confirmed.plan, cluster)
        if live["metadata"].get("uid") == target.uid and not live["metadata"].get("deletionTimestamp"):
            stored = await cluster.delete(PODS, target)
            return receipt_of(confirmed, stored, clock, already=False)
    except (PlanStale, NotFound):  # it went between our calls, perhaps by our own earlier one
        live = {}
    return receipt_of(confirmed, StoredObject(live), clock, already=True)


async def verify_delete_pod(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether that pod is gone and the workload it belonged to is well."""
    if await _is_there(plan.target, cluster):
        return Outcome(settled=False, healthy=False, summary=f"{plan.target} is still stopping.")
    if plan.watched is None:
        return Outcome(settled=True, healthy=True, summary=f"{plan.target} is gone.")
    try:
        outcome = await look_at(plan.watched, cluster=cluster, clock=clock)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{plan.watched} was deleted after the change.")
    return outcome.model_copy(update={"summary": f"Pod {plan.target.name} is gone. {outcome.summary}"})


async def _is_there(target: ObjectRef, cluster: ClusterReader) -> bool:
    try:
        return (await cluster.get(PODS, target.namespace, target.name)).metadata.uid == target.uid
    except NotFound:
        return False


def _refuse(pod: Pod) -> None:
    if pod.metadata.deletion_timestamp is not None:
        raise InvalidArgs(f"Pod {pod.name} is being deleted already.")
    owner = pod.metadata.controller()
    if owner is None:
        raise InvalidArgs(f"Pod {pod.name} has no controller: nothing would make a new one, so it is not deleted here.")
    if owner.kind == "Node":
        raise InvalidArgs(f"Pod {pod.name} is a static pod of node {owner.name}: only the node can stop it.")


def _effects(pod: Pod, root: ObjectRef) -> tuple[str, ...]:
    grace = pod.spec.termination_grace_period_seconds
    state = "It is ready and serves until then." if pod.is_ready() else "It is not ready now."
    return (f"It gets up to {grace} s to stop. {state}", f"{root.kind} {root.name} makes a new pod in its place.")


def _order(pod: Pod, root: ObjectRef) -> tuple[str, ...]:
    claims = any(volume.persistent_volume_claim for volume in pod.spec.volumes)
    found = []
    if root.kind == "StatefulSet":
        found.append(f"The new pod gets the same name {pod.name} and starts only when this one has stopped.")
    if root.kind in {"Job", "CronJob"}:
        found.append("The work of this pod is lost, and the Job may count it as a failure.")
    if not claims and any(volume.host_path for volume in pod.spec.volumes):
        found.append("It uses a directory of its node: the new pod may run elsewhere, without it.")
    return tuple(found)


async def _guards(pod: Pod, cluster: ClusterReader) -> tuple[tuple[str, ...], Risk]:
    """Budgets do not hold a deletion back: one that allows none now is said loudly."""
    try:
        budgets = await cluster.list(DISRUPTION_BUDGETS, pod.namespace)
    except (Forbidden, NotFound) as exc:
        return (f"Could not check for PodDisruptionBudget: {exc.message}",), "low"
    short = [budget for budget in budgets_for(pod.metadata.labels, budgets.items) if _allows_none(budget, pod)]
    warnings = tuple(
        f"PodDisruptionBudget {budget.name} allows no disruption now; a deletion goes past it." for budget in short
    )
    return warnings, "high" if short else "low"


def _allows_none(budget: PodDisruptionBudget, pod: Pod) -> bool:
    return pod.is_ready() and budget.status.disruptions_allowed < 1
