"""Have Argo CD sync one application."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan, digest, live_target
from tools.cluster.diff import diff
from tools.cluster.facts import fact
from tools.cluster.gitops import find_custom, part, reach_of_application, with_owner
from tools.cluster.models.custom import APPLICATIONS, Custom
from tools.cluster.named import changeable
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Args, Confirmed, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound, PlanStale

RUNNING = frozenset({"Running", "Terminating"})
CLOCK_SKEW = timedelta(seconds=30)  # Argo CD stamps the start with its own clock
MAX_NAMED = 8


class ArgocdSyncArgs(Args):
    application: Annotated[str, Field(min_length=1, max_length=253, description="Name of the application.")]
    namespace: Annotated[str | None, Field(max_length=63, description="Where the Application lives.")] = None


async def plan_argocd_sync(args: ArgocdSyncArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan a sync to the commit that Argo CD saw last (PATCH .../applications/{name}, `operation`); nothing is pruned.

    Raises NotFound (no Argo CD here, or nearest names), Ambiguous, Forbidden, InvalidArgs (a sync is under way, or
    nothing was compared yet) and Unavailable.
    """
    found = await changeable(
        await find_custom(APPLICATIONS, args.application, args.namespace, "Argo CD", cluster), "patch", cluster
    )
    _refuse_while_syncing(found.raw)
    found = await with_owner(found, reach_of_application(found.raw), targets)
    patch = {"operation": _operation(found.raw)}
    rehearsed = await cluster.patch(APPLICATIONS, found.ref, patch, kind="merge", dry_run=True)
    draft = Draft(
        tool="argocd_sync",
        args=args,
        summary=f"Sync Argo CD application {found.named()} to {_revision(found.raw)}",
        patch=patch,
        effects=_effects(found.raw),
        warnings=_warnings(found.raw),
        risk="medium",
        inverse=None,
        no_inverse_reason="To undo a sync, revert the commit and sync again.",
        spec_digest=digest(found.raw["spec"]),
    )
    shown = Shown(diff(found.raw, rehearsed.body), rehearsed.warnings)
    return write_plan(draft, found.target, found.item.metadata, shown, clock())


async def apply_argocd_sync(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Ask for the sync once. Raises PlanStale also when another one has begun meanwhile."""
    alone = partial(_alone, cluster=cluster)
    return await apply_plan(confirmed, cluster=cluster, clock=clock, kind="merge", complete=alone)


async def verify_argocd_sync(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the sync has ended and the application is healthy."""
    target = plan.target
    try:
        raw = await cluster.raw(APPLICATIONS, target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after the change.")
    state = part(part(raw, "status"), "operationState")
    # Argo CD takes the operation away when it has ended
    if raw.get("operation") or not _since(state.get("startedAt"), receipt.applied_at):
        return Outcome(settled=False, healthy=False, summary=f"Argo CD has not ended the sync of {target.name} yet.")
    return _judge(APPLICATIONS.parse(raw), state, clock())


async def _alone(plan: Plan, *, cluster: ClusterWriter) -> dict[str, Any]:
    """The body, once it is sure that it is not merged into another operation (read after the version is pinned)."""
    live = await live_target(plan, cluster)
    if live.get("operation"):
        raise PlanStale(f"Nothing was changed: Argo CD was told to do something else with {plan.target} meanwhile.")
    return plan.patch


def _operation(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the API of Argo CD writes for a sync by a person: pinned to commits, with the application's own options."""
    policy = part(part(raw, "spec"), "syncPolicy")
    compared = part(part(raw, "status"), "sync")
    several = compared.get("revisions")
    pinned = {"revisions": several} if several else {"revision": compared.get("revision")}
    if not any(pinned.values()):
        raise InvalidArgs("Argo CD has not compared this application with its source yet: there is nothing to sync to.")
    options = {"syncOptions": policy["syncOptions"]} if policy.get("syncOptions") else {}
    retry = {"retry": policy["retry"]} if policy.get("retry") else {}
    sync = {**pinned, **options, "prune": False, "syncStrategy": {"hook": {}}}
    return {"initiatedBy": {"username": "infra-assistant"}, "sync": sync, **retry}


def _refuse_while_syncing(raw: Mapping[str, Any]) -> None:
    phase = part(part(raw, "status"), "operationState").get("phase")
    if raw.get("operation") or phase in RUNNING:
        raise InvalidArgs(f"Argo CD is syncing {raw['metadata']['name']} already. Wait until it has ended.")


def _revision(raw: Mapping[str, Any]) -> str:
    compared = part(part(raw, "status"), "sync")
    several = compared.get("revisions") or [compared.get("revision")]
    return ", ".join(str(one)[:12] for one in several)


def _effects(raw: Mapping[str, Any]) -> tuple[str, ...]:
    status = part(raw, "status")
    rows = [row for row in status.get("resources") or [] if isinstance(row, dict)]
    differing = [_name(row) for row in rows if row.get("status") == "OutOfSync" and not row.get("requiresPruning")]
    kept = [_name(row) for row in rows if row.get("requiresPruning")]
    seen = f"It is the newest commit that Argo CD had seen at {status.get('reconciledAt') or 'its last look'}."
    first = f"Out of sync now: {_listed(differing)}." if differing else "Nothing is out of sync: only hooks run again."
    prune = (f"No longer in the source, but kept: {_listed(kept)}.",) if kept else ()
    return (first, seen, *prune)


def _warnings(raw: Mapping[str, Any]) -> tuple[str, ...]:
    conditions = [one for one in part(raw, "status").get("conditions") or [] if isinstance(one, dict)]
    errors = [one for one in conditions if str(one.get("type", "")).endswith("Error")]
    return tuple(f"{one.get('type')}: {str(one.get('message', ''))[:300]}" for one in errors[:3])


def _judge(app: Custom, state: Mapping[str, Any], now: datetime) -> Outcome:
    phase, message = str(state.get("phase", "")), str(state.get("message", ""))
    health = str(part(app.status, "health").get("status", ""))
    evidence = (fact(app, "status.operationState.phase", f"{phase}: {message}".rstrip(": "), now),)
    if phase in RUNNING:
        return Outcome(
            settled=False, healthy=False, summary=f"The sync of {app.name} runs: {message}", evidence=evidence
        )
    if phase != "Succeeded":
        text = f"The sync of {app.name} ended as {phase}: {message}"
        return Outcome(settled=True, healthy=False, summary=text, evidence=evidence)
    settled = health not in {"Progressing", ""}
    text = f"{app.name} is synced and {health or 'of unknown health'}."
    both = (*evidence, fact(app, "status.health.status", health, now))
    return Outcome(settled=settled, healthy=health == "Healthy", summary=text, evidence=both)


def _since(started: object, asked: datetime) -> bool:
    if not isinstance(started, str):
        return False
    return datetime.fromisoformat(started).astimezone(UTC) >= asked - CLOCK_SKEW


def _name(row: Mapping[str, Any]) -> str:
    return f"{row.get('kind')} {row.get('name')}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
