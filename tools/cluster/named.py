"""One object named by a person that is no serving workload: a pod, a job, a node, a custom resource."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Generic

from tools.cluster.models.meta import Metadata, Resource, T
from tools.cluster.models.resources import JOBS, REPLICA_SETS, WORKLOADS
from tools.cluster.planning import require_right
from tools.cluster.port import ClusterReader, Target, Targets
from tools.contract import ObjectRef
from tools.errors import Ambiguous, Forbidden, InvalidArgs, NotFound

MAX_NAMESPACES = 20  # asked one by one: an environment of more is named by its namespace
MAX_CANDIDATES = 8
MAX_OWNERS = 4  # Pod, Job, CronJob: what is nested deeper belongs to an operator

_MIDDLE: dict[str, Resource[Any]] = {"ReplicaSet": REPLICA_SETS, "Job": JOBS}
_RESOLVED = frozenset({*WORKLOADS, "Job", "CronJob"})  # the kinds that `Targets.workload` finds


@dataclass(frozen=True)
class Named(Generic[T]):
    """An object as read once: model and raw JSON are the same answer. `target` is pinned by its uid."""

    target: Target
    resource: Resource[T]
    item: T
    raw: dict[str, Any]

    @property
    def ref(self) -> ObjectRef:
        """The object, pinned by its uid."""
        return self.target.ref

    def named(self) -> str:
        """ "nightly-report in shop-staging", "worker-1" """
        return f"{self.item.name} in {self.ref.namespace}" if self.ref.namespace else self.item.name


async def find_named(
    resource: Resource[T], name: str, environment: str, *, cluster: ClusterReader, targets: Targets
) -> Named[T]:
    """The one object of that kind and exact name in an environment, with the tier and owner of its root controller.

    Raises NotFound with the nearest names, Ambiguous, Forbidden, InvalidArgs.
    """
    namespaces = await targets.namespaces(environment)
    if len(namespaces) > MAX_NAMESPACES:
        raise InvalidArgs(f"{environment} has {len(namespaces)} namespaces: name the one that is meant.")
    plain = plain_name(name)
    found = [raw for place in namespaces if (raw := await _raw_or_none(cluster, resource, place, plain)) is not None]
    if not found:
        raise await nothing_named(resource, plain, namespaces, cluster)
    if len(found) > 1:
        places = tuple(f"{plain} in {raw['metadata']['namespace']}" for raw in found)[:MAX_CANDIDATES]
        raise Ambiguous(f"{resource.kind} {plain} is in several namespaces: {', '.join(places)}.", places)
    item = resource.parse(found[0])
    return Named(await responsible(item.metadata, resource.kind, cluster, targets), resource, item, found[0])


async def changeable(named: Named[T], verb: str, cluster: ClusterReader) -> Named[T]:
    """The same, once it is sure that the person may do this to it. Raises Forbidden."""
    await require_right(verb, named.resource, named.ref, cluster)
    return named


async def responsible(meta: Metadata, kind: str, cluster: ClusterReader, targets: Targets) -> Target:
    """The object as a target, with the tier and owner of the workload at the root of its controllers."""
    namespace = meta.namespace or ""
    ref = ObjectRef(cluster=cluster.cluster, namespace=namespace, kind=kind, name=meta.name, uid=meta.uid)
    root = await root_of(meta, kind, cluster)
    for words in (root.name, str(root).replace(f" {namespace}/", "/")):
        found = await _resolved(words, root, targets)
        if found is not None:
            return replace(found, ref=ref)
    return Target(ref, "name", tier=await targets.tier(namespace))


async def root_of(meta: Metadata, kind: str, cluster: ClusterReader) -> ObjectRef:
    """The controller of the controllers of an object, itself when it has none: Pod, ReplicaSet, Deployment."""
    at, at_kind = meta, kind
    for _ in range(MAX_OWNERS):
        owner = at.controller()
        if owner is None:
            break
        at_kind = owner.kind
        middle = _MIDDLE.get(at_kind)
        if middle is None:
            at = Metadata(name=owner.name, namespace=meta.namespace, uid=owner.uid)
            break
        try:
            at = (await cluster.get(middle, meta.namespace, owner.name)).metadata
        except (NotFound, Forbidden):
            at = Metadata(name=owner.name, namespace=meta.namespace, uid=owner.uid)
            break
    return ObjectRef(cluster=cluster.cluster, namespace=meta.namespace, kind=at_kind, name=at.name, uid=at.uid or None)


async def nothing_named(
    resource: Resource[T], name: str, namespaces: Sequence[str | None], cluster: ClusterReader
) -> NotFound:
    """The error for a name that fits nothing, with the nearest that exist."""
    known: list[tuple[str, str]] = []
    for place in namespaces:
        try:
            known += [(item.name, item.namespace or "") for item in await cluster.list(resource, place)]
        except Forbidden:
            continue
    candidates = _nearest(name, known)
    where = f" in {', '.join(place for place in namespaces if place)}" if any(namespaces) else ""
    advice = f" Nearest: {', '.join(candidates)}." if candidates else ""
    return NotFound(f'There is no {resource.kind} "{name}"{where}.{advice}', candidates)


def plain_name(words: str) -> str:
    """The name in "Pod/checkout-7d9f", in lower case as all names are."""
    return words.strip().rpartition("/")[2].lower()


def _nearest(name: str, known: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    places = list(known)
    names = list(dict.fromkeys(known_name for known_name, _ in places))
    parts = [known_name for known_name in names if name in known_name]
    near = list(dict.fromkeys([*parts, *get_close_matches(name, names, n=MAX_CANDIDATES, cutoff=0.5)]))
    texts = [f"{one} in {place}" if place else one for one in near for found, place in places if found == one]
    return tuple(texts[:MAX_CANDIDATES])


async def _raw_or_none(
    cluster: ClusterReader, resource: Resource[T], namespace: str, name: str
) -> dict[str, Any] | None:
    try:
        return await cluster.raw(resource, namespace, name)
    except NotFound:
        return None


async def _resolved(words: str, root: ObjectRef, targets: Targets) -> Target | None:
    """The catalog's word on a workload, found by its plain name if that means the same object."""
    if root.kind not in _RESOLVED:
        return None
    try:
        found = await targets.workload(words, root.namespace)
    except (NotFound, Ambiguous, Forbidden, InvalidArgs):
        return None
    same = (found.ref.kind, found.ref.namespace, found.ref.name) == (root.kind, root.namespace, root.name)
    return found if same else None
