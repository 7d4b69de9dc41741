"""Which differences most likely explain a failure. Pure."""

from collections.abc import Iterable
from typing import Literal

from tools.diagnosis.differences import Difference
from tools.diagnosis.models import Finding

Likelihood = Literal["named", "fitting", "other"]

_FITTING: dict[str, tuple[str, ...]] = {
    "image": ("image", "identity"),
    "config": ("configuration", "volumes"),
    "container-runtime": ("image", "command", "volumes"),
    "resources": ("resources", "image", "replicas"),
    "app": ("dependency", "image", "configuration", "command", "volumes", "identity", "network", "policies"),
    "dns": ("configuration", "policies"),
    "network": ("policies", "network", "configuration"),
    "certificate": ("configuration", "volumes"),
    "probe": ("probes", "dependency", "image", "network", "command", "resources", "configuration"),
    "scheduling": ("resources", "scheduling", "storage", "volumes", "replicas"),
    "volume": ("storage", "volumes"),
    "service": ("network", "labels"),
    "admission": ("quota", "resources", "identity", "containers", "labels", "image"),
    "quota": ("quota", "resources", "replicas", "containers"),
    "autoscaling": ("replicas", "resources"),
    "rollout": ("image", "configuration", "probes", "resources"),
    "node": ("scheduling", "resources"),
}
"""Kinds of difference that can bring about a failure of that layer, the usual first."""


def ordered(found: Iterable[Difference], root: Finding | None) -> tuple[tuple[Difference, Likelihood], ...]:
    """Differences with how they bear on the failure, the likeliest first; equal ones keep their order."""
    judged = [(one, likelihood(one, root)) for one in found]
    return tuple(sorted(judged, key=lambda pair: _rank(pair[0], pair[1], root)))


def likelihood(one: Difference, root: Finding | None) -> Likelihood:
    """Whether the failure's own words name the difference, or it is of a kind that can cause it."""
    if root is None:
        return "other"
    said = " ".join((root.title, root.explanation, *(fact.text for fact in root.evidence)))
    if any(name in said for name in one.names if len(name) > 2):
        return "named"
    return "fitting" if one.area in _FITTING.get(root.layer, ()) else "other"


def _rank(one: Difference, how: Likelihood, root: Finding | None) -> tuple[int, bool, int]:
    areas = _FITTING.get(root.layer, ()) if root else ()
    headline = root is not None and any(name in root.title for name in one.names if len(name) > 2)
    place = areas.index(one.area) if one.area in areas else len(areas)
    return ("named", "fitting", "other").index(how), not headline, place
