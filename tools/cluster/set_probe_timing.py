"""Set when and how often a probe of one container asks, and how patient it is."""

from typing import Annotated, Literal

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.containers import Part, choose_container
from tools.cluster.models.pods import Container, Probe
from tools.cluster.planning import Subject, find_subject
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.template_change import TemplateChange, plan_template_change
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Inverse, Outcome, Plan, Receipt
from tools.errors import InvalidArgs

MAX_SECONDS = 3_600
ProbeName = Literal["liveness", "readiness", "startup"]
Seconds = Annotated[int | None, Field(ge=1, le=MAX_SECONDS)]


class SetProbeTimingArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    container: Annotated[str | None, Field(max_length=63, description="Null: the main one.")] = None
    probe: ProbeName
    initial_delay_seconds: Annotated[int | None, Field(ge=0, le=MAX_SECONDS, description="Null keeps it.")] = None
    period_seconds: Seconds = None
    timeout_seconds: Seconds = None
    failure_threshold: Annotated[int | None, Field(ge=1, le=1000)] = None


_WIRE = {
    "initial_delay_seconds": "initialDelaySeconds",
    "period_seconds": "periodSeconds",
    "timeout_seconds": "timeoutSeconds",
    "failure_threshold": "failureThreshold",
}


async def plan_set_probe_timing(
    args: SetProbeTimingArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock
) -> Plan:
    """Plan other timing for a probe that exists (PATCH .../{plural}/{name}); what it asks stays as it is.

    Raises NotFound, Ambiguous (`candidates`: containers), Forbidden, InvalidArgs (no such probe, no change, paused,
    OnDelete) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    part = choose_container(subject.workload, args.container)
    before = _probe(part.container, args.probe)
    wanted = {name: value for name in _WIRE if (value := getattr(args, name)) is not None}
    if not wanted:
        raise InvalidArgs("Say which timing is wanted: initial delay, period, timeout or failure threshold.")
    after = before.model_copy(update=wanted)
    listed = ", ".join(f"{name.replace('_', ' ')} to {value}" for name, value in wanted.items())
    change = TemplateChange(
        tool="set_probe_timing",
        args=args,
        summary=f"Set {listed} of the {args.probe} probe of {subject.named()}",
        patch=part.patch({f"{args.probe}Probe": {_WIRE[name]: value for name, value in wanted.items()}}),
        what="the probes",
        effects=(_meaning(args.probe, after),),
        warnings=_warnings(args.probe, after),
        inverse=_inverse(args, subject, part, {name: getattr(before, name) for name in wanted}),
        must_change=f"The {args.probe} probe of {subject.named()} has this timing already.",
    )
    return await plan_template_change(change, subject, cluster=cluster, now=clock())


async def apply_set_probe_timing(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply a confirmed timing once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_set_probe_timing(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods have the new timing and are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _probe(container: Container, name: ProbeName) -> Probe:
    probes = {
        "liveness": container.liveness_probe,
        "readiness": container.readiness_probe,
        "startup": container.startup_probe,
    }
    found = probes[name]
    if found is None:
        there = ", ".join(key for key, probe in probes.items() if probe) or "none"
        raise InvalidArgs(
            f"Container {container.name} has no {name} probe (it has: {there}). What a new one asks, its owner decides."
        )
    return found


def _meaning(name: ProbeName, probe: Probe) -> str:
    patience = probe.period_seconds * probe.failure_threshold
    first = f"First asked {probe.initial_delay_seconds} s after the start"
    then = {
        "liveness": f"restarted after about {patience} s without a good answer.",
        "readiness": f"taken out of service after about {patience} s without a good answer.",
        "startup": f"killed when not up about {probe.initial_delay_seconds + patience} s after the start.",
    }
    return f"{first}, then every {probe.period_seconds} s; {then[name]}"


def _warnings(name: ProbeName, probe: Probe) -> tuple[str, ...]:
    found = []
    if name != "readiness" and probe.failure_threshold == 1:
        found.append("One slow answer is enough to restart it (failure threshold 1).")
    if probe.timeout_seconds > probe.period_seconds:
        found.append(f"A question may take {probe.timeout_seconds} s but is asked every {probe.period_seconds} s.")
    return tuple(found)


def _inverse(args: SetProbeTimingArgs, subject: Subject, part: Part, before: dict[str, int]) -> Inverse:
    back = {**subject.call_args(), "container": part.container.name, "probe": args.probe, **before}
    return Inverse(tool="set_probe_timing", args=back, label=f"Set the {args.probe} probe back")
