"""Apply a confirmed plan to a workload: once, and only to the spec that was shown."""

from typing import Any

from tools.clock import Clock
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.port import ClusterWriter, StoredObject
from tools.contract import Confirmed, Plan, Receipt
from tools.errors import NotFound, PlanStale

CHANGE_ID = "infra-assistant/change-id"
ATTEMPTS = 3  # a crash-looping workload gets a status update, thus a new resourceVersion, every few seconds


async def apply_plan(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Patch the target with the plan's body, the change id and the resourceVersion just read.

    A second call with the same change id finds the annotation and changes nothing. Raises PlanStale when the object
    was deleted, replaced, or got another spec since the plan; Forbidden; Unavailable (repeat with the same id).
    """
    plan = confirmed.plan
    for _ in range(ATTEMPTS):
        live = await _live(plan, cluster)
        if _carries(live, plan, confirmed.change_id):
            return _receipt(confirmed, StoredObject(live), clock, already=True)
        _require_as_shown(plan, live)
        try:
            stored = await _patch(confirmed, live, cluster)
        except PlanStale:
            continue  # it moved between read and write: perhaps only its status, perhaps by our own earlier call
        return _receipt(confirmed, stored, clock, already=False)
    raise PlanStale(f"Nothing was changed: {plan.target} is being written by others too often. Plan again in a minute.")


async def _live(plan: Plan, cluster: ClusterWriter) -> dict[str, Any]:
    target = plan.target
    try:
        return await cluster.raw(WORKLOADS[target.kind], target.namespace, target.name)
    except NotFound as exc:
        raise PlanStale(f"Nothing was changed: {target} was deleted since the plan was shown.") from exc


def _carries(live: dict[str, Any], plan: Plan, change_id: str) -> bool:
    meta = live["metadata"]
    return meta.get("uid") == plan.target.uid and (meta.get("annotations") or {}).get(CHANGE_ID) == change_id


def _require_as_shown(plan: Plan, live: dict[str, Any]) -> None:
    meta, shown = live["metadata"], plan.precondition
    if meta.get("uid") != shown.target.uid:
        raise PlanStale(f"Nothing was changed: {plan.target} was deleted and created anew since the plan was shown.")
    if meta.get("generation") != shown.generation:
        raise PlanStale(
            f"Nothing was changed: the spec of {plan.target} was edited since the plan was shown "
            f"(generation {shown.generation} then, {meta.get('generation')} now). Plan again to see the new difference."
        )


async def _patch(confirmed: Confirmed[Plan], live: dict[str, Any], cluster: ClusterWriter) -> StoredObject:
    plan = confirmed.plan
    meta = {"resourceVersion": live["metadata"]["resourceVersion"], "annotations": {CHANGE_ID: confirmed.change_id}}
    return await cluster.patch(WORKLOADS[plan.target.kind], plan.target, {**plan.patch, "metadata": meta})


def _receipt(confirmed: Confirmed[Plan], stored: StoredObject, clock: Clock, *, already: bool) -> Receipt:
    return Receipt(
        change_id=confirmed.change_id,
        target=confirmed.plan.target,
        applied_at=clock(),
        resource_version=str(stored.body["metadata"].get("resourceVersion", "")),
        already_applied=already,
        audit_ids=(stored.audit_id,) if stored.audit_id else (),
    )
