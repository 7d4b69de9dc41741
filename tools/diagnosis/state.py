"""How a workload stands, by its counts. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from tools.cluster.models.workloads import CronJob, Job, Workload
from tools.contract import Evidence
from tools.diagnosis.facts import condition_fact, field_fact
from tools.diagnosis.observations import Observations

_SETTLING = timedelta(minutes=5)  # a pod younger than this may just be starting
_STEPS = frozenset(("NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated"))  # of a Progressing condition


@dataclass(frozen=True)
class State:
    """`says`: "0 of 3 pods ready". `whole`: all that is wanted is there, ready and of the newest template. `idle`:
    nothing is wanted, on purpose. `moving`: a rollout or a start is under way and not late. `evidence` proves it."""

    says: str
    wanted: int
    ready: int
    whole: bool
    idle: bool
    moving: bool
    evidence: tuple[Evidence, ...]


def assess(observations: Observations) -> State:
    """The state of the workload, Job, CronJob or bare pods."""
    if observations.workload:
        return _workload(observations, observations.workload)
    if observations.job:
        return _job(observations, observations.job)
    if observations.cron_job:
        return _cron_job(observations, observations.cron_job)
    ready = sum(pod.is_ready() for pod in observations.live_pods())
    count = len(observations.live_pods())
    facts = tuple(field_fact(pod, "status.phase", pod.status.phase, observations.at) for pod in observations.pods[:1])
    return State(
        f"{ready} of {count} pods ready", count, ready, 0 < count == ready, False, _starting(observations), facts
    )


def _workload(observations: Observations, workload: Workload) -> State:
    wanted, ready, updated = workload.desired(), workload.ready(), workload.updated()
    seen = workload.status.observed_generation >= workload.metadata.generation
    idle = wanted == 0 and workload.kind != "DaemonSet"
    whole = seen and ready >= wanted and (updated >= _to_update(workload)) and not idle
    text = f"{ready} of {wanted} pods ready"
    if not idle and updated < _to_update(workload):
        text += f"; {_newest(observations, workload)}"
    counts = (
        f"replicas wanted {wanted}, ready {ready}, of the newest version {updated}, available {workload.available()}"
    )
    where = "status.numberReady" if workload.kind == "DaemonSet" else "status.readyReplicas"
    evidence = [field_fact(workload, where, counts, observations.at)]
    evidence += [condition_fact(workload, one, observations.at) for one in workload.status.conditions[:2]]
    return State(
        "scaled to 0 replicas" if idle else text,
        wanted,
        ready,
        whole,
        idle,
        not whole and not idle and (not seen or _on_the_move(observations, workload)),
        tuple(evidence),
    )


def _newest(observations: Observations, workload: Workload) -> str:
    """How the new version stands while an older one is there too."""
    current = [pod for pod in observations.live_pods() if observations.is_current(pod)]
    if not current or observations.pods_truncated or "pods" not in observations.read:
        return f"{workload.updated()} of the new version"
    return f"the new version has {sum(pod.is_ready() for pod in current)} of {len(current)} ready"


def _to_update(workload: Workload) -> int:
    """Pods that must have the newest template: a partition keeps the lower ordinals, OnDelete keeps all."""
    strategy = workload.spec.update_strategy
    if strategy is None:
        return workload.desired()
    if strategy.type == "OnDelete":
        return 0
    partition = strategy.rolling_update.partition if strategy.rolling_update else None
    return max(0, workload.desired() - (partition or 0))


def _on_the_move(observations: Observations, workload: Workload) -> bool:
    progress = workload.condition("Progressing")
    if progress and (progress.status != "True" or workload.spec.paused):
        return False
    lately = progress.last_update_time if progress and progress.reason in _STEPS else None
    return _starting(observations) or (lately is not None and observations.at - lately < _SETTLING)


def _starting(observations: Observations) -> bool:
    """Whether every pod that is not ready is so young that it may still be starting."""
    waiting = [pod for pod in observations.live_pods() if not pod.is_ready()]
    births = [pod.metadata.creation_timestamp for pod in waiting]
    young = all(born and observations.at - born < _SETTLING for born in births)
    return bool(waiting) and young


def _job(observations: Observations, job: Job) -> State:
    status, done = job.status, job.spec.completions or 1
    complete = job.condition("Complete")
    whole = complete is not None and complete.status == "True"
    text = f"{status.succeeded} of {done} runs succeeded, {status.failed} failed, {status.active} active"
    facts = [field_fact(job, "status", text, observations.at)]
    facts += [condition_fact(job, one, observations.at) for one in job.status.conditions[-1:]]
    idle = job.spec.suspend
    moving = not whole and not idle and status.active > 0
    return State("suspended" if idle else text, done, status.succeeded, whole, idle, moving, tuple(facts))


def _cron_job(observations: Observations, cron: CronJob) -> State:
    last, good = cron.status.last_schedule_time, cron.status.last_successful_time
    text = f"schedule {cron.spec.schedule}, last run {_time(last)}, last success {_time(good)}"
    facts = (field_fact(cron, "status", text, last or observations.at),)
    ran = bool(good and last and good >= last) or (last is None and not cron.spec.suspend)
    running = any(job.status.active for job in observations.jobs)
    return State("suspended" if cron.spec.suspend else text, 1, int(ran), ran, cron.spec.suspend, running, facts)


def _time(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
