"""What is not a failure: a past restart, a pause on purpose, a start under way."""

from collections.abc import Iterator

from tools.diagnosis.facts import ended_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One note for each container that failed in the past and has been fine since."""
    for view in observations.containers():
        ended = view.status.last_state.terminated
        if view.init or ended is None or view.status.restart_count == 0 or view.keeps_ending(observations.at):
            continue
        if not view.status.ready:
            continue
        when = f" on {ended.finished_at:%Y-%m-%d at %H:%M} UTC" if ended.finished_at else ""
        yield Finding(
            cause="recovered",
            title=f"the container {view.name} was restarted last{when} ({ended.reason or 'no reason'}), and runs since",
            subject=subject_of(view.pod),
            evidence=(ended_fact(view, observations.at),),
            confidence=0.9,
            since=ended.finished_at,
            pods=(view.pod.name,),
            container=view.name,
            key=f"{view.name} {ended.reason}",
        )
