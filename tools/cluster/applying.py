"""Apply a confirmed plan to an object: once, and only to the spec that was shown."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from tools.clock import Clock
from tools.cluster.models.changeable import CHANGEABLE
from tools.cluster.port import ClusterWriter, PatchType, StoredObject
from tools.contract import Confirmed, Plan, Receipt
from tools.errors import NotFound, PlanStale

CHANGE_ID = "infra-assistant/change-id"
Complete = Callable[[Plan], Awaitable[dict[str, Any]]]
"""Gives the whole body of a plan that stores it only in part. Raises PlanStale."""

ATTEMPTS = 3  # a crash-looping workload gets a status update, thus a new resourceVersion, every few seconds


async def apply_plan(
    confirmed: Confirmed[Plan],
    *,
    cluster: ClusterWriter,
    clock: Clock,
    kind: PatchType = "strategic",
    complete: Complete | None = None,
) -> Receipt:
    """Patch the target with the plan's body, the change id and the resourceVersion just read.

    `kind` is "merge" for custom resources, which know no other merging.
    A second call with the same change id finds the annotation and changes nothing. Raises PlanStale when the object
    was deleted, replaced, or got another spec since the plan; Forbidden; Unavailable (repeat with the same id).
    """
    plan = confirmed.plan
    for _ in range(ATTEMPTS):
        live = await live_target(plan, cluster)
        if _carries(live, plan, confirmed.change_id):
            return receipt_of(confirmed, StoredObject(live), clock, already=True)
        require_as_shown(plan, live)
        body = await complete(plan) if complete else plan.patch
        try:
            stored = await _patch(confirmed, live, body, cluster, kind)
        except PlanStale:
            continue  # it moved between read and write: perhaps only its status, perhaps by our own earlier call
        return receipt_of(confirmed, stored, clock, already=False)
    raise PlanStale(f"Nothing was changed: {plan.target} is being written by others too often. Plan again in a minute.")


async def live_target(plan: Plan, cluster: ClusterWriter) -> dict[str, Any]:
    """The target as it is stored now. Raises PlanStale when it is gone."""
    target = plan.target
    try:
        return await cluster.raw(CHANGEABLE[target.kind], target.namespace, target.name)
    except NotFound as exc:
        raise PlanStale(f"Nothing was changed: {target} was deleted since the plan was shown.") from exc


def _carries(live: dict[str, Any], plan: Plan, change_id: str) -> bool:
    meta = live["metadata"]
    return meta.get("uid") == plan.target.uid and (meta.get("annotations") or {}).get(CHANGE_ID) == change_id


def require_as_shown(plan: Plan, live: dict[str, Any]) -> None:
    """Raise PlanStale unless the live object is the one that was shown, with the same spec."""
    meta, shown = live["metadata"], plan.precondition
    if meta.get("uid") != shown.target.uid:
        raise PlanStale(f"Nothing was changed: {plan.target} was deleted and created anew since the plan was shown.")
    if shown.spec_digest is not None:
        if digest(live.get("spec")) != shown.spec_digest:
            raise PlanStale(f"Nothing was changed: the spec of {plan.target} was edited since the plan was shown.")
    elif int(meta.get("generation") or 0) != shown.generation:
        raise PlanStale(
            f"Nothing was changed: the spec of {plan.target} was edited since the plan was shown "
            f"(generation {shown.generation} then, {meta.get('generation')} now). Plan again to see the new difference."
        )


def digest(spec: Any) -> str:
    """SHA-256 of a part of an object, whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(spec, option=orjson.OPT_SORT_KEYS)).hexdigest()


def receipt_of(confirmed: Confirmed[Plan], stored: StoredObject, clock: Clock, *, already: bool) -> Receipt:
    """What applying did, from the server's answer."""
    return Receipt(
        change_id=confirmed.change_id,
        target=confirmed.plan.target,
        applied_at=clock(),
        resource_version=str((stored.body.get("metadata") or {}).get("resourceVersion", "")),
        already_applied=already,
        audit_ids=(stored.audit_id,) if stored.audit_id else (),
    )


async def _patch(
    confirmed: Confirmed[Plan], live: dict[str, Any], body: dict[str, Any], cluster: ClusterWriter, kind: PatchType
) -> StoredObject:
    plan = confirmed.plan
    meta = body.get("metadata") or {}
    annotations = {**(meta.get("annotations") or {}), CHANGE_ID: confirmed.change_id}
    pinned = {**meta, "resourceVersion": live["metadata"]["resourceVersion"], "annotations": annotations}
    return await cluster.patch(CHANGEABLE[plan.target.kind], plan.target, {**body, "metadata": pinned}, kind=kind)
