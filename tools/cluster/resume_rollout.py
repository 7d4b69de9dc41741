"""Resume the paused rollout of a Deployment."""

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.blast import Risk, disturbs, raised, replaces_pods
from tools.cluster.pause_rollout import PauseRolloutArgs, require_deployment
from tools.cluster.planning import Draft, Subject, budget_effects, find_subject, look_around, make_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.verifying import verify_plan
from tools.contract import Confirmed, Inverse, Outcome, Plan, Receipt
from tools.errors import InvalidArgs


class ResumeRolloutArgs(PauseRolloutArgs):
    """As of the pause."""


async def plan_resume_rollout(
    args: ResumeRolloutArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock
) -> Plan:
    """Plan to let the newest template of a paused Deployment reach its pods (PATCH .../deployments/{name}).

    Raises NotFound, Ambiguous, Forbidden, InvalidArgs (no Deployment, not paused) and Unavailable.
    """
    subject = require_deployment(await find_subject(args.workload, args.environment, cluster, targets))
    if not subject.workload.spec.paused:
        raise InvalidArgs(f"The rollout of {subject.named()} is not paused.")
    around = await look_around(subject, cluster)
    moved, risk = _moves(subject)
    written, written_risk = disturbs(subject.owners, "whether it is paused")
    draft = Draft(
        tool="resume_rollout",
        args=args,
        summary=f"Resume the rollout of {subject.named()}",
        patch={"spec": {"paused": False}},
        effects=(moved, *budget_effects(around.budgets)),
        warnings=(*written, *around.warnings),
        risk=raised(risk, written_risk),
        inverse=Inverse(tool="pause_rollout", args=subject.call_args(), label="Pause it again"),
    )
    return await make_plan(draft, subject, cluster=cluster, now=clock())


async def apply_resume_rollout(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Resume it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_resume_rollout(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods have the newest template and are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _moves(subject: Subject) -> tuple[str, Risk]:
    """What happens to the pods: nothing when all have the newest template already."""
    workload = subject.workload
    if workload.updated() >= workload.desired():
        return "All pods have the newest template: none restarts.", "low"
    text, risk = replaces_pods(workload)
    return f"The newest template is rolled out. {text}", risk
