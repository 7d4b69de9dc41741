"""Services in front of the workload: selectors, ports, endpoints."""

from collections.abc import Iterator
from datetime import timedelta

from tools.cluster.models.network import Service, ServicePort
from tools.contract import Evidence
from tools.diagnosis.choose import services_of
from tools.diagnosis.facts import event_fact, excerpt, field_fact, first_seen, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_PATIENCE = timedelta(minutes=5)  # a cloud takes a minute or two to make a load balancer


def analyze(observations: Observations) -> Iterator[Finding]:
    """For each Service meant for the workload: a selector or port that misses it, or no ready endpoint."""
    if observations.workload is None or observations.workload.desired() == 0 or "slices" in _unread(observations):
        return
    for service in services_of(observations):
        if service.spec.type != "ExternalName":
            yield from _service(observations, service)
        if service.spec.type == "LoadBalancer":
            yield from _load_balancer(observations, service)


def _unread(observations: Observations) -> set[str]:
    return {gap.name for gap in observations.gaps} | ({"slices"} - observations.read)


def _service(observations: Observations, service: Service) -> Iterator[Finding]:
    labels = observations.template.metadata.labels
    missing = {key: value for key, value in service.spec.selector.items() if labels.get(key) != value}
    ready, total = endpoints(observations, service)
    if missing:
        if total == 0:
            yield _mismatch(observations, service, missing)
        return
    unnamed = tuple(port for port in service.spec.ports if _unserved(observations, port))
    if unnamed:
        yield _port(observations, service, unnamed[0])
    if ready == 0 and not service.spec.publish_not_ready_addresses:
        yield _none_ready(observations, service, total)


def endpoints(observations: Observations, service: Service) -> tuple[int, int]:
    """(ready, all) endpoints of a Service, from its EndpointSlices."""
    mine = [one for one in observations.slices if one.metadata.labels.get("kubernetes.io/service-name") == service.name]
    every = [endpoint for one in mine for endpoint in one.endpoints]
    return sum(endpoint.is_ready() for endpoint in every), len(every)


def _mismatch(observations: Observations, service: Service, missing: dict[str, str]) -> Finding:
    labels = observations.template.metadata.labels
    wrong = ", ".join(f"{key}={value}" for key, value in sorted(missing.items()))
    mine = ", ".join(f"{key}={labels.get(key, '(not set)')}" for key in sorted(missing))
    whole = ", ".join(f"{key}={value}" for key, value in sorted(service.spec.selector.items()))
    return Finding(
        cause="service-selector-mismatch",
        title=f"the Service {service.name} selects no pod: it asks for {wrong}, the pods carry {mine}",
        explanation="Nothing that is sent to the Service reaches the workload.",
        subject=subject_of(service),
        evidence=(
            field_fact(service, "spec.selector", whole, observations.at),
            _labels_fact(observations, labels),
            field_fact(service, "EndpointSlices", "no endpoints", observations.at),
        ),
        confidence=0.93,
        next_steps=(f"Correct the selector of the Service {service.name}, or the labels of the pod template.",),
        key=service.name,
    )


def _labels_fact(observations: Observations, labels: dict[str, str]) -> Evidence:
    text = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
    owner = observations.workload
    assert owner is not None
    return field_fact(owner, "spec.template.metadata.labels", text, observations.at)


def _unserved(observations: Observations, port: ServicePort) -> bool:
    """Whether no container declares the port. A name must be declared; a number need not, so others must be."""
    containers = observations.template.spec.containers
    declared = [one for container in containers for one in container.ports]
    wanted = port.target_port if port.target_port is not None else port.port
    if isinstance(wanted, str) and not wanted.isdigit():
        return all(one.name != wanted for one in declared)
    return bool(declared) and all(one.container_port != int(wanted) for one in declared)


def _port(observations: Observations, service: Service, port: ServicePort) -> Finding:
    wanted = port.target_port if port.target_port is not None else port.port
    containers = observations.template.spec.containers
    declared = [f"{one.name or 'unnamed'} {one.container_port}" for box in containers for one in box.ports]
    has = ", ".join(declared) or "no port"
    named = isinstance(wanted, str) and not wanted.isdigit()
    owner = observations.workload
    assert owner is not None
    return Finding(
        cause="service-port-mismatch",
        title=f"the Service {service.name} sends to port {wanted}, but its containers declare {has}",
        explanation="" if named else "A container may listen on a port that it does not declare.",
        subject=subject_of(service),
        evidence=(
            field_fact(service, "spec.ports[*].targetPort", f"port {port.port} to {wanted}", observations.at),
            field_fact(owner, "spec.template.spec.containers[*].ports", has, observations.at),
        ),
        confidence=0.93 if named else 0.65,
        next_steps=(f"Correct targetPort of the Service {service.name}, or the port that the container declares.",),
        key=f"{service.name} {wanted}",
    )


def _none_ready(observations: Observations, service: Service, total: int) -> Finding:
    text = f"0 of {total} endpoints ready" if total else "no endpoints"
    return Finding(
        cause="service-no-endpoints",
        title=f"the Service {service.name} has no ready endpoint, so requests to it fail",
        subject=subject_of(service),
        evidence=(field_fact(service, "EndpointSlices", text, observations.at),),
        confidence=0.6,
        next_steps=(f"Find out why the pods behind the Service {service.name} are not ready.",),
        key=service.name,
    )


def _load_balancer(observations: Observations, service: Service) -> Iterator[Finding]:
    born = service.metadata.creation_timestamp
    given = (service.status.get("loadBalancer") or {}).get("ingress")
    if given or born is None or observations.at - born < _PATIENCE:
        return
    failed = observations.events_on(service, "SyncLoadBalancerFailed")
    said = f": {excerpt(failed[-1].message, 160)}" if failed else ""
    yield Finding(
        cause="service-lb-pending",
        title=f"the load balancer of the Service {service.name} has no address{said}",
        explanation="Nothing outside the cluster can reach it; inside it works.",
        subject=subject_of(service),
        evidence=(
            field_fact(service, "status.loadBalancer", "no ingress address", observations.at),
            *(event_fact(one, observations.at) for one in failed[-1:]),
        ),
        confidence=0.93 if failed else 0.75,
        next_steps=("Ask the platform team whether this cluster has a load balancer controller, and what it refuses.",),
        since=first_seen(failed, born),
        key=service.name,
    )
