"""What happened around a workload, each with its time: rollouts, configuration, scaling, nodes, dependencies. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel

from tools.cluster.models.events import Event
from tools.cluster.models.pods import PodTemplate
from tools.cluster.models.workloads import Workload
from tools.cluster.revisions import Revision, same_but_for_restarts
from tools.contract import Evidence, Source
from tools.diagnosis.change_words import in_words
from tools.diagnosis.facts import event_fact, excerpt
from tools.diagnosis.models import Diagnosis
from tools.diagnosis.revisions import template_changes

Kind = Literal["rollout", "configuration", "scaling", "node", "dependency", "failure"]
MAX_MOMENTS = 14
BEFORE = timedelta(hours=24)  # an older change is not why something fails now, unless nothing else happened
JUST_BEFORE = timedelta(hours=1)
_TOGETHER = timedelta(minutes=2)  # a rollout scales its ReplicaSets: that is no scaling of its own


class Moment(BaseModel, frozen=True):
    """One thing that happened. `suspect`: it may have brought about the failure."""

    at: datetime
    kind: Kind
    evidence: Evidence
    suspect: bool = False

    @property
    def sentence(self) -> str:
        """With its time: "2026-11-22 12:04 UTC: Revision 2 of checkout changed the image from 2.4.0 to 2.4.1."."""
        said = self.evidence.text.rstrip(".")
        told = said if self.kind in _WHOLE else f"{self.evidence.subject}: {said}"
        return f"{self.at:%Y-%m-%d %H:%M} UTC: {told}."


_WHOLE = ("rollout", "dependency", "failure")  # their text names what it is about


def rollouts(workload: Workload, kept: Sequence[Revision], kind: Kind = "rollout") -> Iterator[Moment]:
    """Each kept revision: what it changed against the one before it; of a dependency only changes."""
    for newer, older in pairwise(kept):
        if newer.since is not None:
            yield _moment(
                kind, newer.since, f"{newer.kind} {workload.namespace}/{newer.name}", _rollout(workload, newer, older)
            )
    if kept and kept[-1].since is not None and kind == "rollout":
        first = kept[-1]
        text = f"Revision {first.number} of {workload.name}, the oldest that is kept."
        yield _moment(kind, kept[-1].since, f"{first.kind} {workload.namespace}/{first.name}", text)


def _rollout(workload: Workload, newer: Revision, older: Revision) -> str:
    if same_but_for_restarts(newer.template, older.template):
        return f"Restart of {workload.name} (revision {newer.number})."
    before, after = (PodTemplate.model_validate(one.template) for one in (older, newer))
    cause = f" ({excerpt(newer.change_cause, 100)})" if newer.change_cause else ""
    changed = in_words(template_changes(before, after)) or "fields that are not shown here"
    return f"Revision {newer.number} of {workload.name}{cause} changed {changed}."


def scalings(events: Iterable[Event], rolled_out: Sequence[datetime], now: datetime) -> Iterator[Moment]:
    """Scaling by a person or an autoscaler, but not what a rollout does to its ReplicaSets."""
    for event in events:
        at = event.last_seen
        if event.reason not in {"ScalingReplicaSet", "SuccessfulRescale"} or at is None:
            continue
        by_rollout = event.reason == "ScalingReplicaSet" and any(abs(at - time) <= _TOGETHER for time in rolled_out)
        if not by_rollout:
            yield Moment(at=at, kind="scaling", evidence=event_fact(event, now))


def node_events(events: Iterable[Event], now: datetime) -> Iterator[Moment]:
    """What befell a node: all but its routine."""
    for event in events:
        if event.last_seen and (event.type == "Warning" or event.reason in _NODE_REASONS):
            yield Moment(at=event.last_seen, kind="node", evidence=event_fact(event, now))


_NODE_REASONS = frozenset(("NodeNotReady", "NodeReady", "Rebooted", "NodeNotSchedulable", "Starting", "RemovingNode"))


def writes(evidence: Iterable[Evidence], kind: Kind) -> Iterator[Moment]:
    """Writes that something else has told already."""
    for fact in evidence:
        yield Moment(at=fact.at, kind=kind, evidence=fact)


def failure(diagnosis: Diagnosis) -> Iterator[Moment]:
    """When the present failure began."""
    root = diagnosis.root_cause
    if root and diagnosis.since:
        text = f"It began to fail: {excerpt(root.title, 300)}."
        yield _moment(
            "failure", diagnosis.since, str(diagnosis.target), text, root.evidence[0] if root.evidence else None
        )


def in_order(found: Iterable[Moment], diagnosis: Diagnosis) -> tuple[Moment, ...]:
    """Newest first, those around the onset, at most `MAX_MOMENTS`; what may explain the failure is marked."""
    every = sorted(found, key=lambda one: (one.at, one.kind, one.evidence.subject, one.evidence.text), reverse=True)
    onset = diagnosis.since
    if onset is None:
        return tuple(every[:MAX_MOMENTS])
    near = [one for one in every if one.at >= onset - BEFORE] or every
    marked = [one.model_copy(update={"suspect": True}) if _suspect(one, diagnosis) else one for one in near]
    kept = sorted(marked, key=lambda one: (not one.suspect, one.kind != "failure", abs(one.at - onset)))[:MAX_MOMENTS]
    return tuple(one for one in marked if one in kept)


_FITS: dict[str, tuple[str, ...]] = {
    "configuration": ("config", "app", "dns", "certificate", "probe", "container-runtime"),
    "scaling": ("scheduling", "quota", "resources", "autoscaling"),
    "node": ("node", "network", "scheduling", "volume"),
    "dependency": ("app", "dns", "probe", "network"),
}


def _suspect(one: Moment, diagnosis: Diagnosis) -> bool:
    """A rollout is judged by the diagnosis; anything else must come just before, and be of a kind that can do it."""
    onset, root = diagnosis.since, diagnosis.root_cause
    if onset is None or root is None or one.kind == "failure":
        return False
    change = diagnosis.change
    if one.kind == "rollout" or (change and change.explains):
        return bool(one.kind == "rollout" and change and change.explains and change.at == one.at)
    return -_TOGETHER <= onset - one.at <= JUST_BEFORE and root.layer in _FITS[one.kind]


def _moment(kind: Kind, at: datetime, subject: str, text: str, like: Evidence | None = None) -> Moment:
    where = like.where if like else "spec.template"
    fact = Evidence(source=Source.CHANGE, subject=subject, where=where, text=excerpt(text, 400), at=at)
    return Moment(at=at, kind=kind, evidence=fact)
