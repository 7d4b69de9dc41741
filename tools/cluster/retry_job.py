"""Run a Job once more, as a new Job of the same template."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from tools.clock import Clock
from tools.cluster.models.resources import JOBS
from tools.cluster.models.workloads import Job
from tools.cluster.named import changeable, find_named
from tools.cluster.new_job import create_job, fresh_job, job_name, shown_job, verify_job
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs


class RetryJobArgs(Args):
    job: Annotated[str, Field(min_length=1, max_length=253, description="Exact name of the Job.")]
    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]


async def plan_retry_job(args: RetryJobArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan a new Job from the template of one that ended; the old one is kept (POST .../jobs).

    Raises NotFound with the nearest names, Ambiguous, Forbidden, InvalidArgs (it still runs or waits) and Unavailable.
    """
    found = await find_named(JOBS, args.job, args.environment, cluster=cluster, targets=targets)
    await changeable(found, "create", cluster)
    job, now = found.item, clock()
    warnings = _again(job)
    name = job_name(job.name, "retry", now)
    rehearsed = await cluster.create(JOBS, job.namespace, _body(found.raw, name), dry_run=True)
    draft = Draft(
        tool="retry_job",
        args=args,
        summary=f"Retry job {found.named()}",
        patch={"metadata": {"name": name}},
        effects=(f"A new Job {name} runs the same template; {job.name} is kept as it is.",),
        warnings=warnings,
        risk="medium" if warnings else "low",
        inverse=None,
        no_inverse_reason="What a Job has done cannot be undone.",
    )
    return write_plan(draft, found.target, job.metadata, Shown(shown_job(rehearsed.body), rehearsed.warnings), now)


async def apply_retry_job(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Create the new Job once. Raises PlanStale, Forbidden, Unavailable."""
    return await create_job(confirmed, _body, cluster=cluster, clock=clock)


async def verify_retry_job(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the new Job is complete or runs well."""
    return await verify_job(plan, receipt, cluster=cluster, clock=clock)


def _body(job: Mapping[str, Any], name: str) -> dict[str, Any]:
    return fresh_job(job["metadata"], job["spec"], name)


def _again(job: Job) -> tuple[str, ...]:
    """Warnings. Raises InvalidArgs for a Job that has not ended: a second one beside it is no retry."""
    ends = {kind: job.condition(kind) for kind in ("Failed", "Complete")}
    ended = {kind for kind, condition in ends.items() if condition is not None and condition.status == "True"}
    if not ended:
        state = "is suspended" if job.spec.suspend else f"has not ended ({job.status.active} pods active)"
        raise InvalidArgs(f"Job {job.name} {state}: there is nothing to retry yet.")
    if "Complete" in ended:
        return (f"{job.name} succeeded: this does its work a second time.",)
    return ()
