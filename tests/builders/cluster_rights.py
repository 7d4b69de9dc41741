"""A cluster in memory that one person sees: objects, rights by namespace, and every call counted."""

from collections.abc import Iterable
from typing import Any

from tools.cluster.models.meta import LabelSelector, Resource, T
from tools.cluster.port import Access, Page
from tools.errors import Forbidden, InvalidArgs, NotFound

EVERYWHERE = "*"


def make_object(kind: str, name: str, namespace: str | None = None, **labels: str) -> dict[str, Any]:
    """A raw object with labels ("__" in a keyword stands for "/", a single "_" for ".")."""
    written = {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}
    metadata = {"name": name, "uid": f"uid-{kind}-{namespace}-{name}", "labels": written}
    return {"kind": kind, "metadata": metadata | ({"namespace": namespace} if namespace else {})}


class RightsCluster:
    """Lists honour selectors. `may` names the namespaces in which everything may be read; "*" is all of them.

    `namespaces_listed` False: a list of namespaces is refused, though those in `may` may be got one by one unless
    `namespaces_got` is False too. `error` is raised by every call.
    """

    def __init__(
        self,
        objects: Iterable[dict[str, Any]],
        *,
        may: tuple[str, ...] = (EVERYWHERE,),
        namespaces_listed: bool = True,
        namespaces_got: bool = True,
        error: Exception | None = None,
        cluster: str = "main",
    ) -> None:
        self.objects = list(objects)
        self.may = may
        self.namespaces_listed = namespaces_listed
        self.namespaces_got = namespaces_got
        self.error = error
        self.cluster = cluster
        self.calls: list[str] = []

    async def get(self, resource: Resource[T], namespace: str | None, name: str) -> T:
        self._enter(f"get {resource.plural}/{name}")
        if not self._may(name if resource.plural == "namespaces" else namespace):
            raise self._refused("get", resource, namespace)
        if resource.plural == "namespaces" and not self.namespaces_got:
            raise self._refused("get", resource, None)
        for raw in self._of(resource, namespace):
            if raw["metadata"]["name"] == name:
                return resource.parse(raw)
        raise NotFound(f'{resource.plural} "{name}" not found')

    async def list(
        self, resource: Resource[T], namespace: str | None, *, labels: str = "", fields: str = "", limit: int = 1000
    ) -> Page[T]:
        self._enter(f"list {resource.plural} in {namespace or 'all'} {labels or fields}".strip())
        listed = self.namespaces_listed if resource.plural == "namespaces" else self._may(namespace)
        if not listed:
            raise self._refused("list", resource, namespace)
        if " " in labels:
            raise InvalidArgs("unable to parse requirement")
        wanted = LabelSelector(match_labels=dict(term.split("=") for term in labels.split(",") if term))
        name = fields.removeprefix("metadata.name=")
        found = [
            raw
            for raw in self._of(resource, namespace)
            if wanted.matches(raw["metadata"]["labels"]) and name in ("", raw["metadata"]["name"])
        ]
        return Page(tuple(resource.parse(raw) for raw in found[:limit]), truncated=len(found) > limit)

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        raise NotImplementedError

    async def can_i(self, verb: str, resource: Resource[T], namespace: str | None, name: str = "") -> Access:
        self._enter(f"can {verb} {resource.plural} in {namespace or 'all'}")
        return Access(self._may(namespace))

    async def server_version(self) -> str:
        return "v1.36.2"

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    def _may(self, namespace: str | None) -> bool:
        return EVERYWHERE in self.may or namespace in self.may

    def _refused(self, verb: str, resource: Resource[T], namespace: str | None) -> Forbidden:
        right = f"{verb} {resource.plural} in {namespace or 'all namespaces'}"
        return Forbidden(f"You may not {right}.", missing=right)

    def _of(self, resource: Resource[T], namespace: str | None) -> Iterable[dict[str, Any]]:
        for raw in self.objects:
            if raw["kind"] == resource.kind and namespace in (None, raw["metadata"].get("namespace")):
                yield raw
