"""Job -> pods that run to completion."""

from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import JOBS, PODS
from evals.emulators.kubernetes.controllers.shared import (
    counted,
    delete_pod,
    is_active,
    own_key,
    owned_pods,
    owner_key,
    pod_from_template,
    put_status,
)
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.objects import Json, condition, dig, is_deleting, name_of, pod_ready
from evals.emulators.kubernetes.store import Key
from evals.emulators.kubernetes.timing import rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_COMPONENT = "job-controller"
_FIRST_RETRY = 10.0


class JobController:
    """Replaces failed pods up to `backoffLimit`, with growing pauses; then the Job is Failed."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._not_before: dict[Key, object] = {}
        self.watches: Watches = {JOBS.shelf: own_key, "pods": owner_key("Job")}

    def reconcile(self, key: Key) -> None:
        job = self._cluster.store.get(JOBS, *key)
        if job is None or is_deleting(job) or condition(job, "Complete") or condition(job, "Failed"):
            return
        pods = owned_pods(self._cluster, job)
        active = [pod for pod in pods if is_active(pod)]
        succeeded = sum(1 for pod in pods if dig(pod, "status", "phase") == "Succeeded")
        failed = sum(1 for pod in pods if dig(pod, "status", "phase") == "Failed")
        restarts = sum(s["restartCount"] for pod in active for s in dig(pod, "status", "containerStatuses") or [])
        outcome = self._outcome(job, succeeded, failed + restarts)
        if outcome:
            for pod in active:
                delete_pod(self._cluster, pod)
            active = []
        else:
            self._fill(job, key, len(active), (succeeded, failed))
        self._report(key, (succeeded, failed), outcome)

    def _outcome(self, job: Json, succeeded: int, failed: int) -> Json | None:
        if succeeded >= job["spec"]["completions"]:
            self._cluster.events.record(job, "Normal", "Completed", "Job completed", component=_COMPONENT)
            return {
                "type": "Complete",
                "reason": "CompletionsReached",
                "message": "Reached expected number of succeeded pods",
            }
        if failed > job["spec"]["backoffLimit"]:
            text = "Job has reached the specified backoff limit"
            self._cluster.events.record(job, "Warning", "BackoffLimitExceeded", text, component=_COMPONENT)
            return {"type": "Failed", "reason": "BackoffLimitExceeded", "message": text}
        return None

    def _fill(self, job: Json, key: Key, active: int, done: tuple[int, int]) -> None:
        succeeded, failed = done
        missing = min(job["spec"]["parallelism"], job["spec"]["completions"] - succeeded) - active
        if missing <= 0 or job["spec"].get("suspend"):
            return
        if failed and not self._may_retry(key, failed):
            return
        for _ in range(missing):
            self._create(job, key)

    def _may_retry(self, key: Key, failed: int) -> bool:
        moment = self._not_before.get(key)
        if moment is None:
            due = self._cluster.after(_FIRST_RETRY * 2 ** (failed - 1))
            self._not_before[key] = due
            self._cluster.engine.at(due, "jobs", key)
            return False
        if moment > self._cluster.now():  # type: ignore[operator]
            return False
        del self._not_before[key]
        return True

    def _create(self, job: Json, key: Key) -> None:
        body = pod_from_template(job, job["spec"]["template"])
        body["metadata"]["generateName"] = f"{name_of(job)}-"
        try:
            pod = self._cluster.writer.create(PODS, key[0], body)
        except ApiError as exc:
            text = f"Error creating: {exc.message}"
            self._cluster.events.record(job, "Warning", "FailedCreate", text, component=_COMPONENT)
            return
        text = f"Created pod: {name_of(pod)}"
        self._cluster.events.record(job, "Normal", "SuccessfulCreate", text, component=_COMPONENT)

    def _report(self, key: Key, done: tuple[int, int], outcome: Json | None) -> None:
        job = self._cluster.store.get(JOBS, *key)
        if job is None:
            return
        now = rfc3339(self._cluster.now())
        active = [pod for pod in owned_pods(self._cluster, job) if is_active(pod)]
        succeeded, failed = done
        ready = sum(1 for pod in active if pod_ready(pod))
        status: Json = {
            **counted(active=len(active), succeeded=succeeded, failed=failed),
            "startTime": dig(job, "status", "startTime") or now,
            "terminating": 0,
            "ready": ready,
            "uncountedTerminatedPods": {},
        }
        if outcome:
            status["conditions"] = [{"status": "True", "lastProbeTime": now, "lastTransitionTime": now, **outcome}]
            if outcome["type"] == "Complete":
                status["completionTime"] = now
        put_status(self._cluster, JOBS, job, status)
