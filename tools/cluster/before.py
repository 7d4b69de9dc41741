"""How a workload was before a change, and in what it is worse after it."""

from collections.abc import Iterable
from datetime import datetime

from tools.cluster.facts import fact
from tools.cluster.models.pods import Pod
from tools.cluster.models.workloads import Workload
from tools.cluster.pod_health import Trouble, trouble_of
from tools.cluster.port import ClusterReader
from tools.cluster.revisions import pods_of
from tools.cluster.rollout import rollout_of
from tools.contract import Evidence, Plan
from tools.errors import Forbidden

MAX_PODS = 5


async def seen_before(workload: Workload, cluster: ClusterReader, now: datetime) -> tuple[Evidence, ...]:
    """The state of its rollout, and pods in trouble, at most `MAX_PODS`; without the right to pods, the first only."""
    rollout = rollout_of(workload)
    seen = fact(workload, rollout.where, rollout.text, now)
    try:
        pods = (await pods_of(cluster, workload)).items
    except Forbidden:
        return (seen,)
    troubled = [(pod, trouble) for pod in pods if (trouble := trouble_of(pod)) is not None]
    return (seen, *trouble_facts(troubled, now))


def trouble_facts(troubled: Iterable[tuple[Pod, Trouble]], now: datetime) -> tuple[Evidence, ...]:
    """What is wrong with each pod, as "Reason: message", at most `MAX_PODS`."""
    return tuple(
        fact(pod, trouble.where, f"{trouble.reason}: {trouble.message}", trouble.at or now)
        for pod, trouble in list(troubled)[:MAX_PODS]
    )


def regression(plan: Plan, workload: Workload, pods: Iterable[Pod]) -> str | None:
    """In what it is worse than before the change: fewer pods ready than there were, or a trouble no pod had."""
    wanted = min(plan.ready_before or 0, workload.desired())
    if workload.ready() < wanted:
        return f"{workload.ready()} of {workload.desired()} pods are ready, {plan.ready_before} were before."
    known = {fact.text.partition(":")[0] for fact in plan.before[1:]}
    troubles = (trouble for pod in pods if (trouble := trouble_of(pod)) is not None)
    new = next((trouble for trouble in troubles if trouble.lasting and trouble.reason not in known), None)
    return None if new is None or not plan.before else f"{new.reason} of {new.pod} is new: no pod had it before."
