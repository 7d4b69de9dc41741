"""OpenAPI documents, made from the served resources and the models of the official client."""

from typing import Any

from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.resources import Registry, Resource
from evals.emulators.kubernetes.schema import FieldType, fields_of_model, model_for

_KIND = "x-kubernetes-group-version-kind"
_WRITES = {"post": "create", "put": "update", "patch": "patch"}
_QUERY = ("dryRun", "fieldManager", "fieldValidation", "force", "pretty")


class OpenApi:
    """/openapi/v2 and /openapi/v3: enough for clients that look up kinds, fields and query parameters."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def document(self, path: str) -> Json | None:
        """The document below /openapi/, or None."""
        if path == "v2":
            return self._version_2()
        if path == "v3":
            return {"paths": {root: {"serverRelativeURL": f"/openapi/v3/{root}?hash=1"} for root in self._roots()}}
        root = path.removeprefix("v3/")
        return self._version_3(root) if root in self._roots() else None

    def _roots(self) -> list[str]:
        found = {_root(resource) for resource in self._registry}
        return sorted(found)

    def _version_3(self, root: str) -> Json:
        resources = [resource for resource in self._registry if _root(resource) == root]
        schemas = _schemas(resources, "#/components/schemas/")
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": "v1.36.0"},
            "paths": _paths(resources),
            "components": {"schemas": schemas},
        }

    def _version_2(self) -> Json:
        resources = list(self._registry)
        return {
            "swagger": "2.0",
            "info": {"title": "Kubernetes", "version": "v1.36.0"},
            "paths": _paths(resources),
            "definitions": _schemas(resources, "#/definitions/"),
        }


def _root(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def _gvk(resource: Resource) -> Json:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(resources: list[Resource]) -> Json:
    paths: Json = {}
    for resource in resources:
        scope = "/namespaces/{namespace}" if resource.namespaced else ""
        base = f"/{_root(resource)}{scope}/{resource.plural}"
        for method, verb in _WRITES.items():
            if verb in resource.verbs:
                where = base if method == "post" else f"{base}/{{name}}"
                paths.setdefault(where, {})[method] = _operation(resource)
    return paths


def _operation(resource: Resource) -> Json:
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _QUERY]
    return {_KIND: _gvk(resource), "parameters": parameters, "responses": {"200": {"description": "OK"}}}


def _schemas(resources: list[Resource], prefix: str) -> Json:
    schemas: Json = {}
    for resource in resources:
        model = model_for(resource)
        name = model or f"{resource.group}.{resource.version}.{resource.kind}"
        if model:
            _add(schemas, model, prefix)
        else:
            schemas[name] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        schemas[name].setdefault(_KIND, []).append(_gvk(resource))
    return schemas


def _add(schemas: Json, model: str, prefix: str) -> None:
    if model in schemas:
        return
    fields = fields_of_model(model)
    schemas[model] = {"type": "object", "description": model}
    properties = {name: _property(kind, prefix) for name, kind in fields.items()}
    if properties:
        schemas[model]["properties"] = properties
    for kind in fields.values():
        if kind.model:
            _add(schemas, kind.model, prefix)


def _property(kind: FieldType, prefix: str) -> Json:
    inner: dict[str, Any] = {"$ref": f"{prefix}{kind.model}"} if kind.model else {}
    if not kind.model and kind.scalar != "any":
        inner = {"type": kind.scalar}
    if kind.container == "list":
        return {"type": "array", "items": inner or {"type": "object"}}
    if kind.container == "map":
        return {"type": "object", "additionalProperties": inner or {"type": "object"}}
    return inner
