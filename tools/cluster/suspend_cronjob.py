"""Suspend a CronJob: no run starts until it is resumed."""

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.cronjob_switch import Switch, plan_switch, verify_switch
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.run_cronjob_now import CronJobArgs
from tools.contract import Confirmed, Outcome, Plan, Receipt

_SWITCH = Switch(tool="suspend_cronjob", back="resume_cronjob", verb="Suspend", label="Resume it", suspend=True)


async def plan_suspend_cronjob(args: CronJobArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to start no more runs (PATCH .../cronjobs/{name}); those that run go on.

    Raises NotFound with the nearest names, Ambiguous, Forbidden, InvalidArgs (suspended already) and Unavailable.
    """
    return await plan_switch(_SWITCH, args, cluster=cluster, targets=targets, now=clock())


async def apply_suspend_cronjob(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Suspend it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_suspend_cronjob(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether it is suspended."""
    return await verify_switch(_SWITCH, plan, cluster=cluster, clock=clock)
