"""Probes that fail: pods without traffic, and containers that are killed for it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from tools.cluster.models.events import Event
from tools.cluster.models.pods import Probe
from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.facts import event_fact, excerpt, field_fact, log_fact, subject_of
from tools.diagnosis.killed import killed_by_probe
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations
from tools.diagnosis.probe_words import describe, resolved_port, target
from tools.logs.models import LogLine

_SETTLE = timedelta(minutes=2)  # a container that runs shorter than this may still be starting
_LISTENS = re.compile(
    r"(?i)\b(?:listen(?:ing|s)?|serving|started|running|bound|ready)\b[^\n]{0,60}?(?:port[ :=]+|:)(?P<port>\d{2,5})\b"
)
KINDS = ("startup", "liveness", "readiness")


def analyze(observations: Observations) -> Iterator[Finding]:
    """For each container and kind of probe that fails now: that it fails, and the misconfiguration that explains it."""
    for view in observations.containers():
        if view.init and not view.is_sidecar():
            continue
        for kind in KINDS:
            yield from _probe(observations, view, kind)


def _probe(observations: Observations, view: ContainerView, kind: str) -> Iterator[Finding]:
    probe = _spec(view, kind)
    failures = tuple(one for one in observations.container_events(view, "Unhealthy") if _kind(one) == kind)
    kill = killed_by_probe(observations, view)
    killed = kill is not None and f"failed {kind} probe" in kill.message
    if not _matters(observations, view, kind, failures, killed):
        return
    why = _why(failures[-1]) if failures else ""
    yield _failed(observations, view, kind, failures, kill if killed else None)
    if probe:
        yield from _misconfigured(observations, view, kind, probe, why, failures)


def _matters(
    observations: Observations, view: ContainerView, kind: str, failures: tuple[Event, ...], killed: bool
) -> bool:
    """Whether it fails now: an old event of a container that is fine today is no finding."""
    if kind == "readiness":
        running = view.status.state.running
        if view.status.ready or running is None:
            return False
        return bool(failures) or (_spec(view, kind) is not None and _late(observations, view))
    if killed:
        return view.keeps_ending(observations.at)
    return bool(failures) and not view.status.ready and view.status.state.running is not None


def _late(observations: Observations, view: ContainerView) -> bool:
    """Not ready although the probe had all the time it needs."""
    probe, running = view.spec.readiness_probe, view.status.state.running
    if probe is None or running is None or running.started_at is None or view.status.started is False:
        return False
    budget = timedelta(seconds=probe.initial_delay_seconds + probe.period_seconds * (probe.failure_threshold + 1))
    return observations.at - running.started_at > max(budget, _SETTLE)


def _failed(
    observations: Observations, view: ContainerView, kind: str, failures: tuple[Event, ...], kill: Event | None
) -> Finding:
    probe, last = _spec(view, kind), failures[-1] if failures else None
    words = describe(_why(last) if last else "", probe)
    effect = "so it is restarted again and again" if kill else "so it gets no traffic" if kind == "readiness" else ""
    asks = f" ({target(probe)})" if probe else ""
    title = f"the {kind} probe of the container {view.name}{asks} fails: {words.says}"
    evidence = [event_fact(one, observations.at) for one in (last, kill) if one]
    evidence += [] if last else [_condition(observations, view)]
    return Finding(
        cause=f"probe-{kind}-failed",
        title=f"{title}, {effect}" if effect else title,
        explanation=_too_soon(view, kind, probe) if kill else "",
        subject=subject_of(view.pod),
        evidence=tuple(evidence),
        confidence=_confidence(observations, view, probe, failures, kill),
        next_steps=(words.next_step,),
        since=failures[0].first_seen if failures else _ready_changed(view),
        pods=(view.pod.name,),
        container=view.name,
        key=f"{view.name} {kind}",
    )


def _confidence(
    observations: Observations,
    view: ContainerView,
    probe: Probe | None,
    failures: tuple[Event, ...],
    kill: Event | None,
) -> float:
    if kill:
        return 0.93
    count = sum(event.count for event in failures)
    running = view.status.state.running
    young = bool(running and running.started_at and observations.at - running.started_at < _SETTLE)
    enough = count >= (probe.failure_threshold if probe else 3)
    return 0.92 if enough and not young else 0.85 if enough else 0.6


def _too_soon(view: ContainerView, kind: str, probe: Probe | None) -> str:
    ended = view.ended()
    if probe is None or ended is None or ended.started_at is None or ended.finished_at is None:
        return ""
    if view.spec.startup_probe and kind == "liveness":
        return ""
    lasted = (ended.finished_at - ended.started_at).total_seconds()
    allowed = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
    grace = view.pod.spec.termination_grace_period_seconds + probe.period_seconds
    if lasted > allowed + grace:
        return ""
    return (
        f"It is killed about {int(lasted)} s after each start, as soon as the probe allows ({allowed} s):"
        " it may need longer to start."
    )


def _misconfigured(
    observations: Observations,
    view: ContainerView,
    kind: str,
    probe: Probe,
    why: str,
    failures: tuple[Event, ...],
) -> Iterator[Finding]:
    code = strings.PROBE_STATUS.search(why)
    if code and code["code"].startswith("4") and probe.http_get:
        path = probe.http_get.path
        title = f"the {kind} probe asks for {path}, which the container {view.name} answers with HTTP {code['code']}"
        yield _specific(observations, view, kind, "probe-http-status", title, failures)
    elif probe.grpc and strings.PROBE_GRPC.search(why) and not strings.PROBE_REFUSED.search(why):
        title = f"the gRPC health service of the container {view.name} says that it does not serve: {excerpt(why, 100)}"
        yield _specific(observations, view, kind, "probe-grpc", title, failures)
    elif strings.PROBE_REFUSED.search(why):
        yield from _wrong_port(observations, view, kind, probe, failures)


def _wrong_port(
    observations: Observations, view: ContainerView, kind: str, probe: Probe, failures: tuple[Event, ...]
) -> Iterator[Finding]:
    port = resolved_port(probe, view.spec)
    declared = sorted({one.container_port for one in view.spec.ports})
    heard = _listening(observations, view)
    serves = [int(hit) for _, hit in heard] or declared
    if not serves or port in serves or (heard == [] and port in declared):
        return
    title = f"the {kind} probe asks port {port}, but the container {view.name} serves port {serves[0]}"
    found = _specific(observations, view, kind, "probe-wrong-port", title, failures)
    where = f"spec.containers[{view.name}].ports"
    said = ", ".join(str(one) for one in declared) or "none declared"
    facts = [field_fact(view.pod, where, said, observations.at)]
    facts += [log_fact(line, observations.namespace, observations.at) for line, _ in heard[:1]]
    yield found.model_copy(update={"evidence": (*found.evidence, *facts)})


def _specific(
    observations: Observations,
    view: ContainerView,
    kind: str,
    cause: str,
    title: str,
    failures: tuple[Event, ...],
) -> Finding:
    probe = _spec(view, kind)
    step = f"Correct the {kind} probe of {view.name} ({target(probe) if probe else kind}) in the manifest."
    where = f"spec.containers[{view.name}].{kind}Probe"
    return Finding(
        cause=cause,
        title=title,
        subject=subject_of(view.pod),
        evidence=(
            *(event_fact(one, observations.at) for one in failures[-1:]),
            field_fact(view.pod, where, target(probe) if probe else "", observations.at),
        ),
        confidence=0.92,
        next_steps=(step,),
        since=failures[0].first_seen if failures else None,
        pods=(view.pod.name,),
        container=view.name,
        key=f"{view.name} {title}",
    )


def _listening(observations: Observations, view: ContainerView) -> list[tuple[LogLine, str]]:
    logs = [log for log in observations.logs if (log.pod, log.container) == (view.pod.name, view.name)]
    hits = [(line, _LISTENS.search(line.text)) for log in logs for line in log.lines]
    return [(line, hit["port"]) for line, hit in hits if hit]


def _condition(observations: Observations, view: ContainerView) -> Evidence:
    text = f"ready=false, started={view.status.started}, running"
    return field_fact(view.pod, view.where("ready"), text, _ready_changed(view) or observations.at)


def _ready_changed(view: ContainerView) -> datetime | None:
    ready = view.pod.condition("Ready")
    return ready.last_transition_time if ready else view.pod.metadata.creation_timestamp


def _spec(view: ContainerView, kind: str) -> Probe | None:
    probes = {
        "startup": view.spec.startup_probe,
        "liveness": view.spec.liveness_probe,
        "readiness": view.spec.readiness_probe,
    }
    return probes[kind]


def _kind(event: Event) -> str:
    hit = strings.PROBE.match(event.message)
    return hit["kind"].lower() if hit else ""


def _why(event: Event) -> str:
    hit = strings.PROBE.match(event.message)
    return excerpt(hit["why"], 300) if hit else ""
