"""Deployment -> ReplicaSets: revisions, rolling updates in steps, recreate, scaling, clean-up."""

from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import DEPLOYMENTS, REPLICA_SETS
from evals.emulators.kubernetes.controllers import deployment_status
from evals.emulators.kubernetes.controllers.rolling import (
    Sizes,
    new_size,
    old_sizes,
    proportional,
    surge_and_unavailable,
)
from evals.emulators.kubernetes.controllers.shared import (
    STATUS,
    own_key,
    owned_pods,
    owner_key,
    owner_reference,
    put_status,
)
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.names import template_hash
from evals.emulators.kubernetes.objects import Json, annotations_of, copy_json, dig, is_deleting, name_of, uid_of
from evals.emulators.kubernetes.store import Key

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
HASH = "pod-template-hash"
_NOT_COPIED = {REVISION, DESIRED, MAXIMUM, "kubectl.kubernetes.io/last-applied-configuration"}


class DeploymentController:
    """Reconciles one Deployment by at most one kind of step, so that every step can be watched."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {
            DEPLOYMENTS.shelf: own_key,
            REPLICA_SETS.shelf: owner_key("Deployment"),
        }

    def reconcile(self, key: Key) -> None:
        deployment = self._cluster.store.get(DEPLOYMENTS, *key)
        if deployment is None or is_deleting(deployment):
            return
        sets = self._sets(deployment)
        new = next((item for item in sets if _same_template(item, deployment)), None)
        old = [item for item in sets if item is not new]
        if deployment["spec"].get("paused") or (new and self._was_scaled(deployment, sets)):
            self._scale_all(deployment, sets)
        elif new is None:
            self._begin(deployment, old)
            return
        elif self._follow(deployment, new, sets):
            return
        else:
            self._roll(deployment, new, old)
        self._report(key)

    def _sets(self, deployment: Json) -> list[Json]:
        """The Deployment's ReplicaSets, oldest first."""
        owned = self._cluster.store.owned(uid_of(deployment))
        sets = [obj for resource, obj in owned if resource.shelf == REPLICA_SETS.shelf and not is_deleting(obj)]
        return sorted(sets, key=lambda item: (item["metadata"]["creationTimestamp"], name_of(item)))

    def _begin(self, deployment: Json, old: list[Json]) -> None:
        """Make the ReplicaSet of a new template, as large as the rollout may start."""
        template = copy_json(deployment["spec"]["template"])
        suffix = template_hash(template)
        template["metadata"].setdefault("labels", {})[HASH] = suffix
        selector = copy_json(deployment["spec"]["selector"])
        selector.setdefault("matchLabels", {})[HASH] = suffix
        revision = _latest_revision(old) + 1
        new = Sizes("", 0, 0)
        is_recreate_blocked = dig(deployment, "spec", "strategy", "type") == "Recreate" and self._has_pods(old)
        size = 0 if is_recreate_blocked else new_size(deployment, new, _sizes(old))
        name = f"{name_of(deployment)}-{suffix}"
        body = {
            "metadata": {
                "name": name,
                "labels": dict(template["metadata"]["labels"]),
                "annotations": self._annotations(deployment, revision),
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": size, "selector": selector, "template": template},
        }
        if deployment["spec"].get("minReadySeconds"):
            body["spec"]["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
        self._cluster.writer.create(REPLICA_SETS, deployment["metadata"]["namespace"], body)
        self._set_revision(deployment, revision, ("NewReplicaSetCreated", f'Created new replica set "{name}"'))
        if size:
            self._say(deployment, name, (0, size))

    def _follow(self, deployment: Json, new: Json, sets: list[Json]) -> bool:
        """Make the ReplicaSet of the current template the latest revision, when a rollback brought an old one back."""
        latest = _latest_revision([item for item in sets if item is not new])
        revision = _revision(new)
        if revision <= latest:
            revision = latest + 1
        wanted = annotations_of(new) | self._annotations(deployment, revision)
        changed = wanted != annotations_of(new)
        if changed:
            history = [*filter(None, [annotations_of(new).get(f"{REVISION}-history")])]
            if revision != _revision(new) and _revision(new):
                wanted[f"{REVISION}-history"] = ",".join([*history, str(_revision(new))])
            metadata = {**new["metadata"], "annotations": wanted}
            self._cluster.writer.update(REPLICA_SETS, new, {**new, "metadata": metadata})
        if annotations_of(deployment).get(REVISION) == str(revision):
            return changed
        self._set_revision(deployment, revision, ("FoundNewReplicaSet", f'Found new replica set "{name_of(new)}"'))
        return True

    def _set_revision(self, deployment: Json, revision: int, progress: tuple[str, str]) -> None:
        metadata = {**deployment["metadata"]}
        metadata["annotations"] = {**annotations_of(deployment), REVISION: str(revision)}
        now = self._cluster.now()
        status = deployment_status.with_progress(deployment, progress, now)
        self._cluster.writer.update(
            DEPLOYMENTS, deployment, {**deployment, "metadata": metadata, "status": status}, STATUS
        )

    def _roll(self, deployment: Json, new: Json, old: list[Json]) -> None:
        if dig(deployment, "spec", "strategy", "type") == "Recreate":
            self._recreate(deployment, new, old)
            return
        mine, others = _size(new), _sizes(old)
        size = new_size(deployment, mine, others)
        if size != mine.desired:
            self._resize(deployment, new, size)
        else:
            for item in old:
                self._resize(deployment, item, old_sizes(deployment, mine, others)[name_of(item)])
        if _is_complete(deployment, new, old):
            self._clean_up(deployment, old)

    def _recreate(self, deployment: Json, new: Json, old: list[Json]) -> None:
        running = [item for item in old if item["spec"]["replicas"]]
        for item in running:
            self._resize(deployment, item, 0)
        if not running and not self._has_pods(old):
            self._resize(deployment, new, deployment["spec"]["replicas"])

    def _has_pods(self, sets: list[Json]) -> bool:
        return any(owned_pods(self._cluster, item) for item in sets)

    def _was_scaled(self, deployment: Json, sets: list[Json]) -> bool:
        wanted = str(deployment["spec"]["replicas"])
        live = [item for item in sets if item["spec"]["replicas"]]
        return any(annotations_of(item).get(DESIRED) not in (None, wanted) for item in live)

    def _scale_all(self, deployment: Json, sets: list[Json]) -> None:
        live = [item for item in sets if item["spec"]["replicas"]] or sets[-1:]
        replicas = deployment["spec"]["replicas"]
        if not live:
            return
        surge, _ = surge_and_unavailable(deployment)
        sole = {name_of(live[0]): replicas} if len(live) == 1 else None
        sizes = sole or proportional(replicas, surge, _sizes(live))
        for item in live:
            self._resize(deployment, item, sizes[name_of(item)])

    def _resize(self, deployment: Json, item: Json, size: int) -> None:
        before = item["spec"]["replicas"]
        annotations = {**annotations_of(item), **self._bounds(deployment)}
        if size == before and annotations == annotations_of(item):
            return
        metadata = {**item["metadata"], "annotations": annotations}
        changed = {**item, "metadata": metadata, "spec": {**item["spec"], "replicas": size}}
        self._cluster.writer.update(REPLICA_SETS, item, changed)
        if size != before:
            self._say(deployment, name_of(item), (before, size))

    def _say(self, deployment: Json, name: str, sizes: tuple[int, int]) -> None:
        before, after = sizes
        direction = "up" if after > before else "down"
        text = f"Scaled {direction} replica set {name} from {before} to {after}"
        self._cluster.events.record(deployment, "Normal", "ScalingReplicaSet", text, component="deployment-controller")

    def _bounds(self, deployment: Json) -> dict[str, str]:
        replicas = deployment["spec"]["replicas"]
        surge, _ = surge_and_unavailable(deployment)
        return {DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}

    def _annotations(self, deployment: Json, revision: int) -> dict[str, str]:
        copied = {key: value for key, value in annotations_of(deployment).items() if key not in _NOT_COPIED}
        return {**copied, **self._bounds(deployment), REVISION: str(revision)}

    def _clean_up(self, deployment: Json, old: list[Json]) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        empty = [item for item in old if not item["spec"]["replicas"] and not dig(item, "status", "replicas")]
        for item in sorted(empty, key=_revision)[: max(len(empty) - limit, 0)]:
            self._cluster.writer.delete(REPLICA_SETS, item)

    def _report(self, key: Key) -> None:
        deployment = self._cluster.store.get(DEPLOYMENTS, *key)
        if deployment is None:
            return
        sets = self._sets(deployment)
        new = next((item for item in sets if _same_template(item, deployment)), None)
        status = deployment_status.build(self._cluster, deployment, new, sets)
        put_status(self._cluster, DEPLOYMENTS, deployment, status)
        due = deployment_status.deadline(self._cluster, deployment, status)
        if due is not None:
            self._cluster.engine.at(due, "deployments", key)


def _same_template(item: Json, deployment: Json) -> bool:
    mine, wanted = copy_json(item["spec"]["template"]), copy_json(deployment["spec"]["template"])
    for template in (mine, wanted):
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        labels.pop(HASH, None)
        template["metadata"].setdefault("annotations", {})
    return bool(mine == wanted)


def _revision(item: Json) -> int:
    return int(annotations_of(item).get(REVISION, "0"))


def _latest_revision(sets: list[Json]) -> int:
    return max((_revision(item) for item in sets), default=0)


def _size(item: Json) -> Sizes:
    return Sizes(name_of(item), item["spec"]["replicas"], dig(item, "status", "availableReplicas") or 0)


def _sizes(sets: list[Json]) -> list[Sizes]:
    return [_size(item) for item in sets]


def _is_complete(deployment: Json, new: Json, old: list[Json]) -> bool:
    replicas = deployment["spec"]["replicas"]
    return _size(new).available >= replicas and not any(item["spec"]["replicas"] for item in old)
