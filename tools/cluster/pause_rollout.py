"""Pause the rollout of a Deployment."""

from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.blast import disturbs
from tools.cluster.facts import fact
from tools.cluster.models.resources import DEPLOYMENTS
from tools.cluster.planning import Draft, Subject, find_subject, make_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.rollout import Phase, rollout_of
from tools.contract import Args, Confirmed, Inverse, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound


class PauseRolloutArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None


async def plan_pause_rollout(args: PauseRolloutArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to hold back new templates of a Deployment until it is resumed (PATCH .../deployments/{name}).

    Raises NotFound, Ambiguous, Forbidden, InvalidArgs (no Deployment, paused already) and Unavailable.
    """
    subject = require_deployment(await find_subject(args.workload, args.environment, cluster, targets))
    written, risk = disturbs(subject.owners, "whether it is paused")
    draft = Draft(
        tool="pause_rollout",
        args=args,
        summary=f"Pause the rollout of {subject.named()}",
        patch={"spec": {"paused": True}},
        effects=(_now(subject), "Until it is resumed, a new image or configuration reaches no pod."),
        warnings=written,
        risk=risk,
        inverse=Inverse(tool="resume_rollout", args=subject.call_args(), label="Resume the rollout"),
        must_change=f"The rollout of {subject.named()} is paused already.",
    )
    return await make_plan(draft, subject, cluster=cluster, now=clock())


async def apply_pause_rollout(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Pause it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_pause_rollout(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the controller has taken note of the pause."""
    target = plan.target
    try:
        workload = await cluster.get(DEPLOYMENTS, target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after the change.")
    rollout = rollout_of(workload)
    paused = rollout.phase is Phase.PAUSED
    lost = not workload.spec.paused
    evidence = (fact(workload, rollout.where, rollout.text, clock()),)
    text = "The rollout was resumed since." if lost else f"{workload.name}: {rollout.text}."
    return Outcome(settled=paused or lost, healthy=paused, summary=text, evidence=evidence)


def require_deployment(subject: Subject) -> Subject:
    """The same. Raises InvalidArgs for kinds whose rollout Kubernetes cannot pause."""
    if subject.workload.kind != "Deployment":
        raise InvalidArgs(f"{subject.ref} has no pause: only the rollout of a Deployment can be paused.")
    return subject


def _now(subject: Subject) -> str:
    rollout = rollout_of(subject.workload)
    if rollout.phase is Phase.MOVING:
        return f"A rollout is under way and stops where it is: {rollout.text}."
    return "No rollout is under way; the pods that run are not touched."
