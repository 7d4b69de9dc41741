"""Whether the kubelet killed a container because of its probe. Pure."""

from datetime import timedelta

from tools.cluster.models.events import Event
from tools.diagnosis import strings
from tools.diagnosis.observations import ContainerView, Observations, seen

_STOPPED = frozenset({0, 137, 143})  # how a process ends that was asked to stop, then killed
_SLACK = timedelta(seconds=60)


def killed_by_probe(observations: Observations, view: ContainerView) -> Event | None:
    """The Killing event of a failed liveness or startup probe that ended its last run, or None."""
    ended = view.ended()
    kills = [
        event for event in observations.container_events(view, "Killing") if strings.PROBE_KILL.search(event.message)
    ]
    if not kills or ended is None:
        return kills[-1] if kills else None
    last = kills[-1]
    grace = timedelta(seconds=view.pod.spec.termination_grace_period_seconds) + _SLACK
    near = ended.finished_at is None or abs(ended.finished_at - seen(last, observations.at)) <= grace
    return last if ended.exit_code in _STOPPED or (near and ended.exit_code != 1) else None
