"""What plans need, above all those of a workload: the live object, the right, the dry run, the surroundings."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tools.cluster.before import seen_before
from tools.cluster.blast import Risk, autoscalers_of, budgets_of, raised
from tools.cluster.diff import diff
from tools.cluster.models.meta import Metadata, Resource, T
from tools.cluster.models.platform import HorizontalPodAutoscaler, PodDisruptionBudget
from tools.cluster.models.resources import AUTOSCALERS, DISRUPTION_BUDGETS, WORKLOADS
from tools.cluster.models.workloads import Workload
from tools.cluster.ownership import Owner, owners_of
from tools.cluster.port import ClusterReader, ClusterWriter, Target, Targets
from tools.contract import Args, Change, Inverse, ObjectRef, Plan, Precondition
from tools.errors import Forbidden, InvalidArgs, NotFound


@dataclass(frozen=True)
class Subject:
    """The workload a change is about, as read once: model and raw JSON are the same answer."""

    target: Target
    resource: Resource[Workload]
    workload: Workload
    raw: dict[str, Any]

    @property
    def ref(self) -> ObjectRef:
        """The workload, pinned by its uid."""
        return self.target.ref.model_copy(update={"uid": self.workload.metadata.uid})

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Other controllers that write this workload."""
        return owners_of(self.workload.metadata)

    def named(self) -> str:
        """ "checkout in shop-staging" """
        return f"{self.workload.name} in {self.workload.namespace}"

    def call_args(self) -> dict[str, Any]:
        """Arguments that name exactly this workload to a later call."""
        return {"workload": f"{self.workload.kind}/{self.workload.name}", "environment": self.workload.namespace}


@dataclass(frozen=True)
class Surroundings:
    """What reacts to a change of the workload. `warnings` say what could not be looked at."""

    autoscalers: tuple[HorizontalPodAutoscaler, ...] = ()
    budgets: tuple[PodDisruptionBudget, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The parts of a plan that differ from tool to tool."""

    tool: str
    args: Args
    summary: str
    patch: dict[str, Any]
    effects: tuple[str, ...]
    warnings: tuple[str, ...]
    risk: Risk
    inverse: Inverse | None
    no_inverse_reason: str | None = None
    replicas_after: int | None = None
    memory_after_bytes: int | None = None
    cpu_after_millis: int | None = None
    watched: ObjectRef | None = None
    spec_digest: str | None = None
    must_change: str = field(default="Nothing would change: it is so already.")


@dataclass(frozen=True)
class Shown:
    """What the server's dry run showed: fields it would store differently, and what it warned of."""

    changes: tuple[Change, ...]
    server_warnings: tuple[str, ...] = ()


async def find_subject(name: str, environment: str | None, cluster: ClusterReader, targets: Targets) -> Subject:
    """Resolve, check the person's right to patch it, and read it.

    Raises NotFound, Ambiguous, Forbidden (`missing`: "patch deployments in shop-staging") and InvalidArgs.
    """
    target = await targets.workload(name, environment)
    ref = target.ref
    resource = WORKLOADS.get(ref.kind)
    if resource is None:
        kinds = ", ".join(sorted(WORKLOADS))
        raise InvalidArgs(f"{ref} cannot be changed so: only {kinds} can.")
    await require_right("patch", resource, ref, cluster)
    raw = await cluster.raw(resource, ref.namespace, ref.name)
    return Subject(target, resource, resource.parse(raw), raw)


async def require_right(verb: str, resource: Resource[T], ref: ObjectRef, cluster: ClusterReader) -> None:
    """Raise Forbidden unless the person may do this (`missing`: "patch deployments in shop-staging")."""
    access = await cluster.can_i(verb, resource, ref.namespace, "" if verb == "create" else ref.name)
    if not access.allowed:
        missing = f"{verb} {resource.plural} in {ref.namespace or 'the whole cluster'}"
        raise Forbidden(
            f'You may not change {ref} on cluster "{ref.cluster}": the right to {missing} is missing.', missing
        )


async def look_around(subject: Subject, cluster: ClusterReader) -> Surroundings:
    """Autoscalers and disruption budgets of the workload (GET horizontalpodautoscalers, poddisruptionbudgets)."""
    warnings: list[str] = []
    scalers = await _list_if_allowed(cluster, AUTOSCALERS, subject.ref.namespace, warnings)
    budgets = await _list_if_allowed(cluster, DISRUPTION_BUDGETS, subject.ref.namespace, warnings)
    workload = subject.workload
    return Surroundings(autoscalers_of(workload, scalers), budgets_of(workload, budgets), tuple(warnings))


async def make_plan(draft: Draft, subject: Subject, *, cluster: ClusterWriter, now: datetime) -> Plan:
    """Rehearse the patch on the server and write down what was shown. Raises InvalidArgs when nothing changes."""
    rehearsed = await cluster.patch(subject.resource, subject.ref, draft.patch, dry_run=True)
    changes = diff(subject.raw, rehearsed.body)
    if not changes:
        raise InvalidArgs(draft.must_change)
    target = replace(subject.target, ref=subject.ref)
    plan = write_plan(draft, target, subject.workload.metadata, Shown(changes, rehearsed.warnings), now)
    before = await seen_before(subject.workload, cluster, now)
    return plan.model_copy(update={"before": before, "ready_before": subject.workload.ready()})


def write_plan(draft: Draft, target: Target, meta: Metadata, shown: Shown, now: datetime) -> Plan:
    """The plan for any object: what was drafted, what the server showed, and what the policy needs of the target."""
    server_warnings = tuple(f"The cluster warns: {text}" for text in shown.server_warnings)
    return Plan(
        tool=draft.tool,
        args=draft.args.model_dump(mode="json"),
        target=target.ref,
        precondition=Precondition(
            target=target.ref,
            resource_version=meta.resource_version,
            generation=meta.generation,
            spec_digest=draft.spec_digest,
        ),
        summary=draft.summary,
        diff=shown.changes,
        patch=draft.patch,
        effects=draft.effects,
        warnings=(*draft.warnings, *server_warnings),
        risk=raised(draft.risk, "medium" if server_warnings else "low"),
        inverse=draft.inverse,
        no_inverse_reason=draft.no_inverse_reason,
        replicas_after=draft.replicas_after,
        memory_after_bytes=draft.memory_after_bytes,
        cpu_after_millis=draft.cpu_after_millis,
        watched=draft.watched,
        tier=target.tier,
        owner=target.owner,
        component=target.component,
        owner_location=target.owner_location,
        planned_at=now,
    )


def refuse_while_paused(workload: Workload) -> None:
    """Raise InvalidArgs when the rollout is paused: a new template would not reach any pod."""
    if workload.spec.paused:
        raise InvalidArgs(
            f"The rollout of {workload.name} is paused (spec.paused), so this would have no effect. "
            f"Resume it first: kubectl rollout resume {workload.kind.lower()}/{workload.name} -n {workload.namespace}."
        )


def refuse_on_delete(workload: Workload) -> None:
    """Raise InvalidArgs for updateStrategy OnDelete: pods keep their template until somebody deletes them."""
    strategy = workload.spec.update_strategy
    if strategy is not None and strategy.type == "OnDelete":
        raise InvalidArgs(
            f"{workload.kind} {workload.name} has updateStrategy OnDelete: its pods change only when deleted by hand."
        )


def budget_effects(budgets: Sequence[PodDisruptionBudget]) -> tuple[str, ...]:
    """A sentence on each budget: it guards evictions, not rollouts."""
    return tuple(
        f"PodDisruptionBudget {budget.name} allows {budget.status.disruptions_allowed} disruptions now; "
        "a rollout is not held back by it."
        for budget in budgets
    )


async def _list_if_allowed(
    cluster: ClusterReader, resource: Resource[T], namespace: str | None, warnings: list[str]
) -> Sequence[T]:
    try:
        return await cluster.list(resource, namespace)
    except (Forbidden, NotFound) as exc:
        warnings.append(f"Could not check for {resource.kind}: {exc.message}")
        return ()
