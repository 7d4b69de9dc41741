"""Read what may cut a call that gets no answer: NetworkPolicies at both ends, one called pod, and the cluster's DNS."""

from dataclasses import replace

from tools.cluster.models.network import NetworkPolicy
from tools.cluster.models.resources import NAMESPACES, NETWORK_POLICIES, PODS
from tools.diagnosis.collect_details import slices_of
from tools.diagnosis.hosts import is_unanswered
from tools.diagnosis.observations import Dependency, Observations
from tools.diagnosis.reading import Reading

DNS_NAMESPACE = "kube-system"
DNS_SERVICE = "kube-dns"  # its name in every distribution, CoreDNS included: the kubelet points pods to it


async def with_policies(reading: Reading, seen: Observations) -> Observations:
    """The observations with policies, namespace labels and DNS endpoints; nothing is read when every call works."""
    cut = [one for one in seen.dependencies if _may_be_cut(one)]
    mute = any(is_unanswered(one.text) for one in seen.dependencies if one.decisive)
    if not cut and not mute:
        return seen
    places = {seen.namespace, *(one.service.namespace or seen.namespace for one in cut if one.service)}
    policies: list[NetworkPolicy] = []
    for place in sorted(places):
        policies += await reading.list("policies", NETWORK_POLICIES, namespace=place)
    called = {one.host: await _called(reading, seen, one) for one in cut} if policies else {}
    labels = await _labels(reading, {*places, *([DNS_NAMESPACE] if mute else [])}) if policies else {}
    resolver = await slices_of(reading, [DNS_SERVICE], DNS_NAMESPACE) if mute else ()
    return replace(
        seen,
        policies=tuple(policies),
        resolver=resolver,
        dependencies=tuple(called.get(one.host, one) for one in seen.dependencies),
        platform=replace(seen.platform, namespaces={**seen.platform.namespaces, **labels}),
    )


def _may_be_cut(one: Dependency) -> bool:
    """A call that failed although somebody is there to answer it."""
    return one.source == "log" and one.failed in {"timeout", "refused"} and one.ready() > 0


async def _called(reading: Reading, seen: Observations, one: Dependency) -> Dependency:
    """With a pod that it reaches: its labels and ports are what policies look at."""
    service = one.service
    assert service is not None
    labels = ",".join(f"{key}={value}" for key, value in sorted(service.spec.selector.items()))
    place = service.namespace or seen.namespace
    pods = await reading.list("called pods", PODS, labels=labels, limit=1, namespace=place) if labels else ()
    return replace(one, called=pods[0] if pods else None)


async def _labels(reading: Reading, namespaces: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in sorted(namespaces):
        namespace, _ = await reading.look_up(NAMESPACES, name)
        found |= {name: namespace.metadata.labels} if namespace else {}
    return found
