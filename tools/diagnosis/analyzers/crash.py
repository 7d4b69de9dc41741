"""Containers whose process ends by itself: crash loops, and entrypoints that cannot be started."""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.cluster.models.pods import Terminated
from tools.contract import Evidence, SuggestedAction
from tools.diagnosis.analyzers.start import start_error
from tools.diagnosis.exit_codes import EXIT_CODES, meaning
from tools.diagnosis.facts import (
    ended_fact,
    excerpt,
    field_fact,
    log_fact,
    not_ready_since,
    subject_of,
    waiting_fact,
)
from tools.diagnosis.killed import killed_by_probe
from tools.diagnosis.log_lines import decisive, hint, last_words
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations
from tools.logs.models import LogLine


def analyze(observations: Observations) -> Iterator[Finding]:
    """For each container that keeps ending: why, and the crash loop itself as a symptom."""
    for view in observations.containers():
        if view.waiting_reason() in {"RunContainerError", "StartError"} or view.keeps_ending(observations.at):
            yield from _findings(observations, view)


def _findings(observations: Observations, view: ContainerView) -> Iterator[Finding]:
    ended = view.ended()
    if view.waiting_reason() == "CrashLoopBackOff" or view.status.restart_count >= 2:
        yield _loop(observations, view, ended)
    if (ended and ended.reason == "OOMKilled") or killed_by_probe(observations, view):
        return
    line = _line(observations, view)
    start = start_error(observations, view, line)
    if start:
        yield start
    elif ended:
        yield from _exit(observations, view, ended, line)


def _line(observations: Observations, view: ContainerView) -> LogLine | None:
    log = observations.log_of(view.pod.name, view.name)
    return decisive(log.lines) if log else None


def _loop(observations: Observations, view: ContainerView, ended: Terminated | None) -> Finding:
    events = observations.container_events(view, "BackOff")
    waits = view.waiting_reason() == "CrashLoopBackOff"
    killed = ended is not None and ended.exit_code == 137 and ended.reason != "OOMKilled"
    return Finding(
        cause="crash-loop",
        title=_restarts(view, killed),
        explanation="Kubernetes waits longer after each restart (back-off)." if waits else "",
        subject=subject_of(view.pod),
        evidence=(waiting_fact(view, observations.at) if waits else ended_fact(view, observations.at),),
        confidence=0.6,
        next_steps=(f"Read the log of the previous run of container {view.name}.",),
        since=not_ready_since(view, observations) if not events else events[0].first_seen,
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _restarts(view: ContainerView, killed: bool) -> str:
    count = view.status.restart_count
    times = "once" if count == 1 else f"{count} times"
    if killed:  # nothing else says why
        end = "last by SIGKILL (exit code 137) that was not for memory"
        return f"the container {view.name} keeps ending and was restarted {times}, {end}"
    alone = len(view.pod.spec.containers) == 1 and not view.init
    return f"{'it' if alone else f'the container {view.name}'} was restarted {times}"


@dataclass(frozen=True)
class _Exit:
    cause: str
    title: str
    confidence: float
    step: str


def _exit(
    observations: Observations, view: ContainerView, ended: Terminated, line: LogLine | None
) -> Iterator[Finding]:
    verdict = _judge(view, ended, line, _last_words(observations, view))
    if verdict is None:
        return
    meant = hint(line.text) if line else None
    evidence = [ended_fact(view, observations.at)]
    evidence += [log_fact(line, observations.namespace, observations.at)] if line else _message_fact(observations, view)
    yield Finding(
        cause=verdict.cause,
        title=verdict.title,
        explanation=_explain(observations, ended, line),
        subject=subject_of(view.pod),
        evidence=tuple(evidence),
        confidence=verdict.confidence,
        next_steps=(meant.next_step if meant else verdict.step,),
        actions=_actions(observations, meant.says if meant else ""),
        since=not_ready_since(view, observations),
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _last_words(observations: Observations, view: ContainerView) -> str:
    log = observations.log_of(view.pod.name, view.name)
    last = last_words(log.lines) if log else None
    return excerpt(last.text, 160) if last else ""


def _judge(view: ContainerView, ended: Terminated, line: LogLine | None, last: str) -> _Exit | None:
    kind, code = ("init container" if view.init else "container"), ended.exit_code
    name, read = f"the {kind} {view.name}", f"Read the log of the previous run of container {view.name}."
    if code == 0:
        step = "Keep the process in the foreground, or run it as a Job if it is meant to end."
        return _Exit("app-completed-but-restarted", f"{name} ends without an error and is started again", 0.93, step)
    if code in {132, 134, 135, 136, 139}:
        return _Exit("app-exit-segv", f"{name} crashes: {EXIT_CODES[code]}, exit code {code}", 0.93, read)
    if ended.reason in {"ContainerStatusUnknown", "Unknown"}:
        return _Exit(
            "container-status-unknown",
            f"the node lost track of {name}: it or its container runtime was restarted",
            0.9,
            "Wait for the replacement; ask the platform team if the node was not restarted on purpose.",
        )
    if code in {137, 143}:
        return None  # ended from outside: probes, nodes and memory say by whom; the crash loop is the symptom
    meant = hint(line.text) if line else None
    because = f': "{excerpt(line.text, 160)}"' if line else f'; its last words are "{last}"' if last else ""
    cause = meant.cause if meant and meant.cause else "app-exit-error"
    return _Exit(cause, f"{name} ends with exit code {code}{because}", 0.92 if line else 0.7, read)


def _explain(observations: Observations, ended: Terminated, line: LogLine | None) -> str:
    meant = hint(line.text) if line else None
    if line:
        return f"That means that {meant.says}." if meant else meaning(ended.exit_code)
    unread = observations.lacks("logs")
    why = "its log could not be read" if unread else "its log names no reason"
    return f"{meaning(ended.exit_code)} What made it end is not known: {why}.".strip()


def _message_fact(observations: Observations, view: ContainerView) -> list[Evidence]:
    log = observations.log_of(view.pod.name, view.name)
    last = last_words(log.lines) if log else None
    if last:
        return [log_fact(last, observations.namespace, observations.at)]
    command = " ".join([*view.spec.command, *view.spec.args])
    where = f"spec.containers[{view.name}].command"
    return [field_fact(view.pod, where, command, observations.at)] if command else []


def _actions(observations: Observations, says: str) -> tuple[SuggestedAction, ...]:
    if "credentials" not in says or observations.workload is None:
        return ()
    label = f"Restart {observations.target.name}, so that it reads its credentials again"
    return (SuggestedAction(label=label, tool="restart_workload", args=observations.call_args(), risk="low"),)
