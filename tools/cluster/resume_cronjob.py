"""Resume a suspended CronJob."""

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.cronjob_switch import Switch, plan_switch, verify_switch
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.run_cronjob_now import CronJobArgs
from tools.contract import Confirmed, Outcome, Plan, Receipt

_SWITCH = Switch(tool="resume_cronjob", back="suspend_cronjob", verb="Resume", label="Suspend it again", suspend=False)


async def plan_resume_cronjob(args: CronJobArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to let it start runs again (PATCH ../cronjobs/{name}).

    Raises NotFound with the nearest names, Ambiguous, Forbidden, InvalidArgs (not suspended) and Unavailable.
    """
    return await plan_switch(_SWITCH, args, cluster=cluster, targets=targets, now=clock())


async def apply_resume_cronjob(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Resume it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_resume_cronjob(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether it is no longer suspended."""
    return await verify_switch(_SWITCH, plan, cluster=cluster, clock=clock)
