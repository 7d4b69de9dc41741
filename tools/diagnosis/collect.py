"""Read what a diagnosis needs of one workload: by selector and name, a bounded number of calls in any cluster."""

import asyncio
from dataclasses import replace
from datetime import datetime

from tools.cluster.models.meta import ApiObject
from tools.cluster.models.platform import HorizontalPodAutoscaler
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import (
    AUTOSCALERS,
    CONTROLLER_REVISIONS,
    CRON_JOBS,
    JOBS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    WORKLOADS,
)
from tools.cluster.models.workloads import Job
from tools.contract import ObjectRef
from tools.diagnosis.choose import selector_of
from tools.diagnosis.collect_details import details
from tools.diagnosis.observations import Observations
from tools.diagnosis.reading import Reading

PODS_LIMIT = 500  # one page: a larger workload fails in the same ways
HISTORY_LIMIT = 50
NAMESPACE_LIMIT = 500  # services, autoscalers and jobs cannot be asked for by whom they serve


async def collect(reading: Reading, target: ObjectRef, *, now: datetime, environment: str) -> Observations:
    """Everything about the workload but what it depends on.

    Raises NotFound, Forbidden or Unavailable when the workload itself cannot be read; all else becomes a gap.
    """
    seen = await _subject(reading, Observations(target=target, at=now, environment=environment))
    seen = await _around(reading, seen)
    return await details(reading, seen)


async def _subject(reading: Reading, empty: Observations) -> Observations:
    target, cluster = empty.target, reading.cluster
    reading.calls += 1
    if target.kind == "Job":
        return replace(empty, job=await cluster.get(JOBS, target.namespace, target.name))
    if target.kind == "CronJob":
        seen = replace(empty, cron_job=await cluster.get(CRON_JOBS, target.namespace, target.name))
        return replace(seen, jobs=await _jobs_of(reading, seen))
    if target.kind == "Pod":
        return replace(empty, pods=(await cluster.get(PODS, target.namespace, target.name),))
    return replace(empty, workload=await cluster.get(WORKLOADS[target.kind], target.namespace, target.name))


async def _jobs_of(reading: Reading, seen: Observations) -> tuple[Job, ...]:
    every = await reading.list("jobs", JOBS, limit=NAMESPACE_LIMIT)
    mine = [job for job in every if seen.cron_job and _owned(job, seen.cron_job)]
    return tuple(sorted(mine, key=lambda job: (job.metadata.creation_timestamp or seen.at, job.name), reverse=True)[:3])


async def _around(reading: Reading, seen: Observations) -> Observations:
    selector, kind = selector_of(seen), seen.target.kind
    query = selector.as_query() if selector else ""
    async with asyncio.TaskGroup() as group:
        services = group.create_task(reading.list("services", SERVICES, limit=NAMESPACE_LIMIT))
        scalers = group.create_task(reading.list("autoscalers", AUTOSCALERS, limit=NAMESPACE_LIMIT))
        seen = await _with_pods(reading, seen, query, kind)
    name = seen.target.name
    return replace(
        seen,
        services=services.result(),
        autoscalers=tuple(one for one in scalers.result() if _scales(one, name, kind)),
    )


def _scales(scaler: HorizontalPodAutoscaler, name: str, kind: str) -> bool:
    ref = scaler.spec.scale_target_ref
    return (ref.kind, ref.name) == (kind, name)


async def _with_pods(reading: Reading, seen: Observations, query: str, kind: str) -> Observations:
    if not query:
        reading.read.add("pods")
        return seen
    async with asyncio.TaskGroup() as group:
        pods = group.create_task(reading.list("pods", PODS, labels=query, limit=PODS_LIMIT))
        if kind == "Deployment":
            sets = await reading.list("replica_sets", REPLICA_SETS, labels=query, limit=HISTORY_LIMIT)
            seen = replace(seen, replica_sets=tuple(one for one in sets if _owned(one, seen.workload)))
        elif seen.workload:
            kept = await reading.list("revisions", CONTROLLER_REVISIONS, labels=query, limit=HISTORY_LIMIT)
            seen = replace(seen, revisions=tuple(one for one in kept if _owned(one, seen.workload)))
    return replace(seen, pods=_own(pods.result(), seen), pods_truncated="pods" in reading.truncated)


def _own(pods: tuple[Pod, ...], seen: Observations) -> tuple[Pod, ...]:
    """Another workload's pods may carry the same labels: only those it controls count, when that is known."""
    owners = {one.metadata.uid for one in (*seen.replica_sets, *seen.jobs)}
    owners |= {one.metadata.uid for one in (seen.workload, seen.job) if one}
    if seen.target.kind == "Deployment" and not seen.replica_sets:
        return pods
    return tuple(pod for pod in pods if (owner := pod.metadata.controller()) and owner.uid in owners)


def _owned(item: ApiObject, owner: ApiObject | None) -> bool:
    controller = item.metadata.controller()
    return controller is not None and owner is not None and controller.uid == owner.metadata.uid
