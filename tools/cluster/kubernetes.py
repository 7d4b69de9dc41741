"""A Kubernetes cluster through its HTTP API: raw JSON, paged, as one person."""

import re
from typing import Any

from tools.cluster.impersonation import refuse_system_names
from tools.cluster.models.meta import Resource, T
from tools.cluster.port import Access, Actor, Page, PatchType, Propagation, StoredObject
from tools.cluster.session import ApiSession, Query, Request, Response, Source
from tools.cluster.translate import Call, Expired
from tools.contract import ObjectRef
from tools.errors import InvalidArgs

PAGE_SIZE = 250  # measured: the longest pause of the event loop stays under 0.15 s
FIELD_MANAGER = "infra-assistant"

CONTENT_TYPES: dict[PatchType, str] = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}

PatchBody = dict[str, Any] | list[dict[str, Any]]

_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.:]{0,251}[A-Za-z0-9])?")


class KubernetesConnection:
    """One cluster, one HTTP session, for all people. Close it at shutdown."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    @classmethod
    async def open(
        cls,
        *,
        name: str,
        kubeconfig: str | None = None,
        context: str | None = None,
        in_cluster: bool = False,
        timeout_seconds: float = 10.0,
    ) -> "KubernetesConnection":
        """Load credentials of the cluster called `name`; it is not contacted yet.

        `kubeconfig` None is the client's default file; `in_cluster` uses the pod's service account instead.
        `timeout_seconds` bounds each request. Raises Unavailable when the credentials cannot be loaded.
        """
        source = Source(kubeconfig, context, in_cluster)
        return cls(await ApiSession.open(name, source, timeout_seconds))

    async def close(self) -> None:
        """Close the session; readers made from it stop working."""
        await self._session.close()

    def acting_as(self, actor: Actor | None) -> "KubernetesCluster":
        """The cluster as this person sees it; None is the kubeconfig's own identity. Raises Forbidden on `system:`."""
        refuse_system_names(actor)
        return KubernetesCluster(self._session, actor)


class KubernetesCluster:
    """Implements ClusterWriter. Raises ToolError only."""

    def __init__(self, session: ApiSession, actor: Actor | None) -> None:
        self._session = session
        self._actor = actor

    @property
    def cluster(self) -> str:
        """The name this cluster has in settings."""
        return self._session.cluster

    async def get(self, resource: Resource[T], namespace: str | None, name: str) -> T:
        """One object (GET .../{plural}/{name})."""
        return resource.parse((await self._read(resource, namespace, name)).json())

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        """One object as raw JSON, without managedFields."""
        return _without_managed_fields((await self._read(resource, namespace, name)).json())

    async def list(
        self, resource: Resource[T], namespace: str | None, *, labels: str = "", fields: str = "", limit: int = 1000
    ) -> Page[T]:
        """Objects that match both selectors, in pages of 250 (GET .../{plural}?limit=&continue=)."""
        selectors = [("labelSelector", labels), ("fieldSelector", fields)]
        query = [(key, value) for key, value in selectors if value]
        try:
            return await self._pages(resource, namespace, query, limit)
        except Expired:  # the list moved on while it was read: once more from the start
            return await self._pages(resource, namespace, query, limit)

    async def can_i(self, verb: str, resource: Resource[T], namespace: str | None, name: str = "") -> Access:
        """Whether the acting person may (POST selfsubjectaccessreviews)."""
        plural, _, subresource = resource.plural.partition("/")
        asked = {"verb": verb, "group": resource.group, "resource": plural, "subresource": subresource}
        attributes = {**asked, "namespace": namespace or "", "name": name}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        call = Call(self.cluster, "create", "selfsubjectaccessreviews")
        response = await self._session.send(Request(call, "POST", path, body=body), self._actor)
        status = response.json().get("status") or {}
        return Access(bool(status.get("allowed")) and not status.get("denied"), str(status.get("reason") or ""))

    async def server_version(self) -> str:
        """gitVersion of the server (GET /version)."""
        response = await self._session.send(
            Request(Call(self.cluster, "get", "version"), "GET", "/version"), self._actor
        )
        return str(response.json().get("gitVersion", ""))

    async def text(self, resource: Resource[T], namespace: str, name: str, subresource: str, query: Query) -> bytes:
        """A subresource that answers with plain text, such as the log of a pod (GET .../{name}/{subresource})."""
        call = Call(self.cluster, "get", f"{resource.plural}/{subresource}", namespace, name)
        path = f"{_path(resource, namespace, name)}/{subresource}"
        response = await self._session.send(Request(call, "GET", path, query, accept="*/*"), self._actor)
        return response.body

    async def patch(
        self,
        resource: Resource[T],
        ref: ObjectRef,
        body: PatchBody,
        *,
        kind: PatchType = "strategic",
        dry_run: bool = False,
        subresource: str = "",
    ) -> StoredObject:
        """PATCH .../{plural}/{name}[/{subresource}] with fieldValidation=Strict; a conflict is never forced."""
        plural = f"{resource.plural}/{subresource}" if subresource else resource.plural
        path = _path(resource, ref.namespace, ref.name) + (f"/{subresource}" if subresource else "")
        call = Call(self.cluster, "patch", plural, ref.namespace, ref.name)
        request = Request(call, "PATCH", path, _strictly(dry_run), body, CONTENT_TYPES[kind], read=dry_run)
        return _stored(await self._session.send(request, self._actor))

    async def create(
        self, resource: Resource[T], namespace: str | None, body: dict[str, Any], *, dry_run: bool = False
    ) -> StoredObject:
        """POST .../{plural} with fieldValidation=Strict. Raises InvalidArgs when the name is taken."""
        call = Call(self.cluster, "create", resource.plural, namespace)
        sent = {"apiVersion": resource.api_version, "kind": resource.kind, **body}
        request = Request(call, "POST", _path(resource, namespace), _strictly(dry_run), sent, read=dry_run)
        return _stored(await self._session.send(request, self._actor))

    async def delete(
        self,
        resource: Resource[T],
        ref: ObjectRef,
        *,
        resource_version: str = "",
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> StoredObject:
        """DELETE .../{plural}/{name} with the uid as precondition. Raises PlanStale when it is another object."""
        if not ref.uid:
            raise InvalidArgs(f"{ref} cannot be deleted by name alone: its uid is not known.")
        version = {"resourceVersion": resource_version} if resource_version else {}
        options: dict[str, Any] = {"preconditions": {"uid": ref.uid, **version}, "propagationPolicy": propagation}
        options |= {"dryRun": ["All"]} if dry_run else {}
        rehearsal = [("dryRun", "All")] if dry_run else []  # the body decides; whoever reads only the URL sees it too
        call = Call(self.cluster, "delete", resource.plural, ref.namespace, ref.name)
        path = _path(resource, ref.namespace, ref.name)
        response = await self._session.send(
            Request(call, "DELETE", path, rehearsal, options, read=dry_run), self._actor
        )
        return _stored(response)

    async def _read(self, resource: Resource[T], namespace: str | None, name: str) -> Response:
        call = Call(self.cluster, "get", resource.plural, namespace, name)
        return await self._session.send(Request(call, "GET", _path(resource, namespace, name)), self._actor)

    async def _pages(self, resource: Resource[T], namespace: str | None, query: Query, limit: int) -> Page[T]:
        items: list[T] = []
        token = ""
        while True:
            page = await self._page(resource, namespace, query, min(PAGE_SIZE, limit - len(items)), token)
            items += [resource.parse(raw) for raw in page.get("items") or ()]
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token or len(items) >= limit:
                return Page(tuple(items[:limit]), truncated=bool(token) or len(items) > limit)

    async def _page(
        self, resource: Resource[T], namespace: str | None, query: Query, size: int, token: str
    ) -> dict[str, Any]:
        paging = [("limit", str(size))] + ([("continue", token)] if token else [])
        call = Call(self.cluster, "list", resource.plural, namespace)
        request = Request(call, "GET", _path(resource, namespace), [*query, *paging])
        return (await self._session.send(request, self._actor)).json()


def _path(resource: Resource[T], namespace: str | None, name: str | None = None) -> str:
    """The request path. A name that could leave its path segment never reaches the server."""
    for part in (namespace, name):
        if part is not None and not _NAME.fullmatch(part):
            raise InvalidArgs(f'"{part[:60]}" is not a name that Kubernetes allows.')
    return resource.path(namespace, name or "")


def _strictly(dry_run: bool) -> Query:
    rehearsal = [("dryRun", "All")] if dry_run else []
    return [("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"), *rehearsal]


def _stored(response: Response) -> StoredObject:
    return StoredObject(_without_managed_fields(response.json()), response.audit_id, response.warnings)


def _without_managed_fields(body: dict[str, Any]) -> dict[str, Any]:
    meta = body.get("metadata")
    if isinstance(meta, dict):
        meta.pop("managedFields", None)
    return body
