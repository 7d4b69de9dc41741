"""How a workload is, in one word and with its reason (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tools.cluster.models.pods import Pod
from tools.cluster.models.workloads import Workload
from tools.cluster.pod_health import RESTARTS_WORTH_SAYING, restarts_of, trouble_of
from tools.cluster.rollout import Phase, rollout_of


class Health(StrEnum):
    """`FAILING`: nothing of it works. `DEGRADED`: a part fails. `UNSTABLE`: it works now but keeps restarting.
    `PROGRESSING`: a rollout is under way and nothing fails. `STOPPED`: 0 replicas are asked for."""

    FAILING = "failing"
    DEGRADED = "degraded"
    UNSTABLE = "unstable"
    PROGRESSING = "progressing"
    STOPPED = "stopped"
    HEALTHY = "healthy"

    def is_failing(self) -> bool:
        """Whether somebody should look at it."""
        return self in {Health.FAILING, Health.DEGRADED, Health.UNSTABLE}

    def rank(self) -> int:
        """0 is the worst."""
        return list(Health).index(self)


@dataclass(frozen=True)
class Judgement:
    """`where` is a field of `subject` (a pod, or the workload when None) that shows it; `at`: since when, if known."""

    health: Health
    where: str
    reason: str = ""
    message: str = ""
    subject: Pod | None = None
    at: datetime | None = None


def judge(workload: Workload, pods: Sequence[Pod]) -> Judgement:
    """The health of a workload from its counts and conditions and the pods it selects."""
    counts = "status.numberReady" if workload.kind == "DaemonSet" else "status.readyReplicas"
    if workload.desired() == 0:
        return Judgement(
            Health.STOPPED, "status.desiredNumberScheduled" if workload.kind == "DaemonSet" else "spec.replicas"
        )
    below = workload.ready() < workload.desired()
    broken = Health.FAILING if workload.ready() == 0 else Health.DEGRADED
    return (
        _by_pods(workload, pods, broken)
        or _by_rollout(workload, broken, below=below)
        or Judgement(Health.HEALTHY, counts)
    )


def _by_pods(workload: Workload, pods: Sequence[Pod], broken: Health) -> Judgement | None:
    """Trouble counts while pods are missing or a new template does not come up beside the old pods."""
    live = [pod for pod in pods if pod.metadata.deletion_timestamp is None and pod.status.phase != "Failed"]
    troubled = [(pod, trouble) for pod in live if (trouble := trouble_of(pod)) is not None]
    if troubled:
        pod, trouble = max(troubled, key=lambda entry: entry[1].lasting)
        return Judgement(broken, trouble.where, trouble.reason, trouble.message, pod, trouble.at)
    restarting = max(live, key=restarts_of, default=None)
    if restarting is None or restarts_of(restarting) < RESTARTS_WORTH_SAYING or workload.ready() == 0:
        return None
    last = next(
        (s.last_state.terminated for s in restarting.status.container_statuses if s.last_state.terminated), None
    )
    if last is None:
        return None
    message = f"{restarting.name} restarted {restarts_of(restarting)} times, last exit code {last.exit_code}"
    where = "status.containerStatuses[].restartCount"
    return Judgement(Health.UNSTABLE, where, last.reason or "Restarts", message, restarting, last.finished_at)


def _by_rollout(workload: Workload, broken: Health, *, below: bool) -> Judgement | None:
    rollout = rollout_of(workload)
    if rollout.phase is Phase.STUCK:
        return Judgement(broken, rollout.where, "RolloutStuck", rollout.text)
    if below:
        young = rollout.phase is Phase.MOVING and _progresses(workload)
        health = Health.PROGRESSING if young else broken
        return Judgement(health, rollout.where, "Starting" if young else "NotReady", rollout.text)
    if rollout.phase is Phase.MOVING:
        return Judgement(Health.PROGRESSING, rollout.where, "RollingOut", rollout.text)
    return None


def _progresses(workload: Workload) -> bool:
    """Whether the controller still counts the rollout as under way."""
    progress = workload.condition("Progressing")
    if progress is None:
        return workload.updated() < workload.desired()
    return progress.status == "True" and progress.reason != "NewReplicaSetAvailable"
