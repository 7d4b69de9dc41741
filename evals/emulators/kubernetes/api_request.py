"""A request as the API server reads it: which verb on which resource, with which options."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml
from aiohttp import web

from evals.emulators.kubernetes import protobuf
from evals.emulators.kubernetes.errors import bad_request
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.rbac import Attributes
from evals.emulators.kubernetes.users import User

AUDIT_ID = web.RequestKey("audit_id", str)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_TRUE = ("true", "1")


@dataclass(frozen=True)
class Target:
    """What a path names. `group` None is a path that is no resource, such as /version."""

    path: str
    group: str | None = None
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(frozen=True)
class ApiRequest:
    """One request with its user and its body read."""

    http: web.Request
    target: Target
    user: User
    body: bytes
    warnings: list[str] = field(default_factory=list)

    @property
    def method(self) -> str:
        return self.http.method

    def query(self, name: str, default: str = "") -> str:
        return self.http.query.get(name, default)

    def is_set(self, name: str) -> bool:
        return self.query(name) in _TRUE

    def number(self, name: str) -> int | None:
        """A whole number from the query. Raises ApiError 400."""
        text = self.query(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError as exc:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from exc

    @property
    def dry_run(self) -> bool:
        value = self.query("dryRun")
        if value not in ("", "All"):
            raise bad_request(f'Invalid value: "{value}": unsupported dryRun value, must be All')
        return value == "All"

    @property
    def manager(self) -> str:
        """The field manager: given, or the first word of the user agent as the server takes it."""
        agent = self.http.headers.get("User-Agent", "").split("/")[0]
        return (self.query("fieldManager") or agent or "unknown")[:128]

    @property
    def content_type(self) -> str:
        return self.http.content_type

    @property
    def verb(self) -> str:
        """The verb of authorization."""
        if self.target.group is None:
            return self.method.lower()
        if self.method in _VERBS:
            return _VERBS[self.method]
        if self.method == "DELETE":
            return "delete" if self.target.name else "deletecollection"
        if self.is_set("watch"):
            return "watch"
        return "get" if self.target.name else "list"

    @property
    def attributes(self) -> Attributes:
        target = self.target
        if target.group is None:
            return Attributes(self.verb, path=target.path)
        return Attributes(self.verb, target.group, target.resource, target.subresource, target.namespace, target.name)

    def document(self) -> Any:
        """The body as data, from JSON or YAML. Raises ApiError 400."""
        if not self.body:
            return {}
        if self.content_type == protobuf.CONTENT_TYPE:
            return protobuf.decode_object(self.body)
        try:
            if "yaml" in self.content_type:
                return yaml.load(self.body, Loader=_Loader)  # noqa: S506  (a safe loader without dates)
            return orjson.loads(self.body)
        except (orjson.JSONDecodeError, yaml.YAMLError) as exc:
            raise bad_request(f"error decoding the body: {exc}") from exc

    def object(self) -> Json:
        """The body as an object. Raises ApiError 400."""
        found = self.document()
        if not isinstance(found, dict):
            raise bad_request("the body must be an object")
        return found


class _Loader(yaml.CSafeLoader):
    """Safe YAML that leaves dates as text, as the server's decoder does."""


_Loader.yaml_implicit_resolvers = {
    letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for letter, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load_documents(text: str) -> list[Json]:
    """The documents of a manifest file; lists are unfolded, empty documents dropped."""
    found: list[Json] = []
    for document in yaml.load_all(text, Loader=_Loader):
        if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
            found += document["items"]
        elif document:
            found += document if isinstance(document, list) else [document]
    return found


def parse_target(path: str) -> Target:
    """What a path names."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        return _resource_target(path, "", parts[1], parts[2:])
    if parts[:1] == ["apis"] and len(parts) > 3:
        return _resource_target(path, parts[1], parts[2], parts[3:])
    return Target(path)


def _resource_target(path: str, group: str, version: str, rest: list[str]) -> Target:
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        if len(rest) == 2 or rest[2] in ("status", "finalize"):
            return Target(path, group, version, "namespaces", rest[1], rest[1], "/".join(rest[2:]))
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    return Target(path, group, version, rest[0], namespace, name, "/".join(rest[2:]))
