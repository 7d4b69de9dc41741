"""Answers to writes: create, update, patch, apply, delete."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from evals.emulators.kubernetes.api_request import ApiRequest
from evals.emulators.kubernetes.apply import Apply, merge_applied
from evals.emulators.kubernetes.decoding import check_fields
from evals.emulators.kubernetes.errors import ApiError, bad_request, not_found
from evals.emulators.kubernetes.events import from_new_api
from evals.emulators.kubernetes.listing import Page, shown_as
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.objects import Json, dig, uid_of
from evals.emulators.kubernetes.patching import json_patch, merge_patch, strategic_merge_patch
from evals.emulators.kubernetes.reading import Reading, selection_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.responses import json_response, shown_list, success
from evals.emulators.kubernetes.scale import scale_of, with_scale
from evals.emulators.kubernetes.writes import DeleteOptions, WriteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_JSON_PATCH = "application/json-patch+json"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_PATCHES = (_JSON_PATCH, _MERGE, _STRATEGIC, _APPLY)
_BODIES = ("application/json", "application/yaml", "application/octet-stream", "")
# kinds whose deletion is answered with the object instead of a Status
_RETURNED = {
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "resourcequotas",
    "serviceaccounts",
    "services",
    "storageclasses.storage.k8s.io",
}


class Writing:
    """Writes to the cluster on behalf of a request."""

    def __init__(self, cluster: "Cluster", reading: Reading) -> None:
        self._cluster = cluster
        self._reading = reading

    def create(self, resource: Resource, request: ApiRequest) -> web.Response:
        body = self._body(resource, request)
        created = self._create(resource, body, request)
        return self._answer(resource, created, request, 201)

    def _create(self, resource: Resource, body: Json, request: ApiRequest) -> Json:
        namespace = self._namespace(resource, body, request)
        return self._cluster.writer.create(resource, namespace, body, self._options(request))

    def update(self, resource: Resource, request: ApiRequest) -> web.Response:
        body = self._body(resource, request)
        name = (body.get("metadata") or {}).get("name")
        if name != request.target.name:
            raise bad_request(
                f"the name of the object ({name}) does not match the name on the URL ({request.target.name})"
            )
        old = self._reading.find(resource, request)
        return self._answer(resource, self._update(resource, old, body, request), request)

    def _update(self, resource: Resource, old: Json, new: Json, request: ApiRequest) -> Json:
        if resource.group == "events.k8s.io":
            new = from_new_api(new)
        return self._cluster.writer.update(resource, old, new, self._options(request))

    def patch(self, resource: Resource, request: ApiRequest) -> web.Response:
        """Every patch type; an apply creates what is not there."""
        kind = request.content_type
        _check_patch_type(resource, kind)
        if kind == _APPLY:
            return self._apply(resource, request)
        old = self._reading.find(resource, request)
        shown = shown_as(resource, old)
        new = _patched(resource, shown, kind, request.document())
        request.warnings.extend(check_fields(resource, new, request.query("fieldValidation", "Warn")))
        return self._answer(resource, self._update(resource, old, new, request), request)

    def _apply(self, resource: Resource, request: ApiRequest) -> web.Response:
        config = request.object()
        _check_apply(resource, config, request)
        mode = request.query("fieldValidation", "Warn")
        request.warnings.extend(check_fields(resource, config, mode))
        manager = Manager(request.manager, "Apply", request.target.subresource, resource.api_version)
        apply = Apply(manager, self._cluster.now(), request.is_set("force"))
        namespace = request.target.namespace if resource.namespaced else ""
        live = self._cluster.store.get(resource, namespace, request.target.name)
        options = self._options(request, operation="Apply")
        if live is None:
            base = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {}}
            created = merge_applied(resource, base, config, apply)
            created["metadata"]["name"] = request.target.name
            obj = self._cluster.writer.create(resource, namespace, created, options)
            return self._answer(resource, obj, request, 201)
        merged = merge_applied(resource, live, config, apply)
        return self._answer(resource, self._cluster.writer.update(resource, live, merged, options), request)

    def scale(self, resource: Resource, request: ApiRequest) -> web.Response:
        """get, update and patch of the scale subresource."""
        old = self._reading.find(resource, request)
        if request.method == "GET":
            return json_response(scale_of(old))
        if request.method == "PUT":
            scale = request.object()
        else:
            _check_patch_type(resource, request.content_type)
            patch = request.document()
            scale = _patched(resource, scale_of(old), request.content_type, patch)
            if not dig(patch, "metadata", "resourceVersion"):
                scale["metadata"] = {**scale["metadata"], "resourceVersion": None}
        new = with_scale(old, scale)
        return json_response(scale_of(self._update(resource, old, new, request)), warnings=request.warnings)

    def delete(self, resource: Resource, request: ApiRequest) -> web.Response:
        old = self._reading.find(resource, request)
        obj, gone = self._cluster.writer.delete(resource, old, delete_options(request))
        if gone and resource.qualified not in _RETURNED:
            details = {
                "name": request.target.name,
                "group": resource.group,
                "kind": resource.plural,
                "uid": uid_of(obj),
            }
            return json_response(success({key: value for key, value in details.items() if value}))
        return json_response(shown_as(resource, obj))

    def delete_collection(self, resource: Resource, request: ApiRequest) -> web.Response:
        selection = selection_of(resource, request)
        matcher = selection.matcher()
        items = self._cluster.store.items(resource, selection.namespace or None)
        chosen = [obj for obj in items if matcher.matches(obj)]
        for obj in chosen:
            self._cluster.writer.delete(resource, obj, delete_options(request))
        page = Page(chosen, self._cluster.store.version)
        return json_response(shown_list(resource, page, "", self._cluster.now))

    def _body(self, resource: Resource, request: ApiRequest) -> Json:
        if request.content_type not in _BODIES:
            raise _unsupported(resource)
        body = request.object()
        _check_kind(resource, body)
        request.warnings.extend(check_fields(resource, body, request.query("fieldValidation", "Warn")))
        return from_new_api(body) if resource.group == "events.k8s.io" else body

    def _namespace(self, resource: Resource, body: Json, request: ApiRequest) -> str:
        wanted = request.target.namespace if resource.namespaced else ""
        given = (body.get("metadata") or {}).get("namespace")
        if resource.namespaced and given and given != wanted:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        return wanted

    def _options(self, request: ApiRequest, operation: str = "Update") -> WriteOptions:
        subresource = request.target.subresource
        manager = Manager(request.manager, operation, "" if subresource == "finalize" else subresource)
        return WriteOptions(manager, dry_run=request.dry_run, warnings=request.warnings)

    def _answer(self, resource: Resource, obj: Json, request: ApiRequest, status: int = 200) -> web.Response:
        return json_response(shown_as(resource, obj), status, request.warnings)


def delete_options(request: ApiRequest, given: Json | None = None) -> DeleteOptions:
    """Options of a deletion from the query and the body."""
    body = given if given is not None else (request.object() if request.body else {})
    preconditions = body.get("preconditions") or {}
    grace = request.number("gracePeriodSeconds")
    grace = body.get("gracePeriodSeconds") if grace is None else grace
    propagation = request.query("propagationPolicy") or body.get("propagationPolicy") or "Background"
    dry_run = request.dry_run or "All" in (body.get("dryRun") or [])
    return DeleteOptions(
        grace, propagation, preconditions.get("uid", ""), preconditions.get("resourceVersion", ""), dry_run
    )


def _patched(resource: Resource, target: Json, kind: str, patch: Any) -> Json:
    if kind == _JSON_PATCH:
        if not isinstance(patch, list):
            raise bad_request("a JSON patch must be a list of operations")
        return json_patch(target, patch)
    if not isinstance(patch, dict):
        raise bad_request("the patch must be an object")
    if kind == _STRATEGIC:
        return strategic_merge_patch(resource, target, patch)
    merged: Json = merge_patch(target, patch)
    return merged


def _check_patch_type(resource: Resource, kind: str) -> None:
    if kind not in _PATCHES:
        raise ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    if resource.custom and kind == _STRATEGIC:
        raise _unsupported(resource)


def _unsupported(resource: Resource) -> ApiError:
    types = [_JSON_PATCH, _MERGE, *([] if resource.custom else [_STRATEGIC]), _APPLY]
    accepted = f"accepted media types include: {', '.join(types)}"
    message = f"the body of the request was in an unknown format - {accepted}"
    return ApiError(415, "UnsupportedMediaType", message)


def _check_kind(resource: Resource, body: Json) -> None:
    version, kind = body.get("apiVersion", resource.api_version), body.get("kind", resource.kind)
    if version != resource.api_version:
        message = f"the API version in the data ({version}) does not match the expected API version"
        raise bad_request(f"{message} ({resource.api_version})")
    if kind != resource.kind:
        raise bad_request(f"{kind} in version {version} cannot be handled as a {resource.kind}")


def _check_apply(resource: Resource, config: Json, request: ApiRequest) -> None:
    if not request.query("fieldManager"):
        message = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
        cause = {"reason": "FieldValueRequired", "message": "Required value: is required for apply patch"}
        details = {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [{**cause, "field": "fieldManager"}]}
        raise ApiError(422, "Invalid", message, details)
    if not config.get("apiVersion") or not config.get("kind"):
        raise bad_request("an applied object must have apiVersion and kind")
    _check_kind(resource, config)
    metadata = config.get("metadata") or {}
    if "managedFields" in metadata:
        raise bad_request("metadata.managedFields must be nil")
    if metadata.get("name", request.target.name) != request.target.name:
        raise bad_request("the name of the object does not match the name on the URL")
    if not request.target.name:
        raise not_found(resource, "")
