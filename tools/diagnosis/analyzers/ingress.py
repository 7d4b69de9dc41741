"""Ingresses in front of the workload: class, backends."""

from collections.abc import Iterator
from typing import Any

from tools.cluster.models.network import Ingress, Service
from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_WITHOUT_OBJECT = frozenset(("gce", "gce-internal"))  # GKE serves these without an IngressClass object


def analyze(observations: Observations) -> Iterator[Finding]:
    """For each Ingress that leads to the workload: a class nobody serves, a Service or port that is not there."""
    for ingress in observations.platform.ingresses:
        yield from _class(observations, ingress)
        seen: set[str] = set()
        for backend in backends(ingress):
            finding = _backend(observations, ingress, backend)
            if finding and finding.key not in seen:
                seen.add(finding.key)
                yield finding


def backends(ingress: Ingress) -> Iterator[dict[str, Any]]:
    """The service backends it names: {"name", "port": {"number" | "name"}}, the default one last."""
    paths = [path for rule in ingress.spec.rules for path in ((rule.get("http") or {}).get("paths") or ())]
    for one in (*(path.get("backend") for path in paths), ingress.spec.default_backend):
        service = (one or {}).get("service")
        if service:
            yield service


def _class(observations: Observations, ingress: Ingress) -> Iterator[Finding]:
    name = ingress.spec.ingress_class_name
    if (ingress.status.get("loadBalancer") or {}).get("ingress"):  # a controller has taken it up
        return
    if name:
        if not observations.platform.lacks("IngressClass", name) or name in _WITHOUT_OBJECT:
            return
        title = f"the Ingress {ingress.name} asks for the class {name}, which does not exist"
    elif ingress.metadata.annotations.get(CLASS_ANNOTATION) or not _no_default(observations):
        return
    else:
        title = f"the Ingress {ingress.name} names no class, and the cluster has no default one"
    yield Finding(
        cause="ingress-class-missing",
        title=title,
        explanation="No controller takes it up, so requests from outside do not reach the workload.",
        subject=subject_of(ingress),
        evidence=(field_fact(ingress, "spec.ingressClassName", name or "not set", observations.at),),
        confidence=0.93 if name else 0.7,
        next_steps=(f"Set spec.ingressClassName of the Ingress {ingress.name} to a class that the cluster has.",),
        since=ingress.metadata.creation_timestamp,
        key=ingress.name,
    )


def _no_default(observations: Observations) -> bool:
    classes = observations.platform.of_kind("IngressClass")
    default = any(one.metadata.annotations.get(DEFAULT_CLASS) == "true" for one in classes)
    return "ingress_classes" in observations.read and not default


def _backend(observations: Observations, ingress: Ingress, backend: dict[str, Any]) -> Finding | None:
    name, port = str(backend.get("name", "")), backend.get("port") or {}
    wanted = port.get("number") or port.get("name")
    service = observations.service(name, ingress.namespace)
    if service is None:
        if not observations.knows_services(ingress.namespace):
            return None
        title = f"the Ingress {ingress.name} sends to the Service {name}, which does not exist"
    elif wanted is None or has_port(service, wanted):
        return None
    else:
        title = (
            f"the Ingress {ingress.name} sends to port {wanted} of the Service {name}, which offers {ports(service)}"
        )
    return Finding(
        cause="ingress-no-backend",
        title=title,
        explanation="Requests from outside that match it are answered with an error.",
        subject=subject_of(ingress),
        evidence=(
            field_fact(
                ingress, "spec.rules[*].http.paths[*].backend", f"service {name}, port {wanted}", observations.at
            ),
            *((field_fact(service, "spec.ports", ports(service), observations.at),) if service else ()),
        ),
        confidence=0.95,
        next_steps=(f"Correct the backend of the Ingress {ingress.name}, or create what it names.",),
        key=f"{ingress.name} {name} {wanted}",
    )


def has_port(service: Service, wanted: int | str) -> bool:
    """Whether a Service offers a port, by number or by name."""
    return any(wanted in {port.port, port.name} for port in service.spec.ports) or service.spec.type == "ExternalName"


def ports(service: Service) -> str:
    """ "port 80 (http), 443" or "no port"."""
    listed = ", ".join(f"{port.port} ({port.name})" if port.name else str(port.port) for port in service.spec.ports)
    return f"port {listed}" if listed else "no port"
