"""Authorization by Roles and ClusterRoles and their bindings."""

from collections.abc import Iterator
from dataclasses import dataclass

from evals.emulators.kubernetes.catalogue import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES
from evals.emulators.kubernetes.objects import Json, labels_of, name_of
from evals.emulators.kubernetes.selectors import matches
from evals.emulators.kubernetes.store import Store
from evals.emulators.kubernetes.users import User

_SERVICE_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True)
class Attributes:
    """What somebody wants to do: on a resource, or on a path of the server."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def target(self) -> str:
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, and by which binding."""

    allowed: bool
    reason: str = ""


class Authorizer:
    """Answers from the RBAC objects in the store, as they are at that moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def authorize(self, user: User, wanted: Attributes) -> Decision:
        if user.is_master:
            return Decision(True)
        for binding, subject, rules in self._granted(user, wanted.namespace):
            if any(_allows(rule, wanted) for rule in rules):
                return Decision(True, f"RBAC: allowed by {_binding_text(binding)} to {_subject_text(subject)}")
        return Decision(False)

    def rules_for(self, user: User, namespace: str) -> list[Json]:
        """Every rule that applies to a user in a namespace."""
        if user.is_master:
            every = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
            return [every, {"verbs": ["*"], "nonResourceURLs": ["*"]}]
        return [rule for _, _, rules in self._granted(user, namespace) for rule in rules]

    def _granted(self, user: User, namespace: str) -> Iterator[tuple[Json, Json, list[Json]]]:
        bindings = self._store.items(CLUSTER_ROLE_BINDINGS)
        if namespace:
            bindings += self._store.items(ROLE_BINDINGS, namespace)
        for binding in bindings:
            for subject in binding.get("subjects") or []:
                if _is(subject, user, namespace):
                    yield binding, subject, self._rules(binding)
                    break

    def _rules(self, binding: Json) -> list[Json]:
        reference = binding["roleRef"]
        if reference["kind"] == "Role":
            role = self._store.get(ROLES, binding["metadata"]["namespace"], reference["name"])
        else:
            role = self._store.get(CLUSTER_ROLES, "", reference["name"])
        if role is None:
            return []
        return (role.get("rules") or []) + self._aggregated(role)

    def _aggregated(self, role: Json) -> list[Json]:
        selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or []
        parts = [other for other in self._store.items(CLUSTER_ROLES) if name_of(other) != name_of(role)]
        return [
            rule
            for other in parts
            if any(matches(selector, labels_of(other)) for selector in selectors)
            for rule in other.get("rules") or []
        ]


def _is(subject: Json, user: User, namespace: str) -> bool:
    name = subject.get("name", "")
    if subject["kind"] == "Group":
        return name in user.groups
    if subject["kind"] == "ServiceAccount":
        return user.name == f"{_SERVICE_ACCOUNT}{subject.get('namespace') or namespace}:{name}"
    return bool(user.name == name)


def _allows(rule: Json, wanted: Attributes) -> bool:
    if not _has(rule.get("verbs"), wanted.verb):
        return False
    if wanted.path:
        return any(_path_matches(path, wanted.path) for path in rule.get("nonResourceURLs") or [])
    names = rule.get("resourceNames") or []
    return (
        _has(rule.get("apiGroups"), wanted.group)
        and _names_resource(rule.get("resources") or [], wanted)
        and (not names or wanted.name in names)
    )


def _names_resource(resources: list[str], wanted: Attributes) -> bool:
    if _has(resources, wanted.target):
        return True
    return bool(wanted.subresource) and f"*/{wanted.subresource}" in resources


def _has(values: list[str] | None, wanted: str) -> bool:
    return "*" in (values or []) or wanted in (values or [])


def _path_matches(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _binding_text(binding: Json) -> str:
    reference = binding["roleRef"]
    namespace = binding["metadata"].get("namespace")
    name = f"{name_of(binding)}/{namespace}" if namespace else name_of(binding)
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return f'{kind} "{name}" of {reference["kind"]} "{reference["name"]}"'


def _subject_text(subject: Json) -> str:
    name = subject["name"]
    if subject["kind"] == "ServiceAccount":
        name = f"{name}/{subject.get('namespace', '')}"
    return f'{subject["kind"]} "{name}"'
