"""Calls that get no answer although somebody is there: cut by a NetworkPolicy, or by a DNS that does not answer."""

from tools.cluster.models.network import NetworkPolicy
from tools.cluster.models.pods import Pod
from tools.contract import Evidence, Source
from tools.diagnosis.collect_policies import DNS_NAMESPACE, DNS_SERVICE
from tools.diagnosis.facts import excerpt, field_fact, subject_of
from tools.diagnosis.hosts import is_unanswered
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Dependency, Observations
from tools.diagnosis.policy_rules import Direction, End, allowed_ports, blocking, rules_of

_DNS = End(DNS_NAMESPACE, {"k8s-app": "kube-dns"})
_WAY = {"Egress": "out of its pods", "Ingress": "into the pods of"}


def cut_by_policy(observations: Observations, dependency: Dependency) -> Finding | None:
    """The NetworkPolicies that keep the call from passing, judged rule by rule; None when it may pass."""
    pod, service = dependency.called, dependency.service
    if service is None or dependency.failed not in {"timeout", "refused"}:
        return None
    if pod is None:  # without its labels only a policy that denies everything can be judged
        other, port = End(service.namespace or observations.namespace, service.spec.selector), None
    else:
        other, port = _end(observations, pod), _target_port(dependency, pod)
    cut = blocking(observations.policies, _caller(observations), other, port)
    if cut is None or (pod is None and any(rules_of(one, cut[0]) for one in cut[1])):
        return None
    return _cut(observations, dependency, *cut, f"{dependency.host}{f' (port {port})' if port else ''}")


def mute_dns(observations: Observations, dependency: Dependency) -> Finding | None:
    """Why the DNS server does not answer: a policy that does not let its port through, or no ready pod of it."""
    if not is_unanswered(dependency.text):
        return None
    labels = observations.platform.namespaces.get(DNS_NAMESPACE)
    dns = End(_DNS.namespace, _DNS.labels, labels)
    cut = blocking(observations.policies, _caller(observations), dns, 53, "UDP")
    if cut and cut[0] == "Egress":
        return _cut(observations, dependency, *cut, "the cluster's DNS (UDP port 53), so no name can be resolved")
    ready = sum(endpoint.is_ready() for one in observations.resolver for endpoint in one.endpoints)
    down = bool(observations.resolver) and ready == 0
    return Finding(
        cause="dns-failure",
        title="the cluster's DNS does not answer" + (": it has no ready pod" if down else ""),
        subject=f"Service {DNS_NAMESPACE}/{DNS_SERVICE}",
        evidence=(
            line_fact(observations, dependency),
            *(field_fact(one, "endpoints", f"{ready} ready", observations.at) for one in observations.resolver[:1]),
        ),
        confidence=0.95 if down else 0.75,
        next_steps=("Ask the platform team to look at the DNS pods in kube-system.",),
        since=dependency.at,
        pods=pods_that_say_it(observations, dependency),
        key="dns",
    )


def _cut(
    observations: Observations,
    dependency: Dependency,
    direction: Direction,
    policies: tuple[NetworkPolicy, ...],
    what: str,
) -> Finding:
    names = ", ".join(policy.name for policy in policies)
    ports = ", ".join(dict.fromkeys(allowed_ports(policies, direction))) or "none at all"
    whose = f"{_WAY[direction]} to {what}" if direction == "Egress" else f"{_WAY[direction]} {what}"
    plural = "ies" if len(policies) > 1 else "y"
    return Finding(
        cause="network-policy-blocked",
        title=f"the NetworkPolic{plural} {names} let{'' if len(policies) > 1 else 's'} no traffic {whose}",
        subject=subject_of(policies[0]),
        evidence=(
            line_fact(observations, dependency),
            *(_policy_fact(observations, policy, direction, ports) for policy in policies[:2]),
        ),
        confidence=0.92,
        next_steps=(f"Add a rule for it to the NetworkPolicy {policies[0].name}, or ask its owner.",),
        since=dependency.at,
        pods=pods_that_say_it(observations, dependency),
        key=names,
    )


def _policy_fact(observations: Observations, policy: NetworkPolicy, direction: Direction, ports: str) -> Evidence:
    rules = rules_of(policy, direction)
    text = f"{len(rules)} rules, ports they name: {ports}" if rules else "no rules: all of it is denied"
    return field_fact(policy, f"spec.{direction.lower()}", text, observations.at)


def _caller(observations: Observations) -> End:
    labels = observations.template.metadata.labels
    addresses = tuple(pod.status.pod_ip for pod in observations.live_pods()[:1] if pod.status.pod_ip)
    known = observations.platform.namespaces.get(observations.namespace)
    return End(observations.namespace, labels, known, addresses)


def _end(observations: Observations, pod: Pod) -> End:
    namespace = pod.namespace or observations.namespace
    ports = tuple((port.name, port.container_port) for box in pod.spec.containers for port in box.ports)
    addresses = (pod.status.pod_ip,) if pod.status.pod_ip else ()
    return End(namespace, pod.metadata.labels, observations.platform.namespaces.get(namespace), addresses, ports)


def _target_port(dependency: Dependency, pod: Pod) -> int | None:
    """The port of the pod that the Service sends to: what policies see, whatever port was called."""
    rows = dependency.service.spec.ports if dependency.service else ()
    fits = [row for row in rows if dependency.port in {None, row.port}]
    if len(fits) != 1:
        return None
    wanted = fits[0].target_port if fits[0].target_port is not None else fits[0].port
    named = {port.name: port.container_port for box in pod.spec.containers for port in box.ports}
    return named.get(str(wanted)) or (int(wanted) if str(wanted).isdigit() else None)


def pods_that_say_it(observations: Observations, dependency: Dependency) -> tuple[str, ...]:
    """Pods of the same template fail alike: a log was read of two of them at most."""
    if dependency.source != "log":
        return ()
    return tuple(pod.name for pod in observations.live_pods() if not pod.is_ready())


def line_fact(observations: Observations, dependency: Dependency) -> Evidence:
    source = {"log": Source.LOG, "env": Source.CLUSTER, "catalog": Source.CATALOG}[dependency.source]
    return Evidence(
        source=source,
        subject=str(observations.target),
        where=dependency.where,
        text=excerpt(dependency.text, 400),
        at=dependency.at or observations.at,
    )
