"""PodDisruptionBudgets that let no pod go: a node drain then waits for ever. A remark, no failure of the workload."""

from collections.abc import Iterator

from tools.cluster.models.platform import PodDisruptionBudget
from tools.diagnosis.facts import condition_fact, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each budget of the workload that allows no disruption."""
    for budget in observations.platform.budgets:
        allowed = next((one for one in budget.status.conditions if one.type == "DisruptionAllowed"), None)
        blocked = budget.status.expected_pods > 0 and budget.status.disruptions_allowed == 0
        if (allowed is None and not blocked) or (allowed is not None and allowed.status != "False"):
            continue
        status = budget.status
        counts = f"{status.current_healthy} healthy, {status.desired_healthy} needed, {status.expected_pods} expected"
        fact = field_fact(budget, "status", counts, observations.at)
        yield Finding(
            cause="pdb-blocks-eviction",
            role="info",
            title=f"the PodDisruptionBudget {budget.name} lets none of its pods be moved ({counts}),"
            " so a drain of their node waits",
            subject=subject_of(budget),
            evidence=(fact, *((condition_fact(budget, allowed, observations.at),) if allowed else ())),
            confidence=0.9,
            next_steps=(_step(budget),),
            since=allowed.last_transition_time if allowed else None,
            key=budget.name,
        )


def _step(budget: PodDisruptionBudget) -> str:
    if budget.status.current_healthy < budget.status.desired_healthy:
        return "Make its pods healthy again: the budget then allows a move by itself."
    return f"Run one replica more than the PodDisruptionBudget {budget.name} needs, or lower minAvailable."
