"""Which change explains a failure. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.cluster.models.pods import PodTemplate
from tools.cluster.models.workloads import ControllerRevision, Workload
from tools.contract import Change, Evidence, Source
from tools.diagnosis.change_words import in_words, variable
from tools.diagnosis.configuration import edits
from tools.diagnosis.facts import excerpt
from tools.diagnosis.models import Finding, WhatChanged
from tools.diagnosis.observations import Observations
from tools.diagnosis.revisions import template_changes

NEAR = timedelta(hours=1)  # an onset later than this after a rollout needs more than its time to be blamed on it
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SLACK = timedelta(minutes=2)  # clocks of nodes and of the API server differ
_RELEVANT: dict[str, tuple[str, ...]] = {
    "image": (".image",),
    "config": (".env", ".envFrom", "volumes", ".image"),
    "container-runtime": (".image", ".command", ".args", "volumes"),
    "resources": (".resources", ".image", ".args", ".env"),
    "app": (".image", ".command", ".args", ".env", "volumes", "serviceAccountName", ".resources"),
    "dns": (".env", ".image", ".args"),
    "network": ("labels", ".env", ".image"),
    "certificate": (".env", ".image", "volumes"),
    "probe": ("Probe", ".image", ".ports", ".env", ".args", ".command", ".resources", "volumes"),
    "scheduling": (".resources", "nodeSelector", "affinity", "tolerations", "topologySpread", "volumes", "priority"),
    "volume": ("volumes", ".image", ".env"),
    "service": ("labels", ".ports"),
    "admission": (".image", ".resources", "serviceAccountName", "volumes", "labels", ".command", "containers["),
    "quota": (".resources", "containers["),
}
"""Parts of a pod template that can bring about a failure of that layer."""
_CONFIGURED = frozenset(
    ("app", "config", "probe", "dns", "network", "certificate", "container-runtime", "rbac", "secrets")
)


@dataclass(frozen=True)
class Rollout:
    """The last change of the pod template. `at`: when it was rolled out; `before` 0 when it is the first."""

    name: str
    before: int
    after: int
    at: datetime | None
    fields: tuple[Change, ...]
    image_before: str = ""


def last_rollout(observations: Observations) -> Rollout | None:
    """The step from the previous revision to the newest, from ReplicaSets or ControllerRevisions."""
    if observations.replica_sets:
        return _of_replica_sets(observations)
    return _of_revisions(observations.revisions) if observations.revisions else None


def what_changed(observations: Observations, root: Finding) -> WhatChanged | None:
    """The last rollout or change of configuration that explains the root cause, else the rollout that does not.

    None when the workload keeps no history that could be read.
    """
    rolled = _rolled_out(observations, root)
    return rolled if rolled and rolled.explains else _configured(observations, root) or rolled


def _rolled_out(observations: Observations, root: Finding) -> WhatChanged | None:
    rollout = last_rollout(observations)
    if rollout is None:
        return None
    if rollout.before == 0:
        return WhatChanged(summary="It is the first version of this workload.", explains=False, at=rollout.at)
    relevant = tuple(field for field in rollout.fields if _concerns(field, root.layer))
    explains = bool(relevant) and _in_time(observations, root, rollout)
    named, line = _named_variables(root, relevant) if explains else ((), None)
    fields = sorted(relevant if explains else rollout.fields, key=lambda one: variable(one) not in named or not named)
    proof = (_evidence(observations, rollout, fields),) if rollout.at and fields else ()
    return WhatChanged(
        summary=_say(rollout, fields, explains, root.since, named),
        explains=explains,
        at=rollout.at,
        fields=tuple(fields[:4]),
        evidence=(*proof, line) if proof and line else proof,
        revision=rollout.after,
        to_revision=rollout.before,
        named=named,
    )


def _configured(observations: Observations, root: Finding) -> WhatChanged | None:
    """A ConfigMap that was changed shortly before the failure began."""
    near = [one for one in edits(observations) if root.since and -_SLACK <= root.since - one.at <= NEAR]
    if root.layer not in _CONFIGURED or not near:
        return None
    edit = max(near, key=lambda one: (one.at, one.configuration.name))
    named = f"ConfigMap {edit.configuration.name}"
    fact = Evidence(
        source=Source.CHANGE,
        subject=f"ConfigMap {observations.namespace}/{edit.configuration.name}",
        where="metadata.managedFields",
        text=f"last written by {edit.manager}",
        at=edit.at,
    )
    summary = f"It began after the {named} was changed at {edit.at:%Y-%m-%d %H:%M} UTC (by {edit.manager})."
    return WhatChanged(summary=summary, explains=True, at=edit.at, evidence=(fact,), configuration=named)


def _named_variables(root: Finding, fields: Sequence[Change]) -> tuple[tuple[str, ...], Evidence | None]:
    """Changed variables that a log line of the root cause names, and that line."""
    for line in root.evidence:
        said = set(_WORD.findall(line.text)) if line.source is Source.LOG else set()
        named = tuple(name for one in fields if (name := variable(one)) and name in said)
        if named:
            return named, line
    return (), None


def _of_replica_sets(observations: Observations) -> Rollout:
    newest, *older = sorted(observations.replica_sets, key=lambda one: (-one.revision(), one.name))
    if not older:
        return Rollout(newest.name, 0, newest.revision(), newest.metadata.creation_timestamp, ())
    before = older[0]
    at = _rolled_out_at(observations, newest, before)
    fields = template_changes(before.spec.template, newest.spec.template)
    return Rollout(newest.name, before.revision(), newest.revision(), at, fields, _image(before.spec.template))


def _rolled_out_at(observations: Observations, newest: Workload, before: Workload) -> datetime | None:
    """A rollback reuses an old ReplicaSet, so its age says nothing: then the controller's event does."""
    born, other = newest.metadata.creation_timestamp, before.metadata.creation_timestamp
    if born and other and born >= other:
        return born
    events = [one for one in observations.events if one.reason == "ScalingReplicaSet" and newest.name in one.message]
    progress = observations.workload.condition("Progressing") if observations.workload else None
    times = [one.last_seen for one in events if one.last_seen and "Scaled up" in one.message]
    return min(times, default=None) or (progress.last_update_time if progress else None)


def _of_revisions(revisions: Sequence[ControllerRevision]) -> Rollout:
    newest, *older = sorted(revisions, key=lambda one: (-one.revision, one.name))
    if not older:
        return Rollout(newest.name, 0, newest.revision, newest.metadata.creation_timestamp, ())
    before, after = _template(older[0]), _template(newest)
    fields = template_changes(before, after)
    at = newest.metadata.creation_timestamp
    return Rollout(newest.name, older[0].revision, newest.revision, at, fields, _image(before))


def _template(revision: ControllerRevision) -> PodTemplate:
    return PodTemplate.model_validate((revision.data.get("spec") or {}).get("template") or {})


def _image(template: PodTemplate) -> str:
    return template.spec.containers[0].image if template.spec.containers else ""


def _concerns(field: Change, layer: str) -> bool:
    return any(part in field.path for part in _RELEVANT.get(layer, ()))


def _in_time(observations: Observations, root: Finding, rollout: Rollout) -> bool:
    if rollout.at is None or root.since is None or root.since + _SLACK < rollout.at:
        return False
    return root.since - rollout.at <= NEAR or _only_new_pods_fail(observations, root)


def _only_new_pods_fail(observations: Observations, root: Finding) -> bool:
    """Pods of the old template are ready while those of the new one fail: time does not matter then."""
    failing = [pod for pod in observations.live_pods() if pod.name in root.pods]
    old = [pod for pod in observations.live_pods() if not observations.is_current(pod)]
    return bool(failing) and bool(old) and all(map(observations.is_current, failing)) and all(p.is_ready() for p in old)


def _say(
    rollout: Rollout, fields: Sequence[Change], explains: bool, since: datetime | None, named: tuple[str, ...]
) -> str:
    when = f" at {rollout.at:%Y-%m-%d %H:%M} UTC" if rollout.at else ""
    what = in_words(fields, named)
    if explains:
        return f"It began with the rollout of revision {rollout.after}{when}, which changed {what}."
    if not fields:
        return (
            f"The last rollout (revision {rollout.after}{when}) changed nothing in the pod template but restarted it."
        )
    timing = ", and the failure began at another time" if since and rollout.at and since < rollout.at else ""
    return f"The last rollout (revision {rollout.after}{when}) changed {what}: that does not explain it{timing}."


def _difference(field: Change) -> str:
    before, after = (excerpt(side, 90) if side is not None else "nothing" for side in (field.before, field.after))
    return f"{field.path} from {before} to {after}"


def _evidence(observations: Observations, rollout: Rollout, fields: Sequence[Change]) -> Evidence:
    kind = "ReplicaSet" if observations.replica_sets else "ControllerRevision"
    return Evidence(
        source=Source.CHANGE,
        subject=f"{kind} {observations.namespace}/{rollout.name}",
        where=f"spec.template, revision {rollout.before} to {rollout.after}",
        text=excerpt("; ".join(_difference(field) for field in fields), 400),
        at=rollout.at or observations.at,
    )
