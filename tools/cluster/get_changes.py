"""Tell what changed in one workload, and when."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, Field

from tools.clock import Clock
from tools.cluster.configuration import configuration_changes
from tools.cluster.diff import diff
from tools.cluster.facts import cut, fact, ref_of, subject
from tools.cluster.models.meta import ManagedFields
from tools.cluster.models.resources import EVENTS, WORKLOADS
from tools.cluster.models.workloads import Workload
from tools.cluster.port import ClusterReader, Targets
from tools.cluster.revisions import Revision, history, same_but_for_restarts
from tools.contract import Args, Change, Evidence, ObjectRef, Result, Source
from tools.errors import Forbidden, InvalidArgs

MAX_REVISIONS = 10
MAX_CHANGES = 20

_SCALING = ("ScalingReplicaSet", "SuccessfulRescale", "SuccessfulCreate", "SuccessfulDelete")
_CONTROLLERS = ("kube-controller-manager", "kube-scheduler", "kubelet")


class GetChangesArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None


class RevisionRow(BaseModel, frozen=True):
    """One kept revision. `only_restarted`: it differs from the one before it by a restart only."""

    revision: int
    at: datetime | None
    images: tuple[str, ...]
    change_cause: str
    template_hash: str
    only_restarted: bool


class GetChangesResult(Result):
    """`changes`: fields of the pod template that the last real change set, each "before → after"; values of variables
    hidden. `written_by`: the newest writers of the spec, newest first. `configuration`: when the ConfigMaps that the
    template reads were last written. `revisions` newest first."""

    workload: ObjectRef
    found_by: str
    summary: str
    changed_at: datetime | None
    changes: tuple[Evidence, ...]
    revisions: tuple[RevisionRow, ...]
    written_by: tuple[Evidence, ...]
    last_scaling: Evidence | None
    configuration: tuple[Evidence, ...]
    truncated: bool = False

    def observed(self) -> tuple[ObjectRef, ...]:
        return (self.workload,)


async def get_changes(
    args: GetChangesArgs, *, cluster: ClusterReader, targets: Targets, clock: Clock
) -> GetChangesResult:
    """Tell what the last rollout of a workload changed, when and by which tool, with its revisions and last scaling.

    Raises NotFound, Ambiguous, Forbidden, InvalidArgs (a kind without revisions), Unavailable
    (GET replicasets or controllerrevisions, events, configmaps).
    """
    target = await targets.workload(args.workload, args.environment)
    resource = WORKLOADS.get(target.ref.kind)
    if resource is None:
        raise InvalidArgs(f"{target.ref} keeps no history of its template.")
    workload = await cluster.get(resource, target.ref.namespace, target.ref.name)
    kept = await history(cluster, workload)
    newer, older = last_change(kept)
    changes = diff(older.template, newer.template) if newer and older else ()
    now = clock()
    return GetChangesResult(
        workload=ref_of(cluster.cluster, workload),
        found_by=target.how,
        summary=_summary(workload, kept, newer, changes),
        changed_at=newer.since if newer else workload.metadata.creation_timestamp,
        changes=_evidence(workload, newer, changes, now),
        revisions=_rows(kept),
        written_by=_writers(workload, now),
        last_scaling=await _last_scaling(cluster, workload),
        configuration=await configuration_changes(cluster, workload, now),
        truncated=len(kept) > MAX_REVISIONS or len(changes) > MAX_CHANGES,
    )


def last_change(kept: Sequence[Revision]) -> tuple[Revision | None, Revision | None]:
    """The newest revision that differs from the one before in more than a restart, and that one (pure)."""
    for newer, older in pairwise(kept):
        if not same_but_for_restarts(newer.template, older.template):
            return newer, older
    return None, None


def _summary(workload: Workload, kept: Sequence[Revision], newer: Revision | None, changes: Sequence[Change]) -> str:
    if newer is None:
        restarts = f" It was restarted {len(kept) - 1} times since." if len(kept) > 1 else ""
        return f"Nothing changed in the template of {workload.name} within the kept revisions.{restarts}"
    shown = "; ".join(_words(change) for change in changes[:3])
    more = f" and {len(changes) - 3} more fields" if len(changes) > 3 else ""
    restarted = sum(revision.number > newer.number for revision in kept)
    later = f" Since then it was only restarted ({restarted} times)." if restarted else ""
    at = f" at {newer.since:%Y-%m-%d %H:%M} UTC" if newer.since else ""
    return f"Revision {newer.number} of {workload.name}{at} changed {shown}{more}.{later}"


def _words(change: Change) -> str:
    name = change.path.removeprefix("spec.")
    return f"{name}: {cut(str(change), 240)}"


def _evidence(
    workload: Workload, newer: Revision | None, changes: Sequence[Change], now: datetime
) -> tuple[Evidence, ...]:
    if newer is None:
        return ()
    return tuple(
        Evidence(
            source=Source.CHANGE,
            subject=f"{newer.kind} {workload.namespace}/{newer.name}",
            where=f"spec.template.{change.path}",
            text=cut(str(change), 500),
            at=newer.since or now,
        )
        for change in changes[:MAX_CHANGES]
    )


def _rows(kept: Sequence[Revision]) -> tuple[RevisionRow, ...]:
    older = [*kept[1:], None]
    return tuple(
        RevisionRow(
            revision=revision.number,
            at=revision.since,
            images=revision.images(),
            change_cause=cut(revision.change_cause, 200),
            template_hash=revision.hash,
            only_restarted=before is not None and same_but_for_restarts(revision.template, before.template),
        )
        for revision, before in zip(kept[:MAX_REVISIONS], older, strict=False)
    )


def _writers(workload: Workload, now: datetime) -> tuple[Evidence, ...]:
    """Tools that wrote the spec: metadata.managedFields names them and when, never which person."""
    wrote = [entry for entry in workload.metadata.managed_fields if _writes_spec(entry)]
    newest = sorted(wrote, key=lambda entry: entry.time.timestamp() if entry.time else 0.0, reverse=True)
    return tuple(
        fact(
            workload,
            f"metadata.managedFields[manager={entry.manager}]",
            f"{entry.manager} ({entry.operation}) set spec: {', '.join(sorted(entry.spec_fields))}",
            entry.time or now,
            Source.CHANGE,
        )
        for entry in newest[:3]
    )


def _writes_spec(entry: ManagedFields) -> bool:
    return bool(entry.spec_fields) and entry.manager not in _CONTROLLERS


async def _last_scaling(cluster: ClusterReader, workload: Workload) -> Evidence | None:
    try:
        events = await cluster.list(EVENTS, workload.namespace, fields=f"involvedObject.name={workload.name}")
    except Forbidden:
        return None
    scaling = [event for event in events if event.reason in _SCALING and event.last_seen is not None]
    newest = max(scaling, key=lambda event: (event.last_seen, event.name), default=None)
    if newest is None or newest.last_seen is None:
        return None
    return Evidence(
        source=Source.EVENT,
        subject=subject(workload),
        where=f"event {newest.reason}",
        text=cut(newest.message),
        at=newest.last_seen,
    )
