"""A cluster and logs held in memory, behind the real ports, and the diagnosis of a workload in them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.builders.kubernetes import NAMESPACE, NOW, Json
from tools.catalog.port import Catalog
from tools.cluster.models.meta import Resource, T
from tools.cluster.port import Access, Page, Target
from tools.contract import ObjectRef
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs, diagnose_workload
from tools.diagnosis.models import Diagnosis
from tools.errors import Forbidden, NotFound, ToolError
from tools.logs.models import LogChunk, LogLine
from tools.logs.port import LogQuery

CLUSTER = "test"


class FakeCluster:
    """Answers reads from raw objects, honours selectors, counts calls, and refuses the plurals in `forbidden`."""

    cluster = CLUSTER

    def __init__(
        self, objects: Iterable[Json], *, forbidden: Iterable[str] = (), broken: dict[str, ToolError] | None = None
    ):
        self.objects = list(objects)
        self.forbidden = set(forbidden)
        self.broken = broken or {}
        self.calls: list[str] = []

    async def get(self, resource: Resource[T], namespace: str | None, name: str) -> T:
        self._enter("get", resource, namespace)
        for raw in self._of(resource, namespace):
            if raw["metadata"]["name"] == name:
                return resource.parse(raw)
        raise NotFound(f'{resource.plural} "{name}" not found')

    async def list(
        self, resource: Resource[T], namespace: str | None, *, labels: str = "", fields: str = "", limit: int = 1000
    ) -> Page[T]:
        self._enter("list", resource, namespace)
        found = [
            raw
            for raw in self._of(resource, namespace)
            if _labels_fit(labels, raw["metadata"].get("labels") or {}) and _fields_fit(fields, raw)
        ]
        return Page(tuple(resource.parse(raw) for raw in found[:limit]), truncated=len(found) > limit)

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        raise NotImplementedError

    async def can_i(self, verb: str, resource: Resource[T], namespace: str | None, name: str = "") -> Access:
        raise NotImplementedError

    async def server_version(self) -> str:
        return "v1.36.2"

    def _enter(self, verb: str, resource: Resource[T], namespace: str | None) -> None:
        self.calls.append(f"{verb} {resource.plural}")
        if resource.plural in self.broken:
            raise self.broken[resource.plural]
        if resource.plural in self.forbidden:
            missing = f"{verb} {resource.plural} in {namespace}"
            raise Forbidden(f"you may not {missing}", missing=missing)

    def _of(self, resource: Resource[T], namespace: str | None) -> Iterator[Json]:
        for raw in self.objects:
            kind = raw.get("kind", "Event" if "involvedObject" in raw else None)
            if kind == resource.kind and (not resource.namespaced or _inside(raw, namespace)):
                yield raw


class FakeLogs:
    """Logs by (pod, container) or by container; `previous` runs under "container:previous"."""

    def __init__(self, texts: dict[str, str], *, error: ToolError | None = None):
        self.texts = texts
        self.error = error
        self.calls: list[str] = []

    async def read(self, query: LogQuery) -> LogChunk:
        self.calls.append(f"{query.pod}/{query.container}{' previous' if query.previous else ''}")
        if self.error:
            raise self.error
        key = f"{query.container}:previous" if query.previous else query.container
        text = self.texts.get(key, "")
        rows = text.splitlines()[-query.tail :]
        lines = tuple(
            LogLine(
                pod=query.pod, container=query.container, text=row, at=_at(index, len(rows)), previous=query.previous
            )
            for index, row in enumerate(rows)
        )
        return LogChunk(lines=lines, missing="" if lines else "no lines")


class FakeTargets:
    """Resolves every name to one object."""

    def __init__(self, kind: str, name: str, namespace: str, **more: Any):
        self.target = Target(ObjectRef(cluster=CLUSTER, namespace=namespace, kind=kind, name=name), "name", **more)

    async def workload(self, name: str, environment: str | None) -> Target:
        return self.target

    async def namespaces(self, environment: str) -> tuple[str, ...]:
        return (environment,)


async def diagnose(
    *objects: Json,
    logs: dict[str, str] | FakeLogs | None = None,
    workload: str = "Deployment/checkout",
    namespace: str = NAMESPACE,
    now: datetime = NOW,
    cluster: FakeCluster | None = None,
    catalog: Catalog | None = None,
    component: str | None = None,
) -> Diagnosis:
    """The diagnosis of a workload in a cluster that holds these objects."""
    kind, name = workload.split("/")
    return await diagnose_workload(
        DiagnoseWorkloadArgs(workload=name, environment=namespace),
        cluster=cluster or FakeCluster(objects),
        logs=logs if isinstance(logs, FakeLogs) else FakeLogs(logs or {}),
        targets=FakeTargets(kind, name, namespace, component=component),
        catalog=catalog,
        clock=lambda: now,
    )


def _inside(raw: Json, namespace: str | None) -> bool:
    return namespace in {None, raw["metadata"].get("namespace")}


def _at(index: int, count: int) -> datetime:
    return NOW - timedelta(minutes=1) - timedelta(seconds=count - index)


def _labels_fit(selector: str, labels: dict[str, str]) -> bool:
    return all(_term_fits(term, labels) for term in _terms(selector))


def _terms(selector: str) -> list[str]:
    terms, depth, current = [], 0, ""
    for character in selector:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            terms.append(current)
            current = ""
        else:
            current += character
    return [*terms, current] if current else terms


def _term_fits(term: str, labels: dict[str, str]) -> bool:
    if " in (" in term:
        key, values = term.rstrip(")").split(" in (")
        return labels.get(key) in values.split(",")
    if term.startswith("!"):
        return term[1:] not in labels
    key, _, value = term.partition("=")
    return labels.get(key) == value if "=" in term else key in labels


def _fields_fit(selector: str, raw: Json) -> bool:
    return all(
        str(_dig(raw, key)) == value for key, _, value in (one.partition("=") for one in selector.split(",") if one)
    )


def _dig(raw: Any, path: str) -> Any:
    for part in path.split("."):
        raw = (raw or {}).get(part)
    return raw
