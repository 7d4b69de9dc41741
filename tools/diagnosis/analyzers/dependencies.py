"""What the workload calls and cannot reach. One look behind: why the other side is not there."""

from collections.abc import Iterator
from difflib import get_close_matches

from tools.contract import Evidence
from tools.diagnosis.analyzers.calls import cut_by_policy, line_fact, mute_dns, pods_that_say_it
from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.log_lines import decisive
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Dependency, Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each dependency that a log line names and that cannot be reached, or that has no ready pod."""
    for dependency in observations.dependencies:
        found = _dependency(observations, dependency)
        if found:
            yield found


def _dependency(observations: Observations, dependency: Dependency) -> Finding | None:
    if not dependency.known:
        return None
    if dependency.service is None:
        mute = mute_dns(observations, dependency)
        return mute or _unknown(observations, dependency) if dependency.decisive else None
    if dependency.service.spec.type == "ExternalName":
        return None
    ready = dependency.ready()
    if ready == 0:
        return _down(observations, dependency)
    if not dependency.decisive:
        return None
    return (
        _wrong_port(observations, dependency)
        or cut_by_policy(observations, dependency)
        or mute_dns(observations, dependency)
        or _up(observations, dependency, ready)
    )


def _down(observations: Observations, dependency: Dependency) -> Finding:
    name = dependency.host
    behind = dependency.behind
    cause = dependency.why
    because = f": {cause.title.replace('which it ', f'which {name} ', 1)}" if cause else ""
    replicas = behind.workload.desired() if behind and behind.workload else None
    if replicas == 0:
        because = ": it is scaled to zero"
    said = dependency.source == "log"
    title = f"{name}, which it {'calls' if said else 'is configured to call'}, has no ready pod{because}"
    service = dependency.service
    assert service is not None
    facts = [
        line_fact(observations, dependency),
        field_fact(service, "EndpointSlices", "no ready endpoint", observations.at),
    ]
    return Finding(
        cause="app-dependency-unreachable",
        title=title,
        role="info" if observations.all_fine() and not said else "cause",
        subject=subject_of(service),
        evidence=(*facts, *(cause.evidence[:2] if cause else _scaled(behind, replicas, observations))),
        confidence=0.95 if said else _guess(observations),
        next_steps=_steps(name, cause, replicas),
        since=dependency.at or (cause.since if cause else None),
        pods=pods_that_say_it(observations, dependency),
        key=name,
    )


def _guess(observations: Observations) -> float:
    """A setting alone proves little, and less when a log already says why a container ends."""
    return 0.55 if any(decisive(log.lines) for log in observations.logs) else 0.62


def _scaled(behind: Observations | None, replicas: int | None, observations: Observations) -> tuple[Evidence, ...]:
    if behind is None or behind.workload is None or replicas != 0:
        return ()
    return (field_fact(behind.workload, "spec.replicas", "0", observations.at),)


def _steps(name: str, cause: Finding | None, replicas: int | None) -> tuple[str, ...]:
    if replicas == 0:
        return (f"Scale {name} up, or ask its owner why it is scaled to zero.",)
    if cause is None:
        return (f"Find out why {name} has no ready pod: diagnose {name}.",)
    return tuple(f"For {name}: {step}" for step in cause.next_steps[:2])


def _unknown(observations: Observations, dependency: Dependency) -> Finding:
    host = dependency.host
    near = get_close_matches(host.split(".")[0], [one.name for one in observations.services], n=1, cutoff=0.6)
    if dependency.elsewhere:
        places = ", ".join(f"{host}.{namespace}" for namespace in dependency.elsewhere[:3])
        hint, step = (
            f"a Service of that name exists elsewhere: {places}",
            f"Use the full name ({places}), or deploy it here.",
        )
    elif near and dependency.in_cluster:
        hint, step = f"the nearest name is {near[0]}", f"Correct the name: is {near[0]} meant?"
    else:
        hint, step = "", f"Check that {host} is the right name, and that it can be reached from the cluster."
    resolving = dependency.in_cluster
    title = (
        f"it calls {host}, but {observations.namespace} has no Service of that name"
        if resolving
        else f"it cannot reach {host}, which lies outside the cluster"
    )
    return Finding(
        cause="dns-failure" if resolving or dependency.failed == "resolve" else "app-dependency-unreachable",
        title=f"{title} ({hint})" if hint else title,
        subject=f"host {host}",
        evidence=(line_fact(observations, dependency),),
        confidence=0.92 if resolving else 0.75,
        next_steps=(step,),
        since=dependency.at,
        pods=pods_that_say_it(observations, dependency),
        key=host,
    )


def _wrong_port(observations: Observations, dependency: Dependency) -> Finding | None:
    service = dependency.service
    offered = [port.port for port in service.spec.ports] if service else []
    if service is None or dependency.port is None or not offered or dependency.port in offered:
        return None
    listed = ", ".join(str(port) for port in offered)
    return Finding(
        cause="app-dependency-unreachable",
        title=f"it calls {dependency.host} on port {dependency.port}, but that Service offers port {listed}",
        subject=subject_of(service),
        evidence=(
            line_fact(observations, dependency),
            field_fact(service, "spec.ports[*].port", listed, observations.at),
        ),
        confidence=0.92,
        next_steps=(f"Correct the port in the setting that names {dependency.host}.",),
        since=dependency.at,
        pods=pods_that_say_it(observations, dependency),
        key=dependency.host,
    )


def _up(observations: Observations, dependency: Dependency, ready: int) -> Finding:
    service = dependency.service
    assert service is not None
    return Finding(
        cause="app-dependency-unreachable",
        role="info" if observations.all_fine() else "cause",
        title=f"it could not reach {dependency.host}, which has {ready} ready pods now",
        explanation="It may have been down for a moment, refuse this caller, or be cut off by a network policy.",
        subject=subject_of(service),
        evidence=(
            line_fact(observations, dependency),
            field_fact(service, "EndpointSlices", f"{ready} ready endpoints", observations.at),
        ),
        confidence=0.6,
        next_steps=(
            f"Restart the workload if it does not try again by itself, and look at the log of {dependency.host}.",
        ),
        since=dependency.at,
        pods=pods_that_say_it(observations, dependency),
        key=dependency.host,
    )
