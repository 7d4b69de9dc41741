"""Search workloads by name or label, in few calls that do not grow with the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tools.cluster.models.meta import ApiObject, Resource
from tools.cluster.models.resources import CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, STATEFUL_SETS
from tools.cluster.port import ClusterReader
from tools.contract import ObjectRef
from tools.errors import Forbidden, InvalidArgs, ToolError
from tools.targets.together import together

Kind = Resource[Any]

SERVING: tuple[Kind, ...] = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)
BATCH: tuple[Kind, ...] = (JOBS, CRON_JOBS)
BY_KIND: dict[str, Kind] = {kind.kind: kind for kind in (*SERVING, *BATCH)}
MAX_HITS = 500  # of one kind: one page or two, also when every preview environment has a copy


@dataclass(frozen=True)
class Query:
    """One way to look for a workload. `how` says it in words."""

    how: str
    kinds: tuple[Kind, ...]
    labels: str = ""
    fields: str = ""


@dataclass(frozen=True)
class Hit:
    """A workload that was found, its labels, and how it was found."""

    ref: ObjectRef
    how: str
    labels: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Hits:
    """`forbidden`: the error of namespaces in which none of the kinds may be listed; None is the whole cluster."""

    found: tuple[Hit, ...]
    forbidden: dict[str | None, Forbidden]


async def search(cluster: ClusterReader, query: Query, namespaces: Sequence[str | None]) -> Hits:
    """Run a query in each namespace (None: in all at once): one call per kind and namespace, at the same time.

    Raises Unavailable. A label selector that the server refuses finds nothing.
    """
    places = list(product(namespaces, query.kinds))
    calls = [_list(cluster, kind, namespace, query) for namespace, kind in places]
    answers = list(zip(places, await together(calls), strict=True))
    found: list[Hit] = []
    refused: dict[str | None, Forbidden] = {}
    for (namespace, _), answer in answers:
        if isinstance(answer, Forbidden):
            refused[namespace] = answer
        elif isinstance(answer, ToolError):
            _tolerate(answer)
        else:
            found.extend(answer)
    allowed = {namespace for (namespace, _), answer in answers if not isinstance(answer, Forbidden)}
    return Hits(tuple(found), {place: error for place, error in refused.items() if place not in allowed})


async def _list(cluster: ClusterReader, kind: Kind, namespace: str | None, query: Query) -> list[Hit]:
    page = await cluster.list(kind, namespace, labels=query.labels, fields=query.fields, limit=MAX_HITS)
    return [_hit(cluster, item, query.how) for item in page if item.metadata.controller() is None]


def _hit(cluster: ClusterReader, item: ApiObject, how: str) -> Hit:
    ref = ObjectRef(
        cluster=cluster.cluster, namespace=item.namespace, kind=item.kind, name=item.name, uid=item.metadata.uid or None
    )
    return Hit(ref, how, item.metadata.labels)


def _tolerate(error: ToolError) -> None:
    if not isinstance(error, InvalidArgs):
        raise error
