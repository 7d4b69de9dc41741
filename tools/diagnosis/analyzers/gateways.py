"""Gateway API in front of the workload: GatewayClass, Gateway, HTTPRoute (gateway.networking.k8s.io/v1)."""

from collections.abc import Iterator
from typing import Any

from tools.cluster.models.custom import Custom, conditions_in
from tools.cluster.models.meta import Condition, LabelSelector
from tools.contract import Evidence
from tools.diagnosis.analyzers.ingress import has_port, ports
from tools.diagnosis.facts import condition_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_PENDING = frozenset(("Pending",))  # the controller has not looked at it yet


def analyze(observations: Observations) -> Iterator[Finding]:
    """Classes and gateways that nobody serves, and routes that are not attached or lead to nothing."""
    for gateway_class in observations.platform.of_kind("GatewayClass"):
        refused = gateway_class.condition("Accepted")
        if refused and refused.status != "True" and refused.reason not in _PENDING:
            title = f"the GatewayClass {gateway_class.name} is not accepted by its controller{_said(refused)}"
            yield _of_condition(observations, gateway_class, refused, "gateway-not-ready", title)
    for gateway in observations.platform.of_kind("Gateway"):
        yield from _gateway(observations, gateway)
    for route in observations.platform.of_kind("HTTPRoute"):
        yield from _route(observations, route)


def parents(route: Custom) -> Iterator[tuple[str, str]]:
    """(namespace, name) of the Gateways that a route names."""
    for ref in route.spec.get("parentRefs") or ():
        if ref.get("kind", "Gateway") == "Gateway":
            yield str(ref.get("namespace") or route.namespace or ""), str(ref.get("name", ""))


def backends(route: Custom) -> Iterator[dict[str, Any]]:
    """The Service backends that its rules name."""
    for rule in route.spec.get("rules") or ():
        for ref in rule.get("backendRefs") or ():
            if ref.get("kind", "Service") == "Service":
                yield ref


def _gateway(observations: Observations, gateway: Custom) -> Iterator[Finding]:
    name = str(gateway.spec.get("gatewayClassName", ""))
    if observations.platform.lacks("GatewayClass", name):
        evidence = field_fact(gateway, "spec.gatewayClassName", name, observations.at)
        title = f"the Gateway {gateway.name} asks for the class {name}, which does not exist"
        yield _finding(gateway, "gateway-not-ready", title, (evidence,), "Correct the class of the Gateway.")
        return
    for kind, words in (("Accepted", "is not accepted"), ("Programmed", "is not set up")):
        condition = gateway.condition(kind)
        if condition and condition.status != "True" and condition.reason not in _PENDING:
            title = f"the Gateway {gateway.name} {words} by its controller{_said(condition)}"
            yield _of_condition(observations, gateway, condition, "gateway-not-ready", title)
            return


def _route(observations: Observations, route: Custom) -> Iterator[Finding]:
    for namespace, name in parents(route):
        yield from _parent(observations, route, namespace, name)
    for status in route.status.get("parents") or ():
        for condition in conditions_in(status):
            if condition.status == "False" and condition.type in {"Accepted", "ResolvedRefs"}:
                title = f"the HTTPRoute {route.name} is not attached to its Gateway{_said(condition)}"
                yield _of_condition(observations, route, condition, "route-not-attached", title)
    for backend in backends(route):
        yield from _backend(observations, route, backend)


def _parent(observations: Observations, route: Custom, namespace: str, name: str) -> Iterator[Finding]:
    where = field_fact(route, "spec.parentRefs", f"Gateway {namespace}/{name}", observations.at)
    if observations.platform.lacks("Gateway", f"{namespace}/{name}"):
        title = f"the HTTPRoute {route.name} names the Gateway {namespace}/{name}, which does not exist"
        yield _finding(route, "route-not-attached", title, (where,), "Correct parentRefs of the HTTPRoute.")
        return
    gateway = observations.platform.find("Gateway", name, namespace)
    if gateway and not any(_admits(observations, gateway, one, route) for one in gateway.spec.get("listeners") or ()):
        title = (
            f"no listener of the Gateway {namespace}/{name} accepts routes from the namespace {route.namespace},"
            f" so the HTTPRoute {route.name} is not attached"
        )
        allowed = str([one.get("allowedRoutes") for one in gateway.spec.get("listeners") or ()])
        facts = (where, field_fact(gateway, "spec.listeners[*].allowedRoutes", allowed, observations.at))
        yield _finding(
            route, "route-not-attached", title, facts, "Ask the owner of the Gateway to admit the namespace."
        )


def _admits(observations: Observations, gateway: Custom, listener: dict[str, Any], route: Custom) -> bool:
    """Whether a listener takes routes from there; a namespace whose labels were not read is taken to fit."""
    rule = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    match rule.get("from", "Same"):
        case "All":
            return True
        case "Selector":
            labels = observations.platform.namespaces.get(route.namespace or "")
            return labels is None or LabelSelector.model_validate(rule.get("selector") or {}).matches(labels)
        case "None":
            return False
        case _:
            return gateway.namespace == route.namespace


def _backend(observations: Observations, route: Custom, backend: dict[str, Any]) -> Iterator[Finding]:
    name, port = str(backend.get("name", "")), backend.get("port")
    namespace = backend.get("namespace") or route.namespace
    service = observations.service(name, namespace)
    if service is None and observations.knows_services(namespace):
        title = f"the HTTPRoute {route.name} sends to the Service {name}, which does not exist"
    elif service and port is not None and not has_port(service, port):
        title = f"the HTTPRoute {route.name} sends to port {port} of the Service {name}, which offers {ports(service)}"
    else:
        return
    evidence = field_fact(route, "spec.rules[*].backendRefs", f"Service {name}, port {port}", observations.at)
    yield _finding(route, "ingress-no-backend", title, (evidence,), "Correct backendRefs of the HTTPRoute.")


def _of_condition(observations: Observations, thing: Custom, condition: Condition, cause: str, title: str) -> Finding:
    fact = condition_fact(thing, condition, observations.at)
    step = f"Correct what the message names, or ask who runs the {thing.kind} {thing.name}."
    return _finding(thing, cause, title, (fact,), step).model_copy(update={"since": condition.last_transition_time})


def _finding(thing: Custom, cause: str, title: str, evidence: tuple[Evidence, ...], step: str) -> Finding:
    return Finding(
        cause=cause,
        title=title,
        explanation="Requests from outside do not reach the workload.",
        subject=subject_of(thing),
        evidence=evidence,
        confidence=0.93,
        next_steps=(step,),
        key=f"{thing.kind} {thing.name} {title}",
    )


def _said(condition: Condition) -> str:
    text = condition.message or condition.reason
    return f": {excerpt(text, 160)}" if text else ""
