"""Objects of Argo CD and Flux: how they are found, and whose workloads they deploy."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from tools.cluster.models.custom import HELM_RELEASES, KUSTOMIZATIONS, Custom
from tools.cluster.models.meta import Resource
from tools.cluster.models.resources import WORKLOADS
from tools.cluster.named import MAX_CANDIDATES, Named, nothing_named, plain_name
from tools.cluster.port import ClusterReader, Target, Targets
from tools.contract import ObjectRef
from tools.errors import Ambiguous, Forbidden, InvalidArgs, NotFound

MAX_WORKLOADS = 20  # what deploys more belongs to no one team
IN_CLUSTER = frozenset({"https://kubernetes.default.svc", "in-cluster"})


@dataclass(frozen=True)
class Reach:
    """What an object deploys into this cluster. `known` False: into another one, or what it is may not be seen."""

    namespaces: frozenset[str] = frozenset()
    workloads: tuple[tuple[str, str, str], ...] = ()
    known: bool = True

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(self.namespaces | other.namespaces, self.workloads + other.workloads, self.known and other.known)


async def find_custom(
    resource: Resource[Custom], name: str, namespace: str | None, system: str, cluster: ClusterReader
) -> Named[Custom]:
    """The object of that name, in any namespace when none is given. Its target is not resolved yet.

    Raises NotFound (the kind is not served: `system` is not installed; or nearest names), Ambiguous, Forbidden.
    """
    plain = plain_name(name)
    place = namespace or await _place(resource, plain, system, cluster)
    try:
        raw = await cluster.raw(resource, place, plain)
    except NotFound as exc:
        await _require_kind(resource, place, system, cluster)
        raise await nothing_named(resource, plain, (place,), cluster) from exc
    item = resource.parse(raw)
    ref = ObjectRef(
        cluster=cluster.cluster, namespace=place, kind=resource.kind, name=plain, uid=item.metadata.uid or None
    )
    return Named(Target(ref, "name", tier="prod"), resource, item, raw)


async def with_owner(named: Named[Custom], reach: Reach, targets: Targets) -> Named[Custom]:
    """The same, as protected as the most protected thing it deploys, and owned by the one team that owns all of it."""
    async with asyncio.TaskGroup() as group:
        tiers = [group.create_task(targets.tier(namespace)) for namespace in sorted(reach.namespaces)]
    is_prod = not reach.known or not tiers or any(tier.result() == "prod" for tier in tiers)
    owned = await _owner(reach, targets)
    target = replace(owned or named.target, ref=named.ref, tier="prod" if is_prod else "nonprod")
    return replace(named, target=target)


def reach_of_application(raw: Mapping[str, Any]) -> Reach:
    """Of an Argo CD application: status.resources and the namespace it deploys into."""
    destination = part(part(raw, "spec"), "destination")
    known = (destination.get("server") or destination.get("name")) in IN_CLUSTER
    rows = [row for row in part(raw, "status").get("resources") or [] if isinstance(row, dict)]
    found = [(str(row.get("kind")), str(row.get("namespace") or ""), str(row.get("name"))) for row in rows]
    return _reach(found, [str(destination.get("namespace") or "")], known=known)


def reach_of_kustomization(raw: Mapping[str, Any]) -> Reach:
    """Of a Flux Kustomization: status.inventory, whose ids are namespace_name_group_kind."""
    spec, status = part(raw, "spec"), part(raw, "status")
    entries = [row for row in part(status, "inventory").get("entries") or [] if isinstance(row, dict)]
    ids = [str(row.get("id", "")).split("_") for row in entries]
    found = [(words[3], words[0], words[1]) for words in ids if len(words) == 4]
    return _reach(found, [str(spec.get("targetNamespace") or "")], known="kubeConfig" not in spec)


def reach_of_helm_release(raw: Mapping[str, Any]) -> Reach:
    """Of a Flux HelmRelease: the namespace it installs into."""
    spec = part(raw, "spec")
    namespace = str(spec.get("targetNamespace") or raw["metadata"]["namespace"])
    return _reach([], [namespace], known="kubeConfig" not in spec)


async def reach_of_source(named: Named[Custom], cluster: ClusterReader) -> Reach:
    """Of a Flux source: everything that deploys from it, in any namespace."""
    found: list[Reach] = []
    for resource, of in ((KUSTOMIZATIONS, reach_of_kustomization), (HELM_RELEASES, reach_of_helm_release)):
        try:
            users = [one for one in await cluster.list(resource, None) if _uses(one, named.ref)]
        except Forbidden:
            return Reach(known=False)
        except NotFound:
            continue
        found += [of(_raw(user)) for user in users]
    return reduce(or_, found) if found else Reach(known=False)


def _raw(item: Custom) -> dict[str, Any]:
    return {"metadata": {"namespace": item.namespace}, "spec": item.spec, "status": item.status}


async def _place(resource: Resource[Custom], name: str, system: str, cluster: ClusterReader) -> str:
    try:
        found = await cluster.list(resource, None, fields=f"metadata.name={name}")
    except NotFound as exc:
        raise _not_served(resource, system) from exc
    places = sorted({item.namespace or "" for item in found})
    if not places:
        raise await nothing_named(resource, name, (None,), cluster)
    if len(places) > 1:
        choices = tuple(f"{name} in {place}" for place in places)[:MAX_CANDIDATES]
        raise Ambiguous(f"{resource.kind} {name} is in several namespaces: {', '.join(choices)}.", choices)
    return places[0]


async def _require_kind(resource: Resource[Custom], namespace: str, system: str, cluster: ClusterReader) -> None:
    try:
        await cluster.list(resource, namespace, limit=1)
    except NotFound as exc:
        raise _not_served(resource, system) from exc


def _not_served(resource: Resource[Custom], system: str) -> NotFound:
    return NotFound(
        f"This cluster has no {system}: it does not know {resource.plural}.{resource.group}/{resource.version}."
    )


def _reach(found: Sequence[tuple[str, str, str]], namespaces: Iterable[str], *, known: bool) -> Reach:
    places = {namespace for _, namespace, _ in found} | set(namespaces)
    return Reach(frozenset(places - {""}), tuple(one for one in found if one[0] in WORKLOADS), known)


async def _owner(reach: Reach, targets: Targets) -> Target | None:
    """The target of one workload, when all belong to the same team."""
    if not reach.known or not reach.workloads or len(reach.workloads) > MAX_WORKLOADS:
        return None
    found = [await _resolved(kind, namespace, name, targets) for kind, namespace, name in reach.workloads]
    owners = {target.owner if target else None for target in found}
    return found[0] if len(owners) == 1 and None not in owners else None


async def _resolved(kind: str, namespace: str, name: str, targets: Targets) -> Target | None:
    for words in (name, f"{kind}/{name}"):
        try:
            found = await targets.workload(words, namespace)
        except (NotFound, Ambiguous, Forbidden, InvalidArgs):
            continue
        if (found.ref.kind, found.ref.name) == (kind, name):
            return found
    return None


def _uses(user: Custom, source: ObjectRef) -> bool:
    chart = part(part(part(user.spec, "chart"), "spec"), "sourceRef")
    refs = (part(user.spec, "sourceRef"), chart)
    return any(
        (ref.get("kind"), ref.get("name"), ref.get("namespace") or user.namespace)
        == (source.kind, source.name, source.namespace)
        for ref in refs
    )


def part(holder: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A map inside a map that an operator wrote; what is none counts as empty."""
    found = holder.get(key)
    return found if isinstance(found, dict) else {}
