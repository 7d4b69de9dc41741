"""The arithmetic of a rolling update, as the deployment controller does it: pure."""

from dataclasses import dataclass

from evals.emulators.kubernetes.controllers.shared import absolute
from evals.emulators.kubernetes.objects import Json, dig


@dataclass(frozen=True)
class Sizes:
    """A ReplicaSet as the arithmetic sees it."""

    name: str
    desired: int
    available: int


def surge_and_unavailable(deployment: Json) -> tuple[int, int]:
    """maxSurge and maxUnavailable as numbers of pods; both zero means one may be unavailable."""
    spec = deployment["spec"]
    if dig(spec, "strategy", "type") == "Recreate":
        return 0, 0
    rolling, replicas = dig(spec, "strategy", "rollingUpdate") or {}, spec["replicas"]
    surge = absolute(rolling.get("maxSurge"), replicas, round_up=True)
    unavailable = absolute(rolling.get("maxUnavailable"), replicas, round_up=False)
    if not surge and not unavailable:
        unavailable = 1
    return surge, min(unavailable, replicas)


def new_size(deployment: Json, new: Sizes, old: list[Sizes]) -> int:
    """How many pods the new ReplicaSet may have now."""
    replicas: int = deployment["spec"]["replicas"]
    if dig(deployment, "spec", "strategy", "type") == "Recreate":
        return int(replicas)
    surge, _ = surge_and_unavailable(deployment)
    room = replicas + surge - new.desired - sum(item.desired for item in old)
    if new.desired > replicas:
        return int(replicas)
    return new.desired + max(0, min(room, replicas - new.desired))


def old_sizes(deployment: Json, new: Sizes, old: list[Sizes]) -> dict[str, int]:
    """New sizes of the old ReplicaSets, oldest first: unhealthy pods go first, then as many as may be missing."""
    replicas: int = deployment["spec"]["replicas"]
    _, unavailable = surge_and_unavailable(deployment)
    least = replicas - unavailable
    total = new.desired + sum(item.desired for item in old)
    may_go = total - least - (new.desired - new.available)
    sizes = {item.name: item.desired for item in old}
    if may_go <= 0:
        return sizes
    for item in old:
        unhealthy = min(may_go, item.desired - min(item.available, item.desired))
        sizes[item.name] -= unhealthy
        may_go -= unhealthy
    spare = new.available + sum(min(item.available, item.desired) for item in old) - least
    for item in old:
        taken = max(0, min(spare, sizes[item.name]))
        sizes[item.name] -= taken
        spare -= taken
    return sizes


def proportional(replicas: int, surge: int, sets: list[Sizes]) -> dict[str, int]:
    """Sizes of several live ReplicaSets when a Deployment is scaled in the middle of a rollout, largest first."""
    total = sum(item.desired for item in sets)
    allowed = replicas + surge if replicas else 0
    left = allowed - total
    sizes = {item.name: item.desired for item in sets}
    ranked = sorted(sets, key=lambda item: item.desired, reverse=True)
    for item in ranked:
        share = round(item.desired * (allowed - total) / total) if total else left
        share = max(min(share, left), 0) if left > 0 else min(max(share, left), 0)
        sizes[item.name] = max(item.desired + share, 0)
        left -= share
    sizes[ranked[0].name] = max(sizes[ranked[0].name] + left, 0)
    return sizes
