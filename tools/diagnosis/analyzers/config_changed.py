"""ConfigMaps that changed under running pods: variables keep the old values until the pods are made anew."""

from collections.abc import Iterator

from tools.contract import SuggestedAction
from tools.diagnosis.configuration import edits, stale
from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One remark for each ConfigMap that containers read at their start and that changed since."""
    for edit in edits(observations):
        old = list(stale(observations, edit))
        if not old:
            continue
        name = edit.configuration.name
        pods = tuple(dict.fromkeys(view.pod.name for view in old))
        yield Finding(
            cause="config-changed",
            title=f"the ConfigMap {name} was changed after its pods started: {len(pods)} still use the old values",
            subject=subject_of(edit.configuration),
            evidence=(
                field_fact(edit.configuration, "metadata.managedFields", f"last written by {edit.manager}", edit.at),
                field_fact(old[0].pod, old[0].where("state.running.startedAt"), _started(old[0]), edit.at),
            ),
            confidence=0.9,
            next_steps=(f"Restart {observations.target.name} if it is to use the new values.",),
            actions=_actions(observations),
            since=edit.at,
            pods=pods,
            key=name,
        )


def _started(view: ContainerView) -> str:
    running = view.status.state.running
    return f"{running.started_at:%Y-%m-%d %H:%M:%S} UTC" if running and running.started_at else ""


def _actions(observations: Observations) -> tuple[SuggestedAction, ...]:
    if observations.workload is None:
        return ()
    label = f"Restart {observations.target.name}, so that it reads its configuration again"
    return (SuggestedAction(label=label, tool="restart_workload", args=observations.call_args(), risk="low"),)
