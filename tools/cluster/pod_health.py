"""What is wrong with a pod at first sight, from its own status (pure)."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from tools.cluster.models.pods import ContainerStatus, Pod

STARTING = frozenset({"ContainerCreating", "PodInitializing"})
MAY_PASS = frozenset({"ErrImagePull", "Unschedulable", "SchedulingGated"})  # tried again, or waiting for room
RESTARTS_WORTH_SAYING = 3


class Trouble(BaseModel, frozen=True):
    """One sign that a pod is not well. `lasting`: waiting longer will hardly help.

    `where`: field path of the pod; `at`: when it was last seen to happen, if the pod says so.
    """

    pod: str
    reason: str
    message: str
    where: str
    lasting: bool
    at: datetime | None = None


def trouble_of(pod: Pod) -> Trouble | None:
    """The first sign of trouble of a pod: its phase, then scheduling, then its containers in order."""
    return next(_troubles(pod), None)


def restarts_of(pod: Pod) -> int:
    """Restarts of all containers together."""
    return sum(status.restart_count for status in pod.status.all_container_statuses())


def _troubles(pod: Pod) -> Iterator[Trouble]:
    if pod.status.phase == "Failed":
        reason, message = pod.status.reason or "Failed", pod.status.message
        yield Trouble(pod=pod.name, reason=reason, message=message, where="status.phase", lasting=True)
    scheduled = pod.condition("PodScheduled")
    if scheduled is not None and scheduled.status == "False":
        where = "status.conditions[type=PodScheduled]"
        reason = scheduled.reason or "Unschedulable"
        at = scheduled.last_transition_time
        yield Trouble(pod=pod.name, reason=reason, message=scheduled.message, where=where, lasting=False, at=at)
    for field, statuses in (
        ("initContainerStatuses", pod.status.init_container_statuses),
        ("containerStatuses", pod.status.container_statuses),
    ):
        for status in statuses:
            yield from _of_container(pod, f"status.{field}[name={status.name}]", status)


def _of_container(pod: Pod, where: str, status: ContainerStatus) -> Iterator[Trouble]:
    waiting, ended, last = status.state.waiting, status.state.terminated, status.last_state.terminated
    if waiting is not None and waiting.reason and waiting.reason not in STARTING:
        message = waiting.message
        if last is not None:
            message = f"last exit code {last.exit_code} ({last.reason}); {message}".strip("; ")
        at = last.finished_at if last else None
        lasting = waiting.reason not in MAY_PASS
        field = f"{where}.state.waiting"
        yield Trouble(pod=pod.name, reason=waiting.reason, message=message, where=field, lasting=lasting, at=at)
    if ended is not None and ended.exit_code != 0:
        message = f"container {status.name} ended with exit code {ended.exit_code}"
        field, at = f"{where}.state.terminated", ended.finished_at
        reason = ended.reason or "Error"
        yield Trouble(pod=pod.name, reason=reason, message=message, where=field, lasting=False, at=at)
    if status.restart_count >= RESTARTS_WORTH_SAYING and last is not None and not status.ready:
        message = f"container {status.name} restarted {status.restart_count} times, last exit code {last.exit_code}"
        field = f"{where}.restartCount"
        yield Trouble(pod=pod.name, reason=last.reason or "Restarts", message=message, where=field, lasting=False)
