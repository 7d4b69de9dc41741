"""The pods that run for a workload of any kind."""

from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import CRON_JOBS, JOBS, PODS, WORKLOADS
from tools.cluster.models.workloads import Job
from tools.cluster.port import ClusterReader, Page
from tools.contract import ObjectRef
from tools.errors import InvalidArgs


async def find_pods(cluster: ClusterReader, ref: ObjectRef, *, limit: int = 500) -> Page[Pod]:
    """Pods of a Deployment, StatefulSet, DaemonSet, Job, CronJob (its newest job) or Pod, by the server's order.

    Raises NotFound, Forbidden, Unavailable, and InvalidArgs for a kind that has no pods.
    """
    if ref.kind == "Pod":
        return Page((await cluster.get(PODS, ref.namespace, ref.name),))
    selector = await _selector(cluster, ref)
    if selector is None or selector.is_empty():
        return Page(())
    return await cluster.list(PODS, ref.namespace, labels=selector.as_query(), limit=limit)


async def _selector(cluster: ClusterReader, ref: ObjectRef) -> LabelSelector | None:
    if resource := WORKLOADS.get(ref.kind):
        return (await cluster.get(resource, ref.namespace, ref.name)).spec.selector
    if ref.kind == "Job":
        return (await cluster.get(JOBS, ref.namespace, ref.name)).spec.selector
    if ref.kind == "CronJob":
        newest = await _newest_job(cluster, ref)
        return newest.spec.selector if newest else None
    raise InvalidArgs(f"{ref} has no pods of its own.")


async def _newest_job(cluster: ClusterReader, ref: ObjectRef) -> Job | None:
    cron = await cluster.get(CRON_JOBS, ref.namespace, ref.name)
    jobs = await cluster.list(JOBS, ref.namespace)
    mine = [job for job in jobs if (owner := job.metadata.controller()) and owner.uid == cron.metadata.uid]
    return max(mine, key=lambda job: (str(job.metadata.creation_timestamp or ""), job.name), default=None)
