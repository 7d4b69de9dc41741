"""Whether NetworkPolicies let a connection between two pods pass (networking.k8s.io/v1). Pure.

Policies only allow: a pod that some policy of a direction selects may do what one of them allows, and nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from tools.cluster.models.meta import LabelSelector
from tools.cluster.models.network import NetworkPolicy

Direction = Literal["Egress", "Ingress"]


@dataclass(frozen=True)
class End:
    """One end of a connection. `labels` of the pod; `namespace_labels` None: not known. `addresses`: IPs, if known.

    `ports`: container ports by name, to resolve a port that a policy gives by name.
    """

    namespace: str
    labels: dict[str, str]
    namespace_labels: dict[str, str] | None = None
    addresses: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class _Asked:
    called: End
    port: int | None
    protocol: str


def blocking(
    policies: Iterable[NetworkPolicy], caller: End, called: End, port: int | None, protocol: str = "TCP"
) -> tuple[Direction, tuple[NetworkPolicy, ...]] | None:
    """The direction in which the connection is cut and the policies that select that end; None when it may pass.

    `port` is the port of the called pod, None when it is not known. What cannot be judged is taken to pass.
    """
    given = tuple(policies)
    asked = _Asked(called, port, protocol)
    sides: tuple[tuple[Direction, End, End], ...] = (("Egress", caller, called), ("Ingress", called, caller))
    for direction, mine, other in sides:
        judges = tuple(one for one in given if selects(one, direction, mine))
        rules = [rule for one in judges for rule in rules_of(one, direction)]
        if judges and not any(_allows(rule, direction, (mine, other), asked) for rule in rules):
            return direction, judges
    return None


def selects(policy: NetworkPolicy, direction: Direction, end: End) -> bool:
    """Whether the policy isolates that pod in that direction. An empty selector selects every pod."""
    if policy.namespace != end.namespace or direction not in _types(policy):
        return False
    return policy.spec.pod_selector.matches(end.labels)


def _types(policy: NetworkPolicy) -> tuple[str, ...]:
    """The server fills them in when they are left out: Ingress, and Egress if there are egress rules."""
    return policy.spec.policy_types or ("Ingress", *(("Egress",) if policy.spec.egress else ()))


def rules_of(policy: NetworkPolicy, direction: Direction) -> tuple[dict[str, Any], ...]:
    """The rules of one direction."""
    return policy.spec.egress if direction == "Egress" else policy.spec.ingress


def _allows(rule: dict[str, Any], direction: Direction, ends: tuple[End, End], asked: _Asked) -> bool:
    mine, other = ends
    peers = rule.get("to" if direction == "Egress" else "from") or ()
    fits = not peers or any(_is_peer(peer, mine.namespace, other) for peer in peers)
    return fits and _port_fits(rule.get("ports") or (), asked)


def _is_peer(peer: dict[str, Any], home: str, other: End) -> bool:
    """A podSelector alone means pods of the policy's own namespace."""
    if peer.get("ipBlock"):
        return _in_block(peer["ipBlock"], other.addresses)
    by_namespace, by_pod = peer.get("namespaceSelector"), peer.get("podSelector")
    if by_namespace is None:
        return other.namespace == home and _matches(by_pod, other.labels)
    known = other.namespace_labels
    inside = known is None or _matches(by_namespace, known)
    return inside and (by_pod is None or _matches(by_pod, other.labels))


def _matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    return LabelSelector.model_validate(selector or {}).matches(labels)


def _in_block(block: dict[str, Any], addresses: tuple[str, ...]) -> bool:
    if not addresses:
        return True
    inside = ip_network(str(block.get("cidr", "0.0.0.0/0")), strict=False)
    holes = [ip_network(str(one), strict=False) for one in block.get("except") or ()]
    return any(ip_address(one) in inside and not any(ip_address(one) in hole for hole in holes) for one in addresses)


def _port_fits(listed: Iterable[dict[str, Any]], asked: _Asked) -> bool:
    rows, port = tuple(listed), asked.port
    return not rows or port is None or any(_is_port(row, asked, port) for row in rows)


def _is_port(row: dict[str, Any], asked: _Asked, port: int) -> bool:
    if row.get("protocol", "TCP") != asked.protocol:
        return False
    given = row.get("port")
    if given is None:
        return True
    if isinstance(given, str) and not given.isdigit():
        return (given, port) in asked.called.ports or not asked.called.ports
    return int(given) <= port <= int(row.get("endPort") or given)


def allowed_ports(policies: Iterable[NetworkPolicy], direction: Direction) -> Iterator[str]:
    """The ports that their rules name, for words: "5432", "UDP 53"."""
    for policy in policies:
        for rule in rules_of(policy, direction):
            for row in rule.get("ports") or ():
                protocol = row.get("protocol", "TCP")
                yield f"{row.get('port')}" if protocol == "TCP" else f"{protocol} {row.get('port')}"
