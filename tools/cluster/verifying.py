"""One look at a workload after a change: has it arrived, and is it well?"""

from datetime import datetime

from tools.clock import Clock
from tools.cluster.applying import CHANGE_ID
from tools.cluster.before import regression, trouble_facts
from tools.cluster.facts import fact
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.models.workloads import Workload
from tools.cluster.pod_health import Trouble, restarts_of, trouble_of
from tools.cluster.port import ClusterReader
from tools.cluster.revisions import newest_pods, pods_of
from tools.cluster.rollout import Phase, rollout_of
from tools.contract import ObjectRef, Outcome, Plan, Receipt
from tools.errors import NotFound

SETTLE_SECONDS = 5.0  # without a readiness probe a container counts as ready until its first crash
SETTLE_AFTER_RESTART_SECONDS = 30.0


async def verify_plan(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Healthy and settled when the rollout is complete; settled and not healthy when waiting longer will not help.

    Looked at: the workload's counts and conditions, and its pods (of the newest template, if the plan changes it).
    """
    target = plan.target
    try:
        workload = await cluster.get(WORKLOADS[target.kind], target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after the change.")
    if workload.metadata.uid != target.uid:
        return Outcome(settled=True, healthy=False, summary=f"{target} was replaced by a new object after the change.")
    if workload.status.observed_generation < workload.metadata.generation:
        return _judge(workload, (), clock())  # the pods that are there are still those of the old spec
    look = newest_pods if "template" in plan.patch.get("spec", {}) else pods_of
    pods = (await look(cluster, workload)).items
    outcome = _judge(workload, pods, clock())
    if not outcome.healthy:
        outcome = outcome.model_copy(update={"regressed": regression(plan, workload, pods)})
    if workload.metadata.annotations.get(CHANGE_ID) == receipt.change_id:
        return outcome
    return outcome.model_copy(update={"summary": f"{outcome.summary} Another change was made since."})


async def look_at(target: ObjectRef, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """The same judgement of a workload that was not itself changed, by all of its pods."""
    workload = await cluster.get(WORKLOADS[target.kind], target.namespace, target.name)
    if workload.status.observed_generation < workload.metadata.generation:
        return _judge(workload, (), clock())
    return _judge(workload, (await pods_of(cluster, workload)).items, clock())


def _judge(workload: Workload, pods: tuple[Pod, ...], now: datetime) -> Outcome:
    rollout = rollout_of(workload)
    evidence = (fact(workload, rollout.where, rollout.text, now),)
    troubles = [(pod, trouble) for pod in pods if (trouble := trouble_of(pod)) is not None]
    if rollout.phase is Phase.STUCK:
        summary = f"The rollout of {workload.name} is stuck: {rollout.text}."
        return Outcome(
            settled=True, healthy=False, summary=summary, evidence=(*evidence, *trouble_facts(troubles, now))
        )
    lasting = [entry for entry in troubles if entry[1].lasting]
    if lasting:
        return Outcome(
            settled=True, healthy=False, summary=_failing(workload, lasting), evidence=trouble_facts(lasting, now)
        )
    if rollout.phase is not Phase.COMPLETE:
        return Outcome(settled=False, healthy=False, summary=f"{workload.name}: {rollout.text}.", evidence=evidence)
    if waits := next((text for pod in pods if (text := _unproven(pod, now))), ""):
        return Outcome(settled=False, healthy=False, summary=f"{workload.name}: {waits}.", evidence=evidence)
    return Outcome(
        settled=True, healthy=True, summary=f"{workload.name} is healthy: {rollout.text}.", evidence=evidence
    )


def _unproven(pod: Pod, now: datetime) -> str:
    """Why a ready pod is not trusted yet: nothing probes it, and it has only just started or crashed before."""
    ready = pod.condition("Ready")
    since = ready.last_transition_time if ready else None
    if since is None or all(container.readiness_probe for container in pod.spec.containers):
        return ""
    restarts = restarts_of(pod)
    window = SETTLE_AFTER_RESTART_SECONDS if restarts else SETTLE_SECONDS
    if (
        abs((now - since).total_seconds()) >= window
    ):  # further apart than the window either way: also clocks that differ
        return ""
    return f"{pod.name} has only just started" + (f" again (restarts: {restarts})" if restarts else "")


def _failing(workload: Workload, lasting: list[tuple[Pod, Trouble]]) -> str:
    counted = "1 pod fails" if len(lasting) == 1 else f"{len(lasting)} pods fail"
    trouble = lasting[0][1]
    return f"{counted} in {workload.name}: {trouble.reason} ({trouble.message or trouble.pod})."
