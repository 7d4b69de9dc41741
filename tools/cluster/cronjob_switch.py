"""Suspending and resuming a CronJob: one field, both ways."""

from dataclasses import dataclass
from datetime import datetime

from tools.clock import Clock
from tools.cluster.blast import Risk, disturbs
from tools.cluster.diff import diff
from tools.cluster.facts import fact
from tools.cluster.models.resources import CRON_JOBS
from tools.cluster.models.workloads import CronJob
from tools.cluster.named import changeable, find_named
from tools.cluster.ownership import owners_of
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.run_cronjob_now import CronJobArgs
from tools.contract import Inverse, Outcome, Plan
from tools.errors import InvalidArgs, NotFound


@dataclass(frozen=True)
class Switch:
    """One way. `back`: the tool of the other; `label`: what its button says."""

    tool: str
    back: str
    verb: str
    label: str
    suspend: bool


async def plan_switch(
    switch: Switch, args: CronJobArgs, *, cluster: ClusterWriter, targets: Targets, now: datetime
) -> Plan:
    """The plan of either way. Raises InvalidArgs when it is so already."""
    found = await changeable(
        await find_named(CRON_JOBS, args.cronjob, args.environment, cluster=cluster, targets=targets), "patch", cluster
    )
    cron = found.item
    if cron.spec.suspend == switch.suspend:
        raise InvalidArgs(f"{found.named()} is {'' if switch.suspend else 'not '}suspended{_already(switch)}.")
    patch = {"spec": {"suspend": switch.suspend}}
    rehearsed = await cluster.patch(CRON_JOBS, found.ref, patch, dry_run=True)
    written, risk = disturbs(owners_of(cron.metadata), "whether it is suspended")
    back = {"cronjob": cron.name, "environment": cron.namespace}
    draft = Draft(
        tool=switch.tool,
        args=args,
        summary=f"{switch.verb} cronjob {found.named()}",
        patch=patch,
        effects=_stops(cron) if switch.suspend else _starts(cron),
        warnings=(*written, *_missed(switch, cron)),
        risk=_risk(risk, switch, cron),
        inverse=Inverse(tool=switch.back, args=back, label=switch.label),
    )
    shown = Shown(diff(found.raw, rehearsed.body), rehearsed.warnings)
    return write_plan(draft, found.target, cron.metadata, shown, now)


async def verify_switch(switch: Switch, plan: Plan, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Settled at once: nothing has to follow."""
    target = plan.target
    try:
        cron = await cluster.get(CRON_JOBS, target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after the change.")
    as_wanted = cron.spec.suspend == switch.suspend
    state = "is suspended" if cron.spec.suspend else "is not suspended"
    evidence = fact(cron, "spec.suspend", str(cron.spec.suspend).lower(), clock())
    return Outcome(settled=True, healthy=as_wanted, summary=f"{cron.name} {state}.", evidence=(evidence,))


def _already(switch: Switch) -> str:
    return " already" if switch.suspend else ""


def _stops(cron: CronJob) -> tuple[str, ...]:
    running = len(cron.status.active)
    goes_on = f"{running} that run go on." if running else "None runs now."
    return (f"No run starts by its schedule ({cron.spec.schedule}) until it is resumed. {goes_on}",)


def _starts(cron: CronJob) -> tuple[str, ...]:
    zone = f", {cron.spec.time_zone}" if cron.spec.time_zone else ""
    return (f"Runs start by its schedule again ({cron.spec.schedule}{zone}).",)


def _missed(switch: Switch, cron: CronJob) -> tuple[str, ...]:
    """A controller counts the runs of the pause as missed, and makes up for the last one if no deadline forbids it."""
    if switch.suspend or cron.spec.starting_deadline_seconds is not None:
        return ()
    return ("No startingDeadlineSeconds is set: if a run was due meanwhile, one may start at once.",)


def _risk(risk: Risk, switch: Switch, cron: CronJob) -> Risk:
    return "medium" if _missed(switch, cron) and risk == "low" else risk
