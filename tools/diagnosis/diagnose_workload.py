"""Find out what is wrong with one workload, and why."""

from typing import Annotated

from pydantic import Field

from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.port import ClusterReader, Targets
from tools.contract import Args
from tools.diagnosis.collect import collect
from tools.diagnosis.collect_dependencies import with_dependencies
from tools.diagnosis.collect_platform import with_platform
from tools.diagnosis.compose import compose
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.reading import Reading
from tools.logs.port import LogStore


class DiagnoseWorkloadArgs(Args):
    """Which workload, where."""

    workload: Annotated[
        str, Field(min_length=1, max_length=200, description="Service or workload name, as the person said it.")
    ]
    environment: Annotated[
        str | None,
        Field(min_length=1, max_length=100, description="Environment or namespace, if the person named one."),
    ] = None


async def diagnose_workload(
    args: DiagnoseWorkloadArgs,
    *,
    cluster: ClusterReader,
    logs: LogStore,
    targets: Targets,
    catalog: Catalog | None,
    clock: Clock,
) -> Diagnosis:
    """Find the root cause of a workload's failure, with evidence, what changed and what to do; or that it is healthy.

    Reads only what belongs to the workload and what its log or settings say it depends on: at most `MAX_CALLS`
    requests, whatever the size of the cluster. Times are UTC. What may not be read is listed in `not_read`.
    Raises NotFound and Ambiguous (with candidates), Forbidden or Unavailable when the workload itself cannot be read.
    """
    target = await targets.workload(args.workload, args.environment)
    environment = args.environment or target.ref.namespace or ""
    reading = Reading(cluster, logs, target.ref.namespace or "")
    seen = await collect(reading, target.ref, now=clock(), environment=environment)
    seen = await with_platform(reading, seen)
    seen = await with_dependencies(reading, seen, catalog=catalog, component=target.component)
    return compose(seen, resolved=target.how, owner=target.owner)
