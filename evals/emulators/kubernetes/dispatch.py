"""From a parsed request to its answer: discovery and reviews here, objects by the readers and writers."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from evals.emulators.kubernetes import discovery
from evals.emulators.kubernetes.api_request import ApiRequest
from evals.emulators.kubernetes.authentication import forbidden_for
from evals.emulators.kubernetes.errors import bad_request, method_not_allowed, not_found
from evals.emulators.kubernetes.managed_fields import Manager, after_update
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.openapi import OpenApi
from evals.emulators.kubernetes.pod_actions import PodActions
from evals.emulators.kubernetes.reading import Reading
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.responses import json_response, not_found_page
from evals.emulators.kubernetes.reviews import access_review, rules_review, self_review
from evals.emulators.kubernetes.timing import rfc3339
from evals.emulators.kubernetes.users import service_account_user
from evals.emulators.kubernetes.writing import Writing

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

Handler = Callable[[Resource, ApiRequest], web.Response]
_HEALTH = ("healthz", "livez", "readyz")


class Dispatcher:
    """Authorizes a request and has it answered. Raises ApiError for what the server refuses."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._reading = Reading(cluster)
        writing = Writing(cluster, self._reading)
        actions = PodActions(cluster, self._reading)
        self._openapi = OpenApi(cluster.registry)
        self._verbs: dict[str, Handler] = {
            "get": self._reading.get,
            "list": self._reading.list,
            "create": writing.create,
            "update": writing.update,
            "patch": writing.patch,
            "delete": writing.delete,
            "deletecollection": writing.delete_collection,
        }
        self._actions: dict[str, Handler] = {
            "scale": writing.scale,
            "log": self._reading.log,
            "eviction": actions.evict,
            "token": self._token,
            **dict.fromkeys(("exec", "attach", "portforward", "proxy"), actions.refuse),
        }

    async def answer(self, request: ApiRequest) -> web.StreamResponse:
        wanted = request.attributes
        if not self._cluster.authorizer.authorize(request.user, wanted).allowed:
            raise forbidden_for(request.user, wanted)
        if request.target.group is None:
            return self._plain(request)
        resource = self._cluster.registry.find(request.target.group, request.target.version, request.target.resource)
        if resource is None:
            return not_found_page()
        return await self._of_resource(resource, request)

    async def _of_resource(self, resource: Resource, request: ApiRequest) -> web.StreamResponse:
        if request.target.subresource:
            return self._subresource(resource, request)
        if request.verb not in resource.verbs or (request.verb == "create" and request.target.name):
            raise method_not_allowed()
        if not resource.stored:
            return self._review(resource, request)
        if request.verb == "watch":
            return await self._reading.watch(resource, request)
        if resource.namespaced and request.verb == "create" and not request.target.namespace:
            raise bad_request("an empty namespace may not be set during creation")
        return self._verbs[request.verb](resource, request)

    def _subresource(self, resource: Resource, request: ApiRequest) -> web.Response:
        name = request.target.subresource
        declared = resource.subresource(name)
        if declared is None:
            return not_found_page()
        if request.verb not in declared.verbs and name not in ("exec", "attach", "portforward", "proxy"):
            raise method_not_allowed()
        if name in self._actions:
            return self._actions[name](resource, request)
        return self._verbs[request.verb](resource, request)

    def _review(self, resource: Resource, request: ApiRequest) -> web.Response:
        if resource.kind == "ComponentStatus":
            return json_response({"kind": "ComponentStatusList", "apiVersion": "v1", "metadata": {}, "items": []})
        body = {"apiVersion": resource.api_version, "kind": resource.kind, **request.object()}
        if resource.kind == "SelfSubjectReview":
            return json_response(self_review(request.user, rfc3339(self._cluster.now())), 201)
        if resource.kind == "SelfSubjectRulesReview":
            return json_response(rules_review(self._cluster.authorizer, request.user, body), 201)
        if resource.kind.endswith("AccessReview"):
            manager = Manager(request.manager, api_version=resource.api_version)
            fields = after_update(resource, None, body, manager, self._cluster.now())
            body["metadata"] = {**(body.get("metadata") or {}), "managedFields": fields}
            return json_response(access_review(self._cluster.authorizer, request.user, body), 201)
        raise not_found(resource, "")

    def _token(self, resource: Resource, request: ApiRequest) -> web.Response:
        account = self._reading.find(resource, request)
        user = service_account_user(request.target.namespace, request.target.name)
        token = f"sa-{account['metadata']['uid']}"
        self._cluster.users.add(user.name, user.groups, token)
        expiry = rfc3339(self._cluster.now() + timedelta(hours=1))
        body: Json = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", **request.object()}
        return json_response({**body, "status": {"token": token, "expirationTimestamp": expiry}}, 201)

    def _plain(self, request: ApiRequest) -> web.Response:
        parts = [part for part in request.target.path.split("/") if part]
        if not parts:
            return json_response(
                {"paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/readyz", "/version"]}
            )
        if parts[0] in _HEALTH:
            return web.Response(text="ok", content_type="text/plain", charset="utf-8")
        if parts[0] == "version":
            return json_response(discovery.VERSION)
        if parts[0] == "openapi":
            return self._shown(self._openapi.document("/".join(parts[1:])))
        return self._shown(self._discover(parts, request))

    def _discover(self, parts: list[str], request: ApiRequest) -> Json | None:
        registry = self._cluster.registry
        wants_aggregated = discovery.AGGREGATED in request.http.headers.get("Accept", "")
        is_core = parts[0] == "api"
        if len(parts) == 1 and parts[0] in ("api", "apis"):
            if wants_aggregated:
                return discovery.aggregated(registry, core=is_core)
            return discovery.core_versions(request.http.host) if is_core else discovery.group_list(registry)
        if is_core and len(parts) == 2:
            return discovery.resource_list(registry, "", parts[1])
        if parts[0] == "apis" and len(parts) == 2:
            return discovery.group(registry, parts[1])
        if parts[0] == "apis" and len(parts) == 3:
            return discovery.resource_list(registry, parts[1], parts[2])
        return None

    def _shown(self, found: Json | None) -> web.Response:
        if found is None:
            return not_found_page()
        response = json_response(found)
        if found.get("kind") == "APIGroupDiscoveryList":
            kind = f"application/json;g={discovery.AGGREGATED};v=v2;as=APIGroupDiscoveryList"
            response.headers["Content-Type"] = kind
        return response
