"""Have Flux reconcile one of its objects now."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.diff import diff
from tools.cluster.facts import fact
from tools.cluster.gitops import (
    Reach,
    find_custom,
    part,
    reach_of_helm_release,
    reach_of_kustomization,
    reach_of_source,
    with_owner,
)
from tools.cluster.models.changeable import CHANGEABLE
from tools.cluster.models.custom import Custom
from tools.cluster.named import Named, changeable
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound

REQUESTED_AT = "reconcile.fluxcd.io/requestedAt"


class FluxReconcileArgs(Args):
    kind: Literal["Kustomization", "HelmRelease", "GitRepository"]
    name: Annotated[str, Field(min_length=1, max_length=253)]
    namespace: Annotated[str | None, Field(max_length=63)] = None


async def plan_flux_reconcile(
    args: FluxReconcileArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock
) -> Plan:
    """Plan the request that `flux reconcile` makes: an annotation with the time (PATCH .../{plural}/{name}).

    Raises NotFound (no Flux here, or nearest names), Ambiguous, Forbidden, InvalidArgs (suspended) and Unavailable.
    """
    resource = CHANGEABLE[args.kind]
    found = await changeable(await find_custom(resource, args.name, args.namespace, "Flux", cluster), "patch", cluster)
    if found.item.spec.get("suspend"):
        raise InvalidArgs(f"{found.ref} is suspended (spec.suspend): Flux would ignore the request. Resume it first.")
    found = await with_owner(found, await _reach(found, cluster), targets)
    now = clock()
    patch = {"metadata": {"annotations": {REQUESTED_AT: now.isoformat()}}}
    rehearsed = await cluster.patch(resource, found.ref, patch, kind="merge", dry_run=True)
    draft = Draft(
        tool="flux_reconcile",
        args=args,
        summary=f"Reconcile Flux {args.kind} {found.named()} now",
        patch=patch,
        effects=(_effect(found.item),),
        warnings=_warnings(found.item),
        risk="low" if found.item.kind == "GitRepository" else "medium",
        inverse=None,
        no_inverse_reason="To undo what Flux applies, revert the commit.",
    )
    shown = Shown(diff(found.raw, rehearsed.body), rehearsed.warnings)
    return write_plan(draft, found.target, found.item.metadata, shown, now)


async def apply_flux_reconcile(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Ask for it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock, kind="merge")


async def verify_flux_reconcile(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether Flux has handled the request, and is Ready."""
    target = plan.target
    try:
        item: Custom = await cluster.get(CHANGEABLE[target.kind], target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after the change.")
    asked = plan.patch["metadata"]["annotations"][REQUESTED_AT]
    if not _handled(item.status.get("lastHandledReconcileAt"), asked):
        return Outcome(settled=False, healthy=False, summary=f"Flux has not handled the request for {item.name} yet.")
    return _judge(item, clock())


async def _reach(found: Named[Custom], cluster: ClusterReader) -> Reach:
    if found.item.kind == "Kustomization":
        return reach_of_kustomization(found.raw)
    if found.item.kind == "HelmRelease":
        return reach_of_helm_release(found.raw)
    return await reach_of_source(found, cluster)


def _effect(item: Custom) -> str:
    if item.kind == "GitRepository":
        ref = part(item.spec, "ref")
        branch = ref.get("tag") or ref.get("semver") or ref.get("branch") or "master"
        url = item.spec.get("url", "its repository")
        return f"The newest commit of {url} ({branch}) is fetched; what uses it follows."
    if item.kind == "HelmRelease":
        return (
            "The chart and values that are known now are compared with the release, and it is upgraded if they differ."
        )
    source = part(item.spec, "sourceRef")
    last: Any = item.status.get("lastAppliedRevision") or "nothing yet"
    return f"What {source.get('kind')} {source.get('name')} has fetched last is applied (applied before: {last})."


def _warnings(item: Custom) -> tuple[str, ...]:
    ready = item.condition("Ready")
    failed = ready is not None and ready.status == "False"
    pruned = item.kind == "Kustomization" and item.spec.get("prune")
    found = [f"It is not Ready now: {ready.reason}: {ready.message[:300]}"] if failed and ready else []
    return (*found, *(["What is gone from the source is deleted (spec.prune)."] if pruned else []))


def _handled(handled: object, asked: str) -> bool:
    """Whether this request, or a later one, was handled."""
    if not isinstance(handled, str):
        return False
    try:
        return datetime.fromisoformat(handled) >= datetime.fromisoformat(asked)
    except (ValueError, TypeError):  # somebody asked with a text that is no time: that was not us
        return handled == asked


def _judge(item: Custom, now: datetime) -> Outcome:
    ready = item.condition("Ready")
    if ready is None or ready.status not in {"True", "False"}:
        return Outcome(settled=False, healthy=False, summary=f"Flux works on {item.name}.")
    text = f"{ready.reason}: {ready.message}"
    evidence = (fact(item, "status.conditions[type=Ready]", text, ready.last_transition_time or now),)
    healthy = ready.status == "True"
    word = "is Ready" if healthy else "is not Ready"
    return Outcome(settled=True, healthy=healthy, summary=f"{item.name} {word}: {text}", evidence=evidence)
