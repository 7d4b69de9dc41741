"""Probes that are missing, or that do harm."""

from collections.abc import Iterator

from tools.cluster.models.pods import Container, Probe
from tools.diagnosis.advice.models import Recommendation, Subject
from tools.diagnosis.revisions import probe_target

_KILLING = {"probe-liveness-failed": "liveness", "probe-startup-failed": "startup"}
_PATIENT = 10  # failures in a row: 100 s with the default period
_HASTY_SECONDS = 30  # a liveness probe that kills within this has no patience with a pause


def advise(subject: Subject) -> Iterator[Recommendation]:
    """Timing that kills a slow start, readiness that is missing, liveness that asks what readiness asks."""
    yield from _hasty(subject)
    for container in subject.containers:
        if subject.serves and container.readiness_probe is None and container.ports:
            yield _without_readiness(subject, container)
        if container.liveness_probe and container.readiness_probe and container.startup_probe is None:
            yield from _same(subject, container, container.liveness_probe, container.readiness_probe)


def _where(container: Container, probe: str) -> str:
    return f"spec.template.spec.containers[{container.name}].{probe}Probe"


def _hasty(subject: Subject) -> Iterator[Recommendation]:
    """The present failure is a probe that ends the container: give it time while the cause is looked for."""
    root = subject.diagnosis.root_cause
    name = _KILLING.get(root.cause) if root else None
    container = next((one for one in subject.containers if root and root.key.startswith(f"{one.name} ")), None)
    container = container or (subject.containers[0] if len(subject.containers) == 1 else None)
    probe = getattr(container, f"{name}_probe", None) if container and name else None
    if root is None or container is None or probe is None or probe.failure_threshold >= _PATIENT:
        return
    yield Recommendation(
        topic="probes",
        weight="high",
        title=f"Let the {name} probe of {container.name} fail {_PATIENT} times before it restarts the container",
        reason=f"it restarts it after {probe.failure_threshold} failures, which may cut off a slow start",
        risk="a container that hangs is restarted later",
        evidence=(*root.evidence[:2], subject.fact(_where(container, str(name)), _timing(probe))),
        action=subject.call(
            "set_probe_timing",
            f"Let the {name} probe of {container.name} fail {_PATIENT} times",
            container=container.name,
            probe=name,
            failure_threshold=_PATIENT,
        ),
        fixes=True,
    )


def _without_readiness(subject: Subject, container: Container) -> Recommendation:
    return Recommendation(
        topic="probes",
        weight="high",
        title=f"Give {container.name} a readiness probe",
        reason="it gets traffic as soon as its process starts, and keeps it when it cannot answer",
        risk="one that asks for too much takes a working pod out of service",
        evidence=(subject.fact(_where(container, "readiness"), "none set"),),
    )


def _same(subject: Subject, container: Container, liveness: Probe, readiness: Probe) -> Iterator[Recommendation]:
    patience = liveness.period_seconds * liveness.failure_threshold
    if probe_target(liveness) != probe_target(readiness) or patience > _HASTY_SECONDS:
        return
    yield Recommendation(
        topic="probes",
        weight="medium",
        title=f"Make the liveness probe of {container.name} more patient than its readiness probe",
        reason=f"both ask {probe_target(liveness)}: when that fails for {patience} s the container is restarted, "
        "also when only something it depends on is slow",
        risk="a container that hangs is restarted later",
        evidence=(
            subject.fact(_where(container, "liveness"), _timing(liveness)),
            subject.fact(_where(container, "readiness"), _timing(readiness)),
        ),
        action=subject.call(
            "set_probe_timing",
            f"Let the liveness probe of {container.name} fail {_PATIENT} times",
            container=container.name,
            probe="liveness",
            failure_threshold=_PATIENT,
        ),
    )


def _timing(probe: Probe) -> str:
    return (
        f"{probe_target(probe)}, after {probe.initial_delay_seconds} s, every {probe.period_seconds} s, "
        f"timeout {probe.timeout_seconds} s, {probe.failure_threshold} failures"
    )
