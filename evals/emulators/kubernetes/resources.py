"""What a resource is, and the registry that knows which ones are served."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
EDIT_VERBS = ("get", "patch", "update")


@dataclass(frozen=True)
class Subresource:
    """A subresource as discovery lists it; `group` and `version` only when its kind is of another group."""

    name: str
    kind: str
    verbs: tuple[str, ...] = EDIT_VERBS
    group: str = ""
    version: str = ""


@dataclass(frozen=True)
class Resource:
    """One served resource: `storage` names the shelf it lies on, shared by the versions and groups that show it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = field(default=(), compare=False)
    storage: str = ""
    custom: bool = False

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`deployments.apps`, or `pods` of the core group: how messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def shelf(self) -> str:
        return self.storage or self.qualified

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def stored(self) -> bool:
        """Reviews and bindings are answered, not kept."""
        return "get" in self.verbs

    @property
    def has_status(self) -> bool:
        return self.subresource("status") is not None

    @property
    def storage_version_hash(self) -> str:
        text = f"{self.group}/{self.version}/{self.kind}".encode()
        return base64.b64encode(hashlib.sha256(text).digest()[:8]).decode()

    def subresource(self, name: str) -> Subresource | None:
        return next((sub for sub in self.subresources if sub.name == name), None)

    def in_version(self, version: str) -> "Resource":
        return replace(self, version=version, storage=self.shelf)


class Registry:
    """The served resources, in the order of discovery. Custom ones come and go with their definitions."""

    def __init__(self, resources: Iterable[Resource], groups: Iterable[str]) -> None:
        self._resources: dict[tuple[str, str, str], Resource] = {}
        self._groups = list(groups)
        for resource in resources:
            self.register(resource)

    def register(self, resource: Resource) -> None:
        self._resources[resource.group, resource.version, resource.plural] = resource
        if resource.group and resource.group not in self._groups:
            self._groups.append(resource.group)

    def unregister(self, resource: Resource) -> None:
        self._resources.pop((resource.group, resource.version, resource.plural), None)
        if not any(other.group == resource.group for other in self._resources.values()):
            self._groups.remove(resource.group)

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        return self._resources.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's apiVersion and kind."""
        return next((r for r in self if r.api_version == api_version and r.kind == kind), None)

    def of_plural(self, group: str, plural: str) -> Resource | None:
        return next((r for r in self if r.group == group and r.plural == plural), None)

    def of_group(self, group: str, version: str) -> list[Resource]:
        return [r for r in self if r.group == group and r.version == version]

    def groups(self) -> list[str]:
        """API groups but the core one, as discovery orders them."""
        return list(self._groups)

    def versions(self, group: str) -> list[str]:
        """Versions of a group, the preferred first."""
        return list(dict.fromkeys(r.version for r in self if r.group == group))

    def shelves(self) -> list[Resource]:
        """One resource for each kind of stored object, whatever the number of versions that show it."""
        return list({r.shelf: r for r in reversed(list(self)) if r.stored}.values())

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._resources.values()))
