"""The Argo CD Application that declares the workload (argoproj.io/v1alpha1): remarks, a pod's failure is its own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tools.cluster.models.custom import Custom
from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.facts import condition_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_CONDITIONS = {
    "ComparisonError": ("argocd-comparison-error", "cannot render or compare its manifests"),
    "InvalidSpecError": ("argocd-invalid-spec", "is not valid"),
    "SyncError": ("argocd-sync-failed", "could not apply its manifests"),
    "DeletionError": ("argocd-deletion-error", "cannot be deleted"),
    "SharedResourceWarning": ("argocd-warnings", "shares objects with another Application"),
    "RepeatedResourceWarning": ("argocd-warnings", "declares an object twice"),
    "ExcludedResourceWarning": ("argocd-warnings", "declares objects that Argo CD is told to leave out"),
    "OrphanedResourceWarning": ("argocd-warnings", "has orphaned objects"),
}
_HEALTH = {"Degraded": "argocd-degraded", "Missing": "argocd-missing", "Suspended": "argocd-suspended"}
_LONG = timedelta(minutes=10)  # a rollout's default deadline


def analyze(observations: Observations) -> Iterator[Finding]:
    """What keeps the Application from bringing its newest manifests to the cluster, then how it stands."""
    for application in observations.platform.of_kind("Application"):
        found = (*_conditions(observations, application), *_operation(observations, application))
        yield from found
        yield from _standing(observations, application)


def _conditions(observations: Observations, application: Custom) -> Iterator[Finding]:
    for condition in application.conditions():
        if condition.type in _CONDITIONS:
            cause, words = _CONDITIONS[condition.type]
            fact = condition_fact(application, condition, observations.at)
            yield _finding(application, cause, f"{words}: {excerpt(condition.message, 160)}", fact)


def _operation(observations: Observations, application: Custom) -> Iterator[Finding]:
    state: dict[str, Any] = application.status.get("operationState") or {}
    if state.get("phase") not in {"Failed", "Error"}:
        return
    message = str(state.get("message") or "")
    mine = [one for one in (state.get("syncResult") or {}).get("resources") or () if one.get("status") == "SyncFailed"]
    mine.sort(
        key=lambda one: (one.get("kind"), one.get("name")) != (observations.target.kind, observations.target.name)
    )
    detail = str(mine[0].get("message") or "") if mine else ""
    window = "blocked by sync window" in message
    hit = strings.match(strings.APPLY, detail or message)
    cause = "argocd-sync-window" if window else "argocd-sync-failed"
    words = (
        "waits for its sync window" if window else f"could not apply its manifests: {excerpt(detail or message, 160)}"
    )
    fact = field_fact(
        application, "status.operationState", f"{state.get('phase')}: {message or detail}", observations.at
    )
    yield _finding(application, cause, words, fact)
    if hit and not window:
        yield _finding(
            application, hit[0].cause, f"declares a change that the API server refuses: {hit[0].cause}", fact
        )


def _standing(observations: Observations, application: Custom) -> Iterator[Finding]:
    health: dict[str, Any] = application.status.get("health") or {}
    status = str(health.get("status") or "")
    fact = field_fact(application, "status.health.status", f"{status} {health.get('message') or ''}", observations.at)
    if status in _HEALTH:
        yield _finding(application, _HEALTH[status], f"reports the health {status}", fact)
    since = application.status.get("reconciledAt")
    if status == "Progressing" and not observations.all_fine() and since and _is_long(observations):
        yield _finding(application, "argocd-progressing-stuck", "has been rolling out for long", fact)
    sync: dict[str, Any] = application.status.get("sync") or {}
    if sync.get("status") == "OutOfSync":
        fact = field_fact(application, "status.sync.status", "OutOfSync", observations.at)
        yield _finding(
            application, "argocd-out-of-sync", "is not in sync: the cluster differs from what is declared", fact
        )


def _is_long(observations: Observations) -> bool:
    progress = observations.workload.condition("Progressing") if observations.workload else None
    moved = progress.last_update_time if progress else None
    return moved is not None and observations.at - moved > _LONG


def _finding(application: Custom, cause: str, words: str, evidence: Evidence) -> Finding:
    return Finding(
        cause=cause,
        role="info",
        title=f"the Argo CD Application {application.name} {words}",
        subject=subject_of(application),
        evidence=(evidence,),
        confidence=0.93,
        next_steps=(f"Correct the manifests of the Application {application.name} where they are declared.",),
        since=evidence.at,
        key=application.name,
    )
