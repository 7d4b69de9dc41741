"""The first sentence of an answer. Pure."""

from collections.abc import Iterable

from tools.diagnosis.models import Finding, Health, WhatChanged
from tools.diagnosis.observations import Observations
from tools.diagnosis.state import State

CONCERNS = frozenset(
    (
        *("app-dependency-unreachable", "log-errors", "hpa-at-max", "hpa-no-metrics", "hpa-scale-failed"),
        *("cert-manager-not-ready", "eso-sync-error", "argocd-sync-failed", "argocd-comparison-error"),
        *("argocd-invalid-spec", "argocd-sync-window", "flux-build-failed", "flux-artifact-failed", "flux-dependency"),
        *("flux-reconciliation-failed", "flux-git", "flux-helm-failed", "flux-stalled", "helm-failed", "helm-pending"),
    )
)  # what may trouble the callers of a healthy workload, or keeps its next version from coming
GUESS = 0.5  # below this confidence a finding is no answer

_VERBS = {
    "image": "cannot start",
    "config": "cannot start",
    "container-runtime": "cannot start",
    "volume": "cannot start",
    "network": "cannot start",
    "resources": "keeps running out of memory",
    "app": "keeps crashing",
    "scheduling": "cannot be placed on a node",
    "admission": "cannot create its pods",
    "quota": "cannot create its pods",
    "probe": "is not ready",
    "node": "has trouble with a node",
    "service": "cannot be reached",
    "rollout": "is not rolled out",
    "job": "failed",
}
_BY_CAUSE = {
    "probe-liveness-failed": "keeps being restarted",
    "probe-startup-failed": "keeps being restarted",
    "app-dependency-unreachable": "fails",
    "dns-failure": "fails",
    "network-policy-blocked": "fails",
    "disk-full": "keeps crashing",
    "cert-expired-app": "fails",
    "pod-evicted-ephemeral": "lost pods",
    "rollout-paused": "is paused",
    "pvc-lost": "lost its data volume",
}


def health_of(state: State, root: Finding | None, *, is_job: bool, pods_read: bool) -> Health:
    """One word for it. A root cause that is only information leaves the state as its counts say."""
    if root is not None and root.role != "info":
        return "failed" if is_job else "down" if state.ready == 0 else "degraded"
    if state.idle:
        return "idle"
    if state.whole:
        return "healthy"
    return "progressing" if state.moving and pods_read else "unknown"


def headline(
    observations: Observations, state: State, root: Finding | None, health: Health, change: WhatChanged | None = None
) -> str:
    """Who, what and why in one sentence or two."""
    name, where = observations.target.name, observations.namespace
    if root is not None and health in {"down", "degraded", "failed"}:
        if root.confidence < GUESS:
            return f"Why {name} is not well in {where} could not be told: {root.title}."
        stand = _stand(observations, state, health)
        first = f"{_lead(observations, state, root)}: {root.title}."
        return " ".join(filter(None, (first, stand, _onset(observations, root, change))))
    match health:
        case "healthy":
            return f"{name} is healthy in {where}: {state.says}."
        case "idle":
            return f"{name} is {_idle(observations)} in {where}, so nothing runs. That is a setting, not a failure."
        case "progressing":
            return f"{name} is still starting or rolling out in {where}: {state.says}. Nothing has failed so far."
        case _:
            return f"What is wrong with {name} in {where} could not be told: {state.says}."


def remark(notes: Iterable[Finding]) -> str:
    """A dependency that is down is worth a word although the workload itself is well; "" when none is."""
    return next((f" But {note.title}." for note in notes if note.cause in CONCERNS), "")


def _lead(observations: Observations, state: State, root: Finding) -> str:
    name, where = observations.target.name, observations.namespace
    verb = _BY_CAUSE.get(root.cause) or _VERBS.get(root.layer, "has a problem")
    if only_new_version(observations, root) and state.ready > 0:
        return f"The new version of {name} {verb} in {where}"
    if observations.workload and state.ready and root.layer in {"admission", "quota"}:
        return f"{name} has only {state.ready} of {state.wanted} pods in {where}, and cannot create more"
    if observations.workload and 0 < state.ready < state.wanted:
        return f"{state.wanted - state.ready} of {state.wanted} pods of {name} fail in {where}"
    return f"{name} {verb} in {where}"


def only_new_version(observations: Observations, root: Finding) -> bool:
    """Whether only pods of the current template show it, while others of an older template live."""
    named = [pod for pod in observations.live_pods() if pod.name in root.pods]
    older = [pod for pod in observations.live_pods() if not observations.is_current(pod)]
    return bool(named) and bool(older) and all(observations.is_current(pod) for pod in named)


def _stand(observations: Observations, state: State, health: Health) -> str:
    if health == "failed":
        return ""
    verb = "is" if state.ready == 1 else "are"
    said = state.says.replace("pods ready", f"pods {verb} ready", 1)
    still = ", while the version before still serves" if state.ready and _has_old(observations) else ""
    return f"{said}{still}."


def _onset(observations: Observations, root: Finding, change: WhatChanged | None) -> str:
    if root.since is None or root.since > observations.at:
        return ""
    minutes = int((observations.at - root.since).total_seconds() // 60)
    ago = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
    when = f"It began {ago} ago ({root.since:%Y-%m-%d %H:%M} UTC)"
    if change is None or not change.explains:
        return f"{when}."
    if change.configuration:
        return f"{when}, after the {change.configuration} was changed."
    what = f", which changed {' and '.join(change.named)}" if change.named else ""
    return f"{when}, with the rollout of revision {change.revision}{what}."


def _has_old(observations: Observations) -> bool:
    return any(pod.is_ready() and not observations.is_current(pod) for pod in observations.live_pods())


def _idle(observations: Observations) -> str:
    return "scaled to zero" if observations.workload else "suspended"
