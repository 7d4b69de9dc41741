"""Admission of writes: namespaces, service accounts, limits, Pod Security and quotas, in the server's order."""

from collections.abc import Callable

from evals.emulators.kubernetes.catalogue import LIMITRANGES, NAMESPACES, PRIORITY_CLASSES, QUOTAS, SERVICE_ACCOUNTS
from evals.emulators.kubernetes.errors import Cause, forbidden, not_found
from evals.emulators.kubernetes.limits import apply_limit_defaults, limit_violations
from evals.emulators.kubernetes.names import Names
from evals.emulators.kubernetes.objects import Json, dig, is_deleting, labels_of, name_of
from evals.emulators.kubernetes.pod_defaults import TOKEN_VOLUME, admit_pod, mount_token
from evals.emulators.kubernetes.pod_security import violations
from evals.emulators.kubernetes.quota import quota_refusal
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Store

Warn = Callable[[str], None]
_LEVELS = {"privileged": 0, "baseline": 1, "restricted": 2}
_LABEL = "pod-security.kubernetes.io/"


class Admission:
    """The admission plugins that a default server runs, as far as objects of this emulator meet them."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names

    def mutate(self, resource: Resource, namespace: str, obj: Json) -> None:
        """Fill in what admission adds to a new object."""
        if resource.namespaced and resource.shelf != "namespaces":
            self._check_namespace(resource, namespace, name_of(obj))
        if resource.shelf == "pods":
            admit_pod(obj["spec"])
            self._priority(resource, obj)
            self._service_account(resource, namespace, obj)
            apply_limit_defaults(obj, self._store.items(LIMITRANGES, namespace))

    def validate(self, resource: Resource, namespace: str, obj: Json, warn: Warn) -> None:
        """Refuse a new object that breaks limits, security or quota. Raises ApiError 403."""
        self._pod_security(resource, namespace, obj, warn)
        if resource.shelf == "pods":
            broken = limit_violations(obj, self._store.items(LIMITRANGES, namespace))
            if broken:
                message = broken[0] if len(broken) == 1 else f"[{', '.join(broken)}]"
                raise forbidden(resource, name_of(obj), message)
        self._quota(resource, namespace, obj)

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        found = self._store.get(NAMESPACES, "", namespace)
        if found is None:
            raise not_found(NAMESPACES, namespace)
        if is_deleting(found):
            cause = Cause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
            message = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise forbidden(resource, name, message, [cause])

    def _priority(self, resource: Resource, pod: Json) -> None:
        name = pod["spec"].get("priorityClassName")
        if not name:
            return
        found = self._store.get(PRIORITY_CLASSES, "", name)
        if found is None:
            raise forbidden(resource, name_of(pod), f"no PriorityClass with name {name} was found")
        pod["spec"]["priority"] = found.get("value", 0)

    def _service_account(self, resource: Resource, namespace: str, pod: Json) -> None:
        name = pod["spec"].get("serviceAccountName", "default")
        if name != "default" and self._store.get(SERVICE_ACCOUNTS, namespace, name) is None:
            message = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
            raise forbidden(resource, name_of(pod), message)
        mount_token(pod, self._names.generate(TOKEN_VOLUME))

    def _pod_security(self, resource: Resource, namespace: str, obj: Json, warn: Warn) -> None:
        found = self._store.get(NAMESPACES, "", namespace)
        spec = _pod_spec(resource, obj)
        if found is None or spec is None:
            return
        enforced = labels_of(found).get(f"{_LABEL}enforce", "privileged")
        broken = violations(enforced, spec) if resource.shelf == "pods" else []
        if broken:
            version = labels_of(found).get(f"{_LABEL}enforce-version", "latest")
            message = f'violates PodSecurity "{enforced}:{version}": {", ".join(broken)}'
            raise forbidden(resource, name_of(obj), message)
        self._warn_of(labels_of(found), spec, warn)

    def _warn_of(self, labels: dict[str, str], spec: Json, warn: Warn) -> None:
        level, mode = labels.get(f"{_LABEL}warn"), "warn"
        if level is None:
            level, mode = labels.get(f"{_LABEL}enforce", "privileged"), "enforce"
        broken = violations(level, spec) if level in _LEVELS else []
        if broken:
            version = labels.get(f"{_LABEL}{mode}-version", "latest")
            warn(f'would violate PodSecurity "{level}:{version}": {", ".join(broken)}')

    def _quota(self, resource: Resource, namespace: str, obj: Json) -> None:
        if not namespace:
            return
        for quota in self._store.items(QUOTAS, namespace):
            refusal = quota_refusal(self._store, quota, resource, obj)
            if refusal:
                raise forbidden(resource, name_of(obj), refusal)


def _pod_spec(resource: Resource, obj: Json) -> Json | None:
    if resource.shelf == "pods":
        return dict(obj["spec"])
    if resource.custom:
        return None
    if resource.qualified == "cronjobs.batch":
        return dig(obj, "spec", "jobTemplate", "spec", "template", "spec")  # type: ignore[no-any-return]
    return dig(obj, "spec", "template", "spec")  # type: ignore[no-any-return]
