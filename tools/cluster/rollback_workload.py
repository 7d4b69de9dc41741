"""Put an earlier pod template of one workload back."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan, digest
from tools.cluster.blast import disturbs, raised, replaces_pods
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.planning import (
    Draft,
    Subject,
    budget_effects,
    find_subject,
    look_around,
    make_plan,
    refuse_on_delete,
    refuse_while_paused,
)
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.revisions import Revision, history, same_but_for_restarts
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Inverse, ObjectRef, Outcome, PinnedTemplate, Plan, Receipt
from tools.errors import InvalidArgs, NotFound, PlanStale

MAX_CANDIDATES = 8


class RollbackWorkloadArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    to_revision: Annotated[int | None, Field(ge=1, description="Revision number; null is the previous one.")] = None


async def plan_rollback(args: RollbackWorkloadArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to return to an earlier pod template, by default the last that differs in more than a restart.

    The template comes from the ReplicaSet of a Deployment, or the ControllerRevision of a StatefulSet or DaemonSet.
    The plan holds no copy of it, only a reference and its digest: templates hold literals.
    Raises NotFound (`candidates`: the kept revisions), Ambiguous, Forbidden, InvalidArgs (nothing to do, paused,
    OnDelete) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    refuse_while_paused(subject.workload)
    refuse_on_delete(subject.workload)
    kept = await history(cluster, subject.workload)
    current = _current(subject, kept)
    wanted = _chosen(subject, kept, current, args.to_revision)
    around = await look_around(subject, cluster)
    replaced, risk = replaces_pods(subject.workload)
    written, written_risk = disturbs(subject.owners, "the pod template")
    draft = Draft(
        tool="rollback_workload",
        args=args,
        summary=f"Roll back {subject.named()} to revision {wanted.number} ({', '.join(wanted.images())})",
        patch=_body(wanted),
        effects=(replaced, *_skipped(kept, wanted, args.to_revision), _CONFIGURATION, *budget_effects(around.budgets)),
        warnings=(*written, *around.warnings),
        risk=raised(risk, written_risk),
        inverse=_inverse(subject, current),
        no_inverse_reason=None if current else "The present template is not in the history yet.",
        must_change=f"{subject.named()} has the template of revision {wanted.number} already.",
    )
    plan = await make_plan(draft, subject, cluster=cluster, now=clock())
    pinned = PinnedTemplate(source=_source(subject, wanted), sha256=digest(wanted.template))
    return plan.model_copy(update={"patch": {"spec": {"template": {"$patch": "replace"}}}, "restores": pinned})


async def apply_rollback(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply a confirmed rollback once, with the pinned template. Raises PlanStale, Forbidden, Unavailable.

    PlanStale also when the revision is not kept any more, or is not the one that was shown.
    """
    return await apply_plan(confirmed, cluster=cluster, clock=clock, complete=partial(_with_template, cluster=cluster))


async def verify_rollback(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods have the restored template and are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


async def _with_template(plan: Plan, *, cluster: ClusterReader) -> dict[str, Any]:
    """The whole patch: the template is read again and must be the one that was shown."""
    target, pinned = plan.target, plan.restores
    if pinned is None:
        raise PlanStale("Nothing was changed: this plan names no template to put back. Plan again.")
    workload = await cluster.get(WORKLOADS[target.kind], target.namespace, target.name)
    kept = await history(cluster, workload)
    found = next((revision for revision in kept if revision.uid == pinned.source.uid), None)
    if found is None:
        raise PlanStale(f"Nothing was changed: {pinned.source} is not kept any more. Plan again to see what is.")
    if digest(found.template) != pinned.sha256:
        raise PlanStale(f"Nothing was changed: the template in {pinned.source} was edited since the plan was shown.")
    return _body(found)


def _body(revision: Revision) -> dict[str, Any]:
    return {"spec": {"template": {"$patch": "replace", **revision.template}}}


def _source(subject: Subject, revision: Revision) -> ObjectRef:
    return ObjectRef(
        cluster=subject.ref.cluster,
        namespace=subject.ref.namespace,
        kind=revision.kind,
        name=revision.name,
        uid=revision.uid,
    )


_CONFIGURATION = "ConfigMaps and Secrets are not rolled back: the old template reads their present content."


def _current(subject: Subject, kept: Sequence[Revision]) -> Revision | None:
    """The revision the workload has now, None while the controller has not recorded its newest template."""
    return next((revision for revision in kept if _is_live(subject, revision)), None)


def _is_live(subject: Subject, revision: Revision) -> bool:
    return _comparable(subject.raw["spec"]["template"]) == _comparable(revision.template)


def _comparable(template: dict[str, object]) -> dict[str, object]:
    meta = template.get("metadata")
    shown = (
        {key: part for key, part in meta.items() if key != "creationTimestamp" and part}
        if isinstance(meta, dict)
        else {}
    )
    return {**template, "metadata": shown}


def _chosen(subject: Subject, kept: Sequence[Revision], current: Revision | None, number: int | None) -> Revision:
    if number is None:
        return _previous(subject, kept)
    wanted = next((revision for revision in kept if revision.number == number), None)
    if wanted is None:
        raise NotFound(
            f"{subject.named()} has no revision {number}. Kept are: {_listed(kept)}.",
            tuple(str(revision.number) for revision in kept[:MAX_CANDIDATES]),
        )
    if current is not None and wanted.number == current.number:
        raise InvalidArgs(f"{subject.named()} is at revision {number} already. Kept are: {_listed(kept)}.")
    return wanted


def _previous(subject: Subject, kept: Sequence[Revision]) -> Revision:
    live = subject.raw["spec"]["template"]
    wanted = next((revision for revision in kept if not same_but_for_restarts(revision.template, live)), None)
    if wanted is None:
        raise InvalidArgs(f"{subject.named()} has no earlier template to return to. Kept revisions: {_listed(kept)}.")
    return wanted


def _skipped(kept: Sequence[Revision], wanted: Revision, asked: int | None) -> tuple[str, ...]:
    between = [revision for revision in kept if revision.number > wanted.number][1:]
    if asked is not None or not between:
        return ()
    numbers = ", ".join(str(revision.number) for revision in between)
    return (f"Passed over revision {numbers}: it differs from the present one only by a restart.",)


def _inverse(subject: Subject, current: Revision | None) -> Inverse | None:
    if current is None:
        return None
    back = {**subject.call_args(), "to_revision": current.number}
    return Inverse(tool="rollback_workload", args=back, label=f"Return to revision {current.number}")


def _listed(kept: Sequence[Revision]) -> str:
    return (
        ", ".join(f"{revision.number} ({', '.join(revision.images())})" for revision in kept[:MAX_CANDIDATES]) or "none"
    )
