"""What tools need of a cluster. Reading code gets a `ClusterReader` and cannot write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tools.cluster.models.meta import Resource, T
from tools.contract import ObjectRef


@dataclass(frozen=True)
class Actor:
    """Whom the cluster sees: Impersonate-User and Impersonate-Group. Never a `system:` name."""

    user: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page(Sequence[T]):
    """Objects of one list, in the server's order (by namespace and name). `truncated`: more exist than were read."""

    items: tuple[T, ...]
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]


@dataclass(frozen=True)
class Access:
    """Answer of a SelfSubjectAccessReview, as the acting person."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True)
class StoredObject:
    """A raw object as the server stored it (or would, in a dry run), and the audit id of the call."""

    body: dict[str, Any]
    audit_id: str = ""
    warnings: tuple[str, ...] = ()


PatchType = Literal["merge", "strategic", "json", "apply"]
Propagation = Literal["Background", "Foreground", "Orphan"]


class ClusterReader(Protocol):
    """Reads one cluster as one person. Raises NotFound, Forbidden (with `missing`), Unavailable, InvalidArgs."""

    @property
    def cluster(self) -> str:
        """The name this cluster has in settings."""
        ...

    async def get(self, resource: Resource[T], namespace: str | None, name: str) -> T:
        """One object."""
        ...

    async def list(
        self,
        resource: Resource[T],
        namespace: str | None,
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 1000,
    ) -> Page[T]:
        """Objects that match both selectors, read in pages, at most `limit`. `namespace` None: all namespaces."""
        ...

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        """One object as raw JSON, without managedFields: for diffs of what the server stores."""
        ...

    async def can_i(self, verb: str, resource: Resource[T], namespace: str | None, name: str = "") -> Access:
        """Whether the acting person may (POST selfsubjectaccessreviews). A subresource is "deployments/scale"."""
        ...

    async def server_version(self) -> str:
        """gitVersion of the server, such as "v1.36.2" (GET /version)."""
        ...


class ClusterWriter(ClusterReader, Protocol):
    """Changes one cluster as one person. Raises also PlanStale (409 on a resourceVersion or a field manager)."""

    async def patch(
        self,
        resource: Resource[T],
        ref: ObjectRef,
        body: dict[str, Any] | list[dict[str, Any]],
        *,
        kind: PatchType = "strategic",
        dry_run: bool = False,
        subresource: str = "",
    ) -> StoredObject:
        """PATCH with fieldManager=infra-assistant and fieldValidation=Strict; never forces a conflict."""
        ...

    async def create(
        self, resource: Resource[T], namespace: str | None, body: dict[str, Any], *, dry_run: bool = False
    ) -> StoredObject:
        """POST with fieldManager=infra-assistant and fieldValidation=Strict. InvalidArgs when the name is taken."""
        ...

    async def delete(
        self,
        resource: Resource[T],
        ref: ObjectRef,
        *,
        resource_version: str = "",
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> StoredObject:
        """DELETE the very object: `ref.uid` must be set; PlanStale when that one is gone or has another version.

        The body is the object as it was last, or the server's Status.
        """
        ...


@dataclass(frozen=True)
class Target:
    """An object that a name was resolved to, and how ("catalog annotation backstage.io/kubernetes-id", "name").

    `ref.kind` of a workload is Deployment, StatefulSet, DaemonSet, Job or CronJob. `component`: its catalog ref.
    `tier`: "prod" or "nonprod". `owner`: the owning group's catalog ref, if known; `owner_location`: the catalog
    location that says so ("url:https://git.example/shop/catalog-info.yaml").
    """

    ref: ObjectRef
    how: str
    component: str | None = None
    tier: str = "nonprod"
    owner: str | None = None
    owner_location: str | None = None


class Targets(Protocol):
    """Turns the words of a person into objects. Never guesses between two."""

    async def workload(self, name: str, environment: str | None) -> Target:
        """The workload meant by a service or workload name ("checkout", "StatefulSet/db") in an environment.

        `environment` is an environment or namespace name; None is allowed when only one workload fits.
        Raises NotFound with the nearest names, or Ambiguous with all that fit as "checkout in shop-staging".
        """
        ...

    async def namespaces(self, environment: str) -> tuple[str, ...]:
        """Namespaces of an environment, sorted. Raises NotFound with the known environments."""
        ...

    async def tier(self, namespace: str) -> str:
        """ "prod" or "nonprod", of one namespace."""
        ...
