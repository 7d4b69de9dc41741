"""Change how many replicas one workload has."""

from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.blast import Risk, disturbs, raised
from tools.cluster.models.platform import HorizontalPodAutoscaler, PodDisruptionBudget
from tools.cluster.planning import Draft, Subject, Surroundings, find_subject, look_around, make_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Inverse, Outcome, Plan, Receipt
from tools.errors import InvalidArgs


class ScaleWorkloadArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    replicas: Annotated[int, Field(ge=0, le=1000, description="Wanted number of replicas; 0 stops it.")]


async def plan_scale(args: ScaleWorkloadArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to set the number of replicas of a Deployment or StatefulSet (PATCH .../{plural}/{name}).

    Raises NotFound, Ambiguous, Forbidden, InvalidArgs (a DaemonSet, or no change) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    workload = subject.workload
    if workload.kind == "DaemonSet":
        raise InvalidArgs(f"DaemonSet {workload.name} cannot be scaled: it runs one pod on each matching node.")
    now_replicas = workload.desired()
    if args.replicas == now_replicas:
        raise InvalidArgs(f"{subject.named()} has {now_replicas} replicas already (spec.replicas).")
    around = await look_around(subject, cluster)
    warnings, risk = _concerns(subject, around, args.replicas)
    back = {**subject.call_args(), "replicas": now_replicas}
    draft = Draft(
        tool="scale_workload",
        args=args,
        summary=f"Scale {subject.named()} from {now_replicas} to {args.replicas} replicas",
        patch={"spec": {"replicas": args.replicas}},
        effects=_effects(subject, args.replicas),
        warnings=warnings,
        risk=risk,
        inverse=Inverse(tool="scale_workload", args=back, label=f"Scale back to {now_replicas}"),
        replicas_after=args.replicas,
    )
    return await make_plan(draft, subject, cluster=cluster, now=clock())


async def apply_scale(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply a confirmed scaling once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_scale(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether as many pods as wanted are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _effects(subject: Subject, replicas: int) -> tuple[str, ...]:
    difference = replicas - subject.workload.desired()
    verb = "start" if difference > 0 else "stop"
    moved = f"1 pod {verb}s." if abs(difference) == 1 else f"{abs(difference)} pods {verb}."
    if subject.workload.kind == "StatefulSet" and difference < 0:
        return (
            moved,
            "The volumes of the stopped pods are kept unless the StatefulSet's retention policy deletes them.",
        )
    if subject.workload.spec.paused:
        return (moved, "The rollout is paused: the pods keep the template of the last rollout.")
    return (moved,)


def _concerns(subject: Subject, around: Surroundings, replicas: int) -> tuple[tuple[str, ...], Risk]:
    """Warnings, and the risk they make."""
    risk: Risk = "low" if replicas >= subject.workload.desired() else "medium"
    outage: tuple[str, ...] = ()
    if replicas == 0:
        outage, risk = (f"Outage: {subject.workload.name} serves nothing with 0 replicas.",), "high"
    fights = tuple(_fight(scaler) for scaler in around.autoscalers)
    below = tuple(text for budget in around.budgets if (text := _below(budget, replicas)))
    written, written_risk = disturbs(subject.owners, "the number of replicas")
    risk = raised(risk, written_risk, "medium" if fights else "low")
    return (*outage, *fights, *below, *written, *around.warnings), risk


def _fight(scaler: HorizontalPodAutoscaler) -> str:
    low = 1 if scaler.spec.min_replicas is None else scaler.spec.min_replicas
    return (
        f"HorizontalPodAutoscaler {scaler.name} keeps the replicas between {low} and {scaler.spec.max_replicas} and "
        "will change this again; 0 replicas switch it off. Change its limits to keep a number."
    )


def _below(budget: PodDisruptionBudget, replicas: int) -> str:
    least = budget.spec.min_available
    if not isinstance(least, int) or replicas >= least or replicas == 0:
        return ""
    return f"PodDisruptionBudget {budget.name} wants {least} available: with {replicas}, no node can be drained."
