"""The cells of the pods table: READY, STATUS and RESTARTS as kubectl shows them."""

from datetime import datetime

from evals.emulators.kubernetes.objects import Json, dig, is_deleting, pod_ready
from evals.emulators.kubernetes.timing import human_duration, parse_time


def pod_ready_count(pod: Json, now: datetime) -> str:
    del now
    statuses = dig(pod, "status", "containerStatuses") or []
    return f"{sum(1 for status in statuses if status['ready'])}/{len(pod['spec']['containers'])}"


def pod_restarts(pod: Json, now: datetime) -> str:
    statuses = dig(pod, "status", "containerStatuses") or []
    total = sum(status["restartCount"] for status in statuses)
    ends = [dig(status, "lastState", "terminated", "finishedAt") for status in statuses]
    last = max((parse_time(end) for end in ends if end), default=None)
    return f"{total} ({human_duration(now - last)} ago)" if total and last else str(total)


def pod_state(pod: Json) -> str:
    """The word in the STATUS column."""
    reason = _init_state(pod)
    if not reason:
        reason = _main_state(pod)
    if is_deleting(pod):
        return "Terminating"
    return reason


def _init_state(pod: Json) -> str:
    statuses = dig(pod, "status", "initContainerStatuses") or []
    total = len(pod["spec"].get("initContainers") or [])
    for index, status in enumerate(statuses):
        terminated = dig(status, "state", "terminated")
        if terminated and terminated["exitCode"] == 0:
            continue
        if terminated:
            return f"Init:{terminated.get('reason') or 'ExitCode:' + str(terminated['exitCode'])}"
        waiting = dig(status, "state", "waiting", "reason")
        if waiting and waiting not in ("PodInitializing", "ContainerCreating"):
            return f"Init:{waiting}"
        return f"Init:{index}/{total}"
    return ""


def _main_state(pod: Json) -> str:
    reason = str(dig(pod, "status", "reason") or dig(pod, "status", "phase") or "Unknown")
    running = False
    for status in reversed(dig(pod, "status", "containerStatuses") or []):
        waiting, terminated = dig(status, "state", "waiting", "reason"), dig(status, "state", "terminated")
        if waiting:
            reason = waiting
        elif terminated:
            reason = terminated.get("reason") or f"ExitCode:{terminated['exitCode']}"
        elif status["ready"]:
            running = True
    if reason == "Completed" and running:
        return "Running" if pod_ready(pod) else "NotReady"
    return reason
