"""Init containers that run and do not finish: what they wait for."""

from collections.abc import Iterator
from datetime import timedelta

from tools.contract import Evidence
from tools.diagnosis.facts import excerpt, field_fact, log_fact, subject_of
from tools.diagnosis.log_lines import last_words
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations

_PATIENCE = timedelta(minutes=2)


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each init container (no sidecar) that has been running for longer than a start should take."""
    for view in observations.containers():
        running = view.status.state.running
        if not view.init or view.is_sidecar() or running is None or running.started_at is None:
            continue
        if observations.at - running.started_at >= _PATIENCE:
            yield _finding(observations, view)


def _finding(observations: Observations, view: ContainerView) -> Finding:
    running = view.status.state.running
    assert running is not None
    log = observations.log_of(view.pod.name, view.name)
    last = last_words(log.lines) if log else None
    said = f'; its last words are "{excerpt(last.text, 140)}"' if last else ""
    state = field_fact(
        view.pod, view.where("state.running"), "running, not finished", running.started_at or observations.at
    )
    facts: tuple[Evidence, ...] = (state,)
    if last:
        facts += (log_fact(last, observations.namespace, observations.at),)
    return Finding(
        cause="init-not-complete",
        title=f"the init container {view.name} does not finish, so the pod does not start{said}",
        subject=subject_of(view.pod),
        evidence=facts,
        confidence=0.7,
        next_steps=(f"Find out what the init container {view.name} waits for, in its log and command.",),
        since=running.started_at,
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )
