"""Errors in the log of a workload whose pods are all ready: readiness is not the whole truth."""

from collections.abc import Iterator
from datetime import timedelta

from tools.diagnosis.facts import excerpt, log_fact
from tools.diagnosis.log_lines import hint, weigh
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerLog, Observations
from tools.logs.models import LogLine

FRESH = timedelta(minutes=15)  # an older error of a workload that is ready now is history
ENOUGH = 3  # one or two errors happen to everything
_ERROR = 6  # weight of a line that is written as an error


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each log that shows errors again and again now: a cause when its kind is known, else a remark."""
    if not observations.all_fine():
        return
    for log in observations.logs:
        fresh = [line for line in log.lines if line.at and observations.at - line.at <= FRESH]
        errors = [line for line in fresh if weigh(line.text) >= _ERROR]
        known = [line for line in fresh if (meant := hint(line.text)) and meant.cause]
        if len(known) >= ENOUGH:
            yield _known(observations, log, known)
        elif len(errors) >= ENOUGH:
            yield _remark(observations, log, errors)


def _known(observations: Observations, log: ContainerLog, lines: list[LogLine]) -> Finding:
    last = lines[-1]
    meant = hint(last.text)
    assert meant is not None
    return Finding(
        cause=meant.cause,
        title=f'its pods are ready, but its log says again and again that {meant.says}: "{excerpt(last.text, 140)}"',
        subject=f"Pod {observations.namespace}/{log.pod}",
        evidence=(log_fact(last, observations.namespace, observations.at),),
        confidence=0.85,
        next_steps=(meant.next_step,),
        since=lines[0].at,
        pods=(log.pod,),
        container=log.container,
        key=log.container,
    )


def _remark(observations: Observations, log: ContainerLog, lines: list[LogLine]) -> Finding:
    last, said = lines[-1], excerpt(lines[-1].text, 140)
    return Finding(
        cause="log-errors",
        title=f'the log of {log.container} shows {len(lines)} errors in the last 15 minutes, last "{said}"',
        subject=f"Pod {observations.namespace}/{log.pod}",
        evidence=(log_fact(last, observations.namespace, observations.at),),
        confidence=0.6,
        next_steps=("Read its log: the pods are ready, so the errors come from what it does.",),
        since=lines[0].at,
        pods=(log.pod,),
        container=log.container,
        key=log.container,
    )
