"""Every write goes through here, of clients and of controllers: defaults, admission, validation, ownership, storage."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evals.emulators.kubernetes.admission import Admission
from evals.emulators.kubernetes.defaults import apply_defaults
from evals.emulators.kubernetes.errors import already_exists, bad_request, conflict, modified
from evals.emulators.kubernetes.managed_fields import Manager, after_update
from evals.emulators.kubernetes.names import Names
from evals.emulators.kubernetes.objects import Json, copy_json, dig, is_deleting, meta, name_of, namespace_of, uid_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Store
from evals.emulators.kubernetes.timing import rfc3339
from evals.emulators.kubernetes.validation import validate

CONTROLLER = Manager("kube-controller-manager")
_STATUS_KEPT = ("nodes",)  # kinds whose status may be given at creation
_GENERATED = {
    "cronjobs.batch",
    "daemonsets.apps",
    "deployments.apps",
    "endpointslices.discovery.k8s.io",
    "ingresses.networking.k8s.io",
    "jobs.batch",
    "networkpolicies.networking.k8s.io",
    "poddisruptionbudgets.policy",
    "pods",
    "priorityclasses.scheduling.k8s.io",
    "replicasets.apps",
    "statefulsets.apps",
}
_TERMINAL = ("Succeeded", "Failed")


@dataclass(frozen=True)
class WriteOptions:
    """How a write is meant: by which manager, for real or not; `warnings` collects what the client is told."""

    manager: Manager = CONTROLLER
    dry_run: bool = False
    keep_status: bool = False
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


@dataclass(frozen=True)
class DeleteOptions:
    """How a deletion is meant. `grace_seconds` None takes the object's own."""

    grace_seconds: int | None = None
    propagation: str = "Background"
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


class Writer:
    """Creates, updates and deletes objects as the API server does."""

    def __init__(self, store: Store, names: Names, now: Callable[[], datetime]) -> None:
        self._store = store
        self._names = names
        self._now = now
        self._admission = Admission(store, names)

    def create(self, resource: Resource, namespace: str, body: Json, options: WriteOptions | None = None) -> Json:
        """Store a new object. Raises ApiError: 400, 403, 404 (namespace), 409, 422."""
        options = options or WriteOptions()
        obj = self._new(resource, namespace, body, options)
        apply_defaults(resource, obj)
        manager = _versioned(options.manager, resource)
        if manager.operation == "Update":
            meta(obj)["managedFields"] = after_update(resource, None, obj, manager, self._now())
        self._admission.mutate(resource, namespace, obj)
        apply_defaults(resource, obj)
        validate(resource, obj, None)
        self._admission.validate(resource, namespace, obj, options.warn)
        if self._store.get(resource, namespace, name_of(obj)) is not None:
            raise already_exists(resource, name_of(obj))
        return obj if options.dry_run else self._store.put(resource, obj)

    def _new(self, resource: Resource, namespace: str, body: Json, options: WriteOptions) -> Json:
        obj: Json = copy_json(body)
        metadata = meta(obj)
        if metadata.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = self._names.generate(metadata["generateName"])
        if resource.namespaced:
            metadata["namespace"] = namespace
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation", "selfLink"):
            metadata.pop(name, None)
        metadata["uid"] = self._names.uid()
        metadata["creationTimestamp"] = rfc3339(self._now())
        if resource.qualified in _GENERATED or resource.custom:
            metadata["generation"] = 1
        if resource.has_status and not options.keep_status and resource.shelf not in _STATUS_KEPT:
            obj.pop("status", None)
        if resource.qualified == "services":
            self._give_address(obj)
        return obj

    def _give_address(self, service: Json) -> None:
        spec = service.setdefault("spec", {})
        if spec.get("type") != "ExternalName":
            spec.setdefault("clusterIP", self._names.cluster_address())
            spec["clusterIPs"] = [spec["clusterIP"]]

    def update(self, resource: Resource, old: Json, new: Json, options: WriteOptions | None = None) -> Json:
        """Store a changed object; through a subresource only its part changes. Raises ApiError 409, 422."""
        options = options or WriteOptions()
        obj = self._prepared(resource, old, copy_json(new), options.manager.subresource)
        validate(resource, obj, old)
        manager = _versioned(options.manager, resource)
        if manager.operation == "Update":
            _bump_generation(resource, old, obj, manager.subresource)
            meta(obj)["managedFields"] = after_update(resource, old, obj, manager, self._now())
        if _same(old, obj):
            return old
        if manager.operation == "Apply":
            _bump_generation(resource, old, obj, manager.subresource)
        if options.dry_run:
            return obj
        if is_deleting(obj) and not _held(obj):
            return self._store.remove(resource, obj)
        return self._store.put(resource, obj)

    def _prepared(self, resource: Resource, old: Json, obj: Json, subresource: str) -> Json:
        metadata, before = meta(obj), old["metadata"]
        self._check_preconditions(resource, old, obj)
        metadata.update({key: before[key] for key in ("uid", "creationTimestamp", "resourceVersion")})
        for key in ("generation", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName", "namespace"):
            metadata.pop(key, None)
            metadata.update({key: before[key]} if key in before else {})
        metadata.setdefault("managedFields", before.get("managedFields", []))
        if subresource == "status":
            kept = {key: value for key, value in old.items() if key not in ("metadata", "status")}
            obj = {**kept, "metadata": metadata, "status": obj.get("status") or {}}
            metadata.update({"labels": before["labels"]} if "labels" in before else {})
        elif resource.has_status and "status" in old and resource.shelf not in _STATUS_KEPT:
            obj["status"] = copy_json(old["status"])
        apply_defaults(resource, obj)
        return obj

    def _check_preconditions(self, resource: Resource, old: Json, obj: Json) -> None:
        metadata, before = meta(obj), old["metadata"]
        if metadata.get("name", before["name"]) != before["name"]:
            raise bad_request("the name of the object does not match the name on the URL")
        metadata["name"] = before["name"]
        if metadata.get("resourceVersion", before["resourceVersion"]) != before["resourceVersion"]:
            raise modified(resource, before["name"])
        if metadata.get("uid", before["uid"]) != before["uid"]:
            message = (
                f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {before['uid']}"
            )
            raise conflict(resource, before["name"], message)

    def delete(self, resource: Resource, obj: Json, options: DeleteOptions | None = None) -> tuple[Json, bool]:
        """Delete an object, or mark it when something holds it. The result says whether it is gone."""
        options = options or DeleteOptions()
        self._check_delete(resource, obj, options)
        if is_deleting(obj) and options.grace_seconds != 0:
            return obj, False
        grace = self._grace(resource, obj, options)
        marked = self._marked(resource, copy_json(obj), grace, options)
        if grace or _held(marked):
            return (marked if options.dry_run else self._store.put(resource, marked)), False
        return (obj if options.dry_run else self._store.remove(resource, obj)), True

    def _check_delete(self, resource: Resource, obj: Json, options: DeleteOptions) -> None:
        if options.uid and options.uid != uid_of(obj):
            message = (
                f"the UID in the precondition ({options.uid}) does not match the UID in record ({uid_of(obj)}). "
                "The object might have been deleted and then recreated"
            )
            raise _delete_conflict(resource, name_of(obj), message)
        version = obj["metadata"]["resourceVersion"]
        if options.resource_version and options.resource_version != version:
            message = (
                f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
                f"ResourceVersion in record ({version}). The object might have been modified"
            )
            raise _delete_conflict(resource, name_of(obj), message)

    def _grace(self, resource: Resource, obj: Json, options: DeleteOptions) -> int:
        if resource.shelf != "pods" or not dig(obj, "spec", "nodeName") or dig(obj, "status", "phase") in _TERMINAL:
            return 0
        given = options.grace_seconds
        return int(dig(obj, "spec", "terminationGracePeriodSeconds") or 0) if given is None else given

    def _marked(self, resource: Resource, obj: Json, grace: int, options: DeleteOptions) -> Json:
        metadata = meta(obj)
        metadata["deletionTimestamp"] = rfc3339(self._now() + timedelta(seconds=grace))
        if "generation" in metadata:
            metadata["generation"] += 1
        if resource.shelf == "namespaces":
            obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
            return obj
        metadata["deletionGracePeriodSeconds"] = grace
        finalizer = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}.get(options.propagation)
        if finalizer:
            metadata["finalizers"] = [*(metadata.get("finalizers") or []), finalizer]
        return obj

    def remove(self, resource: Resource, obj: Json) -> None:
        """Drop an object at once: what a kubelet or the namespace controller does at the end."""
        current = self._store.get(resource, namespace_of(obj), name_of(obj))
        if current is not None:
            self._store.remove(resource, current)


def _delete_conflict(resource: Resource, name: str, message: str) -> Exception:
    error = conflict(resource, name, message)
    text = f'Operation cannot be fulfilled on {resource.kind} "{name}": {message}'
    error.message, error.details = text, {"name": name, "kind": resource.kind}
    return error


def _versioned(manager: Manager, resource: Resource) -> Manager:
    return Manager(manager.name, manager.operation, manager.subresource, resource.api_version)


def _held(obj: Json) -> bool:
    return bool(obj["metadata"].get("finalizers")) or bool(
        obj["kind"] == "Namespace" and dig(obj, "spec", "finalizers")
    )


def _same(old: Json, new: Json) -> bool:
    return old == new


def _bump_generation(resource: Resource, old: Json, new: Json, subresource: str) -> None:
    if "generation" not in old["metadata"] or subresource == "status":
        return
    skipped = ("metadata", "status", "apiVersion", "kind")
    before = {key: value for key, value in old.items() if key not in skipped}
    after = {key: value for key, value in new.items() if key not in skipped}
    annotated = resource.qualified == "deployments.apps" and _annotations(old) != _annotations(new)
    if before != after or annotated:
        meta(new)["generation"] = old["metadata"]["generation"] + 1


def _annotations(obj: Json) -> Json:
    return obj["metadata"].get("annotations") or {}
