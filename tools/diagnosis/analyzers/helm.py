"""The Helm release that installed the workload, where Helm keeps its history in ConfigMaps. Secrets are never read."""

from collections.abc import Iterator
from datetime import timedelta

from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_STUCK = timedelta(minutes=10)  # longer than helm's default --timeout of 5 minutes


def analyze(observations: Observations) -> Iterator[Finding]:
    """The newest revision of the release: failed, or pending for longer than an upgrade takes."""
    newest = max(observations.platform.releases, key=lambda one: _version(one.metadata.labels), default=None)
    if newest is None:
        return
    labels = newest.metadata.labels
    name, status, version = labels.get("name", newest.name), labels.get("status", ""), labels.get("version", "")
    born = newest.metadata.creation_timestamp
    if status == "failed":
        cause, words = "helm-failed", f"revision {version} of the Helm release {name} failed"
    elif status.startswith("pending-") and born and observations.at - born > _STUCK:
        cause, words = "helm-pending", f"the Helm release {name} is stuck in {status}, so it refuses every new upgrade"
    else:
        return
    yield Finding(
        cause=cause,
        role="info",
        title=words,
        subject=subject_of(newest),
        evidence=(
            field_fact(newest, "metadata.labels[status]", f"{status}, version {version}", born or observations.at),
        ),
        confidence=0.93,
        next_steps=(f"Roll the Helm release {name} back to its last deployed revision, then upgrade again.",),
        since=born,
        key=name,
    )


def _version(labels: dict[str, str]) -> int:
    text = labels.get("version", "")
    return int(text) if text.isdigit() else 0
