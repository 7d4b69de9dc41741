"""Order findings: causes over symptoms, what explains over what is explained. Pure, and independent of their order."""

from collections.abc import Iterable
from dataclasses import dataclass

from tools.diagnosis.causes import CAUSES, depth
from tools.diagnosis.models import Finding

_ROLES = ("cause", "symptom", "info")
_SURE = 0.9
_ENOUGH = 0.6  # a weaker guess explains no other cause, only symptoms
_OF_ONE_CONTAINER = frozenset(
    ("crash-loop", "app-exit-error", "probe-readiness-failed", "probe-liveness-failed", "probe-startup-failed")
)


@dataclass(frozen=True)
class Ranked:
    """`root` is None when there is no finding. `effects` are explained by it, `others` are not; worst first."""

    root: Finding | None
    effects: tuple[Finding, ...]
    others: tuple[Finding, ...]


def rank(findings: Iterable[Finding]) -> Ranked:
    """Merge equal findings, find what explains what, and put the root cause first."""
    merged = sorted(_merge(findings), key=_order)
    if not merged:
        return Ranked(None, (), ())
    explainers = {id(one): [other for other in merged if _explains(other, one)] for one in merged}
    free = [one for one in merged if not explainers[id(one)]]
    root = (free or merged)[0]
    told = [one.model_copy(update={"explained_by": _causes(explainers[id(one)])}) for one in merged if one is not root]
    reached = _reached(root, merged, explainers)
    kept = [one for one in merged if one is not root]
    effects = tuple(one for one, source in zip(told, kept, strict=True) if id(source) in reached)
    others = tuple(one for one, source in zip(told, kept, strict=True) if id(source) not in reached)
    return Ranked(root, effects, others)


def _merge(findings: Iterable[Finding]) -> list[Finding]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.cause, finding.key), []).append(finding)
    return [_one(group) for group in groups.values()]


def _one(group: list[Finding]) -> Finding:
    best = min(group, key=lambda one: (-one.confidence, -len(one.evidence), one.subject, repr(one)))
    pods = tuple(sorted({pod for one in group for pod in one.pods}))
    times = [one.since for one in group if one.since]
    return best.model_copy(update={"pods": pods, "affected": max(1, len(pods)), "since": min(times, default=None)})


def _order(finding: Finding) -> tuple[int, int, int, int, str, str, str]:
    sureness = 0 if finding.confidence >= _SURE else 1 if finding.confidence >= _ENOUGH else 2
    role = _ROLES.index(finding.role)
    return (role, sureness, -finding.affected, depth(finding.layer), finding.cause, finding.key, finding.subject)


def _explains(explainer: Finding, effect: Finding) -> bool:
    known = CAUSES.get(effect.cause)
    if known is None or explainer is effect or explainer.cause not in known.explained_by:
        return False
    if effect.role == "cause" and explainer.confidence < _ENOUGH:
        return False
    return _same_pods(explainer, effect) and _same_container(explainer, effect)


def _same_pods(explainer: Finding, effect: Finding) -> bool:
    return not explainer.pods or not effect.pods or bool(set(explainer.pods) & set(effect.pods))


def _same_container(explainer: Finding, effect: Finding) -> bool:
    if effect.cause not in _OF_ONE_CONTAINER:
        return True
    return not explainer.container or not effect.container or explainer.container == effect.container


def _reached(root: Finding, merged: list[Finding], explainers: dict[int, list[Finding]]) -> set[int]:
    reached = {id(root)}
    grown = True
    while grown:
        more = {id(one) for one in merged if any(id(other) in reached for other in explainers[id(one)])} - reached
        reached |= more
        grown = bool(more)
    return reached


def _causes(findings: list[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.cause for one in findings))
