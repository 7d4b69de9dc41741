"""Start one run of a CronJob now, as `kubectl create job --from` does."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from tools.clock import Clock
from tools.cluster.models.resources import CRON_JOBS, JOBS
from tools.cluster.models.workloads import CronJob
from tools.cluster.named import find_named
from tools.cluster.new_job import create_job, fresh_job, job_name, shown_job, verify_job
from tools.cluster.planning import Draft, Shown, require_right, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt

INSTANTIATE = "cronjob.kubernetes.io/instantiate"


class CronJobArgs(Args):
    cronjob: Annotated[str, Field(min_length=1, max_length=253, description="Name of the CronJob.")]
    environment: Annotated[str, Field(min_length=1, max_length=63, description="Environment or namespace.")]


async def plan_run_cronjob_now(args: CronJobArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan a Job of the CronJob's template, outside its schedule (POST .../jobs).

    Raises NotFound with the nearest names, Ambiguous, Forbidden and Unavailable.
    """
    found = await find_named(CRON_JOBS, args.cronjob, args.environment, cluster=cluster, targets=targets)
    await require_right("create", JOBS, found.ref, cluster)
    cron, now = found.item, clock()
    name = job_name(cron.name, "manual", now)
    rehearsed = await cluster.create(JOBS, cron.namespace, _body(found.raw, name), dry_run=True)
    warnings = _collisions(cron)
    draft = Draft(
        tool="run_cronjob_now",
        args=args,
        summary=f"Run cronjob {found.named()} now",
        patch={"metadata": {"name": name}},
        effects=(f"Job {name} starts at once; the schedule ({cron.spec.schedule}) stays.",),
        warnings=warnings,
        risk="medium" if warnings else "low",
        inverse=None,
        no_inverse_reason="What a Job has done cannot be undone.",
    )
    return write_plan(draft, found.target, cron.metadata, Shown(shown_job(rehearsed.body), rehearsed.warnings), now)


async def apply_run_cronjob_now(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Create the Job once. Raises PlanStale, Forbidden, Unavailable."""
    return await create_job(confirmed, _body, cluster=cluster, clock=clock)


async def verify_run_cronjob_now(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the Job is complete or runs well."""
    return await verify_job(plan, receipt, cluster=cluster, clock=clock)


def _body(cron: Mapping[str, Any], name: str) -> dict[str, Any]:
    """As kubectl makes it: marked as started by hand, and owned, so that it is cleaned up with the others."""
    template = cron["spec"]["jobTemplate"]
    body = fresh_job(template.get("metadata") or {}, template["spec"], name)
    meta = body["metadata"]
    meta["annotations"] = {**meta.get("annotations", {}), INSTANTIATE: "manual"}
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": cron["metadata"]["name"],
        "uid": cron["metadata"]["uid"],
    }
    meta["ownerReferences"] = [{**owner, "controller": True}]
    return body


def _collisions(cron: CronJob) -> tuple[str, ...]:
    running = [str(one.get("name", "")) for one in cron.status.active]
    if not running:
        return ()
    policy = cron.spec.concurrency_policy or "Allow"
    return (f"{', '.join(running[:3])} runs already (concurrencyPolicy {policy} does not hold a manual run back).",)
