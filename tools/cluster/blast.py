"""How much a change disturbs: pods replaced at a time, budgets, autoscalers, other writers (pure)."""

import math
from collections.abc import Sequence
from typing import Literal

from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.platform import HorizontalPodAutoscaler, PodDisruptionBudget
from tools.cluster.models.pods import IntOrStr
from tools.cluster.models.workloads import RollingUpdate, Workload
from tools.cluster.ownership import Owner

Risk = Literal["low", "medium", "high"]
_LEVELS: tuple[Risk, ...] = ("low", "medium", "high")


def raised(*risks: Risk) -> Risk:
    """The highest of these."""
    return max(risks, key=_LEVELS.index, default="low")


def replaces_pods(workload: Workload) -> tuple[str, Risk]:
    """A sentence on how a new template replaces the pods of a workload, and how risky that is."""
    pods = workload.desired()
    if pods == 0:
        return "It has no pods now: none restarts.", "low"
    counted = "1 pod restarts" if pods == 1 else f"{pods} pods restart"
    strategy = workload.spec.strategy
    if strategy is not None and strategy.type == "Recreate":
        return f"{counted}: all stop before new ones start (strategy Recreate), an outage.", "high"
    if workload.kind == "StatefulSet":
        outage: Risk = "medium" if pods == 1 else "low"
        return f"{counted}, one at a time, the highest ordinal first.", outage
    missing, extra = _room(workload)
    if missing == 0:
        return f"{counted}, up to {extra} new at a time; old pods stop only when new ones are ready.", "low"
    risk: Risk = "medium" if missing >= pods else "low"
    return f"{counted}, up to {missing} unavailable at a time.", risk


def disturbs(owners: Sequence[Owner], what: str) -> tuple[tuple[str, ...], Risk]:
    """Warnings about other writers that will undo `what` ("the number of replicas"), and the risk they add."""
    warnings = tuple(
        f"{owner.name} will revert this: it manages {what}. Change it at its source to keep it."
        if owner.reverts
        else f"{owner.name} deployed this workload: its next upgrade may overwrite {what}."
        for owner in owners
    )
    return warnings, "medium" if any(owner.reverts for owner in owners) else "low"


def autoscalers_of(workload: Workload, found: Sequence[HorizontalPodAutoscaler]) -> tuple[HorizontalPodAutoscaler, ...]:
    """Autoscalers whose target is this workload."""
    wanted = (workload.kind, workload.name)
    targets = ((scaler, scaler.spec.scale_target_ref) for scaler in found)
    return tuple(scaler for scaler, target in targets if (target.kind, target.name) == wanted)


def budgets_of(workload: Workload, found: Sequence[PodDisruptionBudget]) -> tuple[PodDisruptionBudget, ...]:
    """Disruption budgets that select the pods of this workload. An empty selector selects every pod."""
    return budgets_for(workload.spec.template.metadata.labels, found)


def budgets_for(labels: dict[str, str], found: Sequence[PodDisruptionBudget]) -> tuple[PodDisruptionBudget, ...]:
    """Disruption budgets that select pods with these labels."""
    return tuple(budget for budget in found if _selects(budget.spec.selector, labels))


def _selects(selector: LabelSelector, labels: dict[str, str]) -> bool:
    return selector.is_empty() or selector.matches(labels)


def _room(workload: Workload) -> tuple[int, int]:
    """(pods that may be missing, pods that may be extra) during a rolling update, as the controller resolves them."""
    strategy = workload.spec.strategy or workload.spec.update_strategy
    rolling = (strategy.rolling_update if strategy else None) or RollingUpdate()
    default: IntOrStr = "25%" if workload.kind == "Deployment" else 1
    surge: IntOrStr = "25%" if workload.kind == "Deployment" else 0
    missing = _resolve(rolling.max_unavailable, default, workload.desired(), up=workload.kind == "DaemonSet")
    extra = _resolve(rolling.max_surge, surge, workload.desired(), up=True)
    return (1, 0) if missing == extra == 0 else (min(missing, workload.desired()), extra)


def _resolve(value: IntOrStr | None, default: IntOrStr, pods: int, *, up: bool) -> int:
    chosen = default if value is None else value
    if isinstance(chosen, int):
        return chosen
    share = float(chosen.rstrip("%")) * pods / 100
    return math.ceil(share) if up else math.floor(share)
