"""Where the rollout of a workload stands, from its spec and status (pure)."""

from enum import StrEnum

from pydantic import BaseModel

from tools.cluster.models.workloads import Workload


class Phase(StrEnum):
    """State of a rollout. `STUCK`: the controller itself has given up or cannot create pods."""

    COMPLETE = "complete"
    MOVING = "moving"
    PAUSED = "paused"
    STUCK = "stuck"


class Rollout(BaseModel, frozen=True):
    """`text` says it in words; `where` is the field path that proves it."""

    phase: Phase
    text: str
    where: str


def rollout_of(workload: Workload) -> Rollout:
    """The state of the newest spec's rollout, as `kubectl rollout status` judges it."""
    if workload.status.observed_generation < workload.metadata.generation:
        return Rollout(
            phase=Phase.MOVING,
            text="the controller has not seen the newest spec yet",
            where="status.observedGeneration",
        )
    return _stuck(workload) or _paused(workload) or _by_counts(workload)


def _stuck(workload: Workload) -> Rollout | None:
    failure = workload.condition("ReplicaFailure")
    if failure is not None and failure.status == "True":
        where = "status.conditions[type=ReplicaFailure]"
        return Rollout(phase=Phase.STUCK, text=f"pods cannot be created: {failure.message}", where=where)
    progress = workload.condition("Progressing")
    if progress is not None and progress.status == "False" and not workload.spec.paused:
        where = "status.conditions[type=Progressing]"
        return Rollout(phase=Phase.STUCK, text=f"{progress.reason}: {progress.message}", where=where)
    return None


def _paused(workload: Workload) -> Rollout | None:
    if not workload.spec.paused:
        return None
    return Rollout(phase=Phase.PAUSED, text="the rollout is paused", where="spec.paused")


def _by_counts(workload: Workload) -> Rollout:
    desired, updated, available = workload.desired(), workload.updated(), workload.available()
    if updated < _to_update(workload):
        return _moving(f"{updated} of {desired} pods have the newest template", _field(workload, "updated"))
    if (surplus := _surplus(workload)) > 0:
        return _moving(f"{surplus} old or surplus pods are still there", "status.replicas")
    if available < desired:
        return _moving(f"{available} of {desired} pods are available", _field(workload, "available"))
    return Rollout(
        phase=Phase.COMPLETE, text=f"{available} of {desired} pods are available", where=_field(workload, "available")
    )


def _surplus(workload: Workload) -> int:
    """Pods above the wanted number, and pods of older templates of a Deployment."""
    if workload.kind == "DaemonSet":
        return 0
    above = workload.status.replicas - workload.desired()
    return max(above, workload.status.replicas - workload.updated()) if workload.kind == "Deployment" else above


def _to_update(workload: Workload) -> int:
    """How many pods must have the newest template: a partition keeps the lower ordinals, OnDelete keeps all."""
    strategy = workload.spec.update_strategy
    if strategy is None:
        return workload.desired()
    if strategy.type == "OnDelete":
        return 0
    partition = strategy.rolling_update.partition if strategy.rolling_update else None
    return max(0, workload.desired() - (partition or 0))


def _moving(text: str, where: str) -> Rollout:
    return Rollout(phase=Phase.MOVING, text=text, where=where)


def _field(workload: Workload, count: str) -> str:
    if workload.kind == "DaemonSet":
        return {"updated": "status.updatedNumberScheduled", "available": "status.numberAvailable"}[count]
    return f"status.{count}Replicas"
