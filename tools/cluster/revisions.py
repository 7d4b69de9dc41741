"""The history of a workload's pod template: ReplicaSets of a Deployment, ControllerRevisions of the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.cluster.models.meta import Metadata
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import CONTROLLER_REVISIONS, PODS, TEMPLATE_HISTORY
from tools.cluster.models.workloads import ControllerRevision, TemplateHolder, Workload
from tools.cluster.port import ClusterReader, Page

HASH_LABEL = "pod-template-hash"
REVISION_HASH_LABEL = "controller-revision-hash"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
REUSED = "deployment.kubernetes.io/revision-history"  # a rollback renumbers the old ReplicaSet instead of a new one
CHANGE_CAUSE = "kubernetes.io/change-cause"


@dataclass(frozen=True)
class Revision:
    """One revision. `template` is the raw pod template as its author wrote it, without the hash label.

    `name`, `uid`, `kind`: of the object that keeps it.

    `since`: when it was created, or put back by a rollback. `pod_label`: what its pods carry, as "key=value".
    """

    number: int
    name: str
    uid: str
    template: dict[str, Any]
    since: datetime | None
    change_cause: str
    pod_label: str
    kind: str

    @property
    def hash(self) -> str:
        """The hash part of the pod label."""
        return self.pod_label.partition("=")[2]

    def images(self) -> tuple[str, ...]:
        """Images of the containers, in order."""
        containers = (self.template.get("spec") or {}).get("containers") or ()
        return tuple(str(container.get("image", "")) for container in containers)


async def history(cluster: ClusterReader, workload: Workload) -> tuple[Revision, ...]:
    """All kept revisions, newest first (GET replicasets or controllerrevisions by the workload's selector)."""
    selector = workload.spec.selector.as_query()
    if workload.kind == "Deployment":
        sets = await cluster.list(TEMPLATE_HISTORY, workload.namespace, labels=selector)
        found = [_from_replica_set(item) for item in sets if _owned(item.metadata, workload)]
    else:
        kept = await cluster.list(CONTROLLER_REVISIONS, workload.namespace, labels=selector)
        found = [_from_controller_revision(item) for item in kept if _owned(item.metadata, workload)]
    return tuple(sorted(found, key=lambda revision: revision.number, reverse=True))


async def pods_of(cluster: ClusterReader, workload: Workload, *, limit: int = 500) -> Page[Pod]:
    """Pods that the workload's selector matches, at most `limit`."""
    return await cluster.list(PODS, workload.namespace, labels=workload.spec.selector.as_query(), limit=limit)


async def newest_pods(cluster: ClusterReader, workload: Workload, *, limit: int = 500) -> Page[Pod]:
    """Pods of the newest template only; none while the controller has not recorded that template."""
    label = await _newest_label(cluster, workload)
    if label is None:
        return Page(())
    selector = ",".join(term for term in (workload.spec.selector.as_query(), label) if term)
    return await cluster.list(PODS, workload.namespace, labels=selector, limit=limit)


async def _newest_label(cluster: ClusterReader, workload: Workload) -> str | None:
    if workload.kind == "StatefulSet" and workload.status.update_revision:
        return f"{REVISION_HASH_LABEL}={workload.status.update_revision}"
    revisions = await history(cluster, workload)
    return revisions[0].pod_label if revisions else None


def same_but_for_restarts(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two templates differ in nothing but the mark that a restart leaves."""
    return _without_restart(first) == _without_restart(second)


def _without_restart(template: dict[str, Any]) -> dict[str, Any]:
    meta = dict(template.get("metadata") or {})
    meta.pop("creationTimestamp", None)
    annotations = {key: text for key, text in (meta.pop("annotations", None) or {}).items() if key != RESTARTED_AT}
    return {**template, "metadata": {**meta, **({"annotations": annotations} if annotations else {})}}


def _owned(meta: Metadata, workload: Workload) -> bool:
    owner = meta.controller()
    return owner is not None and owner.uid == workload.metadata.uid


def _from_replica_set(item: TemplateHolder) -> Revision:
    return Revision(
        number=item.revision(),
        name=item.name,
        uid=item.metadata.uid,
        template=_plain(item.spec.get("template") or {}),
        since=_last_written(item.metadata) if REUSED in item.metadata.annotations else item.metadata.creation_timestamp,
        change_cause=item.metadata.annotations.get(CHANGE_CAUSE, ""),
        pod_label=f"{HASH_LABEL}={item.metadata.labels.get(HASH_LABEL, '')}",
        kind=item.kind,
    )


def _from_controller_revision(item: ControllerRevision) -> Revision:
    template = (item.data.get("spec") or {}).get("template") or {}
    owner = item.metadata.controller()
    stateful = owner is not None and owner.kind == "StatefulSet"  # its pods carry the whole name as their hash
    value = item.name if stateful else item.metadata.labels.get(REVISION_HASH_LABEL, "")
    return Revision(
        number=item.revision,
        name=item.name,
        uid=item.metadata.uid,
        template=_plain(template),
        since=_last_written(item.metadata),  # it is only ever written to renumber it
        change_cause=item.metadata.annotations.get(CHANGE_CAUSE, ""),
        pod_label=f"{REVISION_HASH_LABEL}={value}",
        kind=item.kind,
    )


def _last_written(meta: Metadata) -> datetime | None:
    times = [entry.time for entry in meta.managed_fields if entry.time is not None and not entry.subresource]
    return max(times, default=meta.creation_timestamp)


def _plain(template: dict[str, Any]) -> dict[str, Any]:
    """The template without the patch directive and the hash that the controllers add."""
    meta = dict(template.get("metadata") or {})
    if "labels" in meta:
        meta["labels"] = {key: text for key, text in (meta["labels"] or {}).items() if key != HASH_LABEL}
    kept = {key: part for key, part in template.items() if key not in {"$patch", "metadata"}}
    return {"metadata": meta, **kept}
