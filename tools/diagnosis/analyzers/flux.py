"""The Flux objects that declare the workload: remarks, a pod's failure is its own."""

from collections.abc import Iterator

from tools.cluster.models.custom import FLUX_SOURCES, Custom
from tools.cluster.models.meta import Condition
from tools.diagnosis.facts import condition_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_REASONS = {
    "BuildFailed": ("flux-build-failed", "cannot build its manifests"),
    "ArtifactFailed": ("flux-artifact-failed", "has no source to apply"),
    "InvalidPath": ("flux-artifact-failed", "names a path that its source does not have"),
    "DependencyNotReady": ("flux-dependency", "waits for another one that is not ready"),
    "HealthCheckFailed": ("flux-health-check", "applied its manifests, but they did not become healthy"),
    "HealthCheckCanceled": ("flux-health-check", "was interrupted while it waited for health"),
    "ReconciliationFailed": ("flux-reconciliation-failed", "could not apply its manifests"),
    "PruneFailed": ("flux-reconciliation-failed", "could not remove what is no longer declared"),
    "Suspended": ("flux-suspended", "is suspended"),
}
_HELM = {
    "InstallFailed": "could not install its release",
    "UpgradeFailed": "could not upgrade its release",
    "RollbackFailed": "could not roll its release back",
    "UninstallFailed": "could not uninstall its release",
    "TestFailed": "applied its release, but its test failed",
    "ArtifactFailed": "has no chart to install",
}
_SOURCES = tuple(FLUX_SOURCES)


def analyze(observations: Observations) -> Iterator[Finding]:
    """Not ready, out of retries, drifted or suspended: Kustomizations, HelmReleases and their sources."""
    for thing in observations.platform.of_kind("Kustomization", "HelmRelease", *_SOURCES):
        if thing.spec.get("suspend"):
            fact = field_fact(thing, "spec.suspend", "true", observations.at)
            yield _finding(thing, "flux-suspended", "is suspended, so nothing new is applied").model_copy(
                update={"evidence": (fact,)}
            )
            continue
        yield from _conditions(observations, thing)


def _conditions(observations: Observations, thing: Custom) -> Iterator[Finding]:
    ready, stalled, drifted = (thing.condition(kind) for kind in ("Ready", "Stalled", "Drifted"))
    told = _say(thing, ready) if ready and ready.status == "False" else None
    if stalled and stalled.status == "True":
        yield _proven(observations, thing, stalled, "flux-stalled", "has given up")
    if told and ready:
        yield _proven(observations, thing, ready, *told)
    if drifted and drifted.status == "True":
        yield _proven(observations, thing, drifted, "flux-drift", "found that somebody changed what it applied")


def _say(thing: Custom, ready: Condition) -> tuple[str, str] | None:
    if ready.reason in {"Progressing", "ProgressingWithRetry"}:
        return None
    if thing.kind in _SOURCES:
        return "flux-git", "cannot be fetched"
    if thing.kind == "HelmRelease" and ready.reason in _HELM:
        return "flux-helm-failed", _HELM[ready.reason]
    return _REASONS.get(ready.reason, ("flux-reconciliation-failed", "is not ready"))


def _proven(observations: Observations, thing: Custom, condition: Condition, cause: str, words: str) -> Finding:
    said = excerpt(condition.message, 160)
    found = _finding(thing, cause, f"{words}: {said}" if said else words)
    facts = (condition_fact(thing, condition, observations.at),)
    return found.model_copy(update={"evidence": facts, "since": condition.last_transition_time})


def _finding(thing: Custom, cause: str, words: str) -> Finding:
    return Finding(
        cause=cause,
        role="info",
        title=f"the Flux {thing.kind} {thing.name} {words}",
        subject=subject_of(thing),
        evidence=(),
        confidence=0.93,
        next_steps=(f"Correct what the {thing.kind} {thing.name} names, where it is declared.",),
        key=f"{thing.kind} {thing.name}",
    )
