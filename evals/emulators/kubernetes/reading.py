"""Answers to reads: get, list, watch, logs."""

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from evals.emulators.kubernetes.api_request import AUDIT_ID, ApiRequest
from evals.emulators.kubernetes.errors import ApiError, bad_request, not_found
from evals.emulators.kubernetes.listing import Lister, Selection
from evals.emulators.kubernetes.logs import LogOptions, read_log
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.responses import json_response, representation, shown_list, shown_object
from evals.emulators.kubernetes.timing import parse_time
from evals.emulators.kubernetes.watch import DEFAULT_SECONDS, WatchOptions, watch

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_TABLES = "Table"


class Reading:
    """Reads of the cluster on behalf of a request."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._lister = Lister(cluster.store)

    def find(self, resource: Resource, request: ApiRequest) -> Json:
        """The object a request names. Raises ApiError 404."""
        target = request.target
        namespace = target.namespace if resource.namespaced else ""
        found = self._cluster.store.get(resource, namespace, target.name)
        if found is None:
            raise not_found(resource, target.name)
        return found

    def get(self, resource: Resource, request: ApiRequest) -> web.Response:
        found = self.find(resource, request)
        accept = request.http.headers.get("Accept", "")
        return json_response(shown_object(resource, found, accept, self._cluster.now))

    def list(self, resource: Resource, request: ApiRequest) -> web.Response:
        self._lister.check_version(request.query("resourceVersion"))
        selection = selection_of(resource, request)
        page = self._lister.page(selection, request.number("limit") or 0, request.query("continue"))
        accept = request.http.headers.get("Accept", "")
        return json_response(shown_list(resource, page, accept, self._cluster.now))

    async def watch(self, resource: Resource, request: ApiRequest) -> web.StreamResponse:
        selection = selection_of(resource, request)
        selection.matcher()
        version = request.query("resourceVersion")
        if version and not version.isdigit():
            raise bad_request(f'Invalid value: "{version}": strconv.ParseUint: parsing "{version}": invalid syntax')
        options = WatchOptions(
            version,
            request.number("timeoutSeconds") or DEFAULT_SECONDS,
            bookmarks=request.is_set("allowWatchBookmarks"),
            initial_events=request.is_set("sendInitialEvents"),
        )
        accept = request.http.headers.get("Accept", "")
        wants_table = representation(accept) == _TABLES
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Audit-Id": request.http[AUDIT_ID]})
        response.enable_chunked_encoding()
        await response.prepare(request.http)
        async for event in watch(self._cluster.store, selection, options):
            shown = event["object"]
            if wants_table and event["type"] in ("ADDED", "MODIFIED", "DELETED"):
                shown = shown_object(resource, shown, accept, self._cluster.now)
            await response.write(orjson.dumps({"type": event["type"], "object": shown}) + b"\n")
        await response.write_eof()
        return response

    def log(self, resource: Resource, request: ApiRequest) -> web.Response:
        pod = self.find(resource, request)
        options = self._log_options(request)
        text = read_log(pod, self._cluster.kubelet.state_of(pod), options, self._cluster.now())
        return web.Response(body=text.encode(), headers={"Content-Type": "text/plain"})

    def _log_options(self, request: ApiRequest) -> LogOptions:
        seconds, moment = request.number("sinceSeconds"), request.query("sinceTime")
        if seconds is not None and moment:
            raise _log_error("at most one of `sinceTime` or `sinceSeconds` may be specified")
        since = parse_time(moment) if moment else None
        if seconds is not None:
            since = self._cluster.now() - timedelta(seconds=seconds)
        tail = request.number("tailLines")
        if tail is not None and tail < 0:
            raise _log_error("tailLines: Invalid value: must be greater than or equal to 0")
        return LogOptions(
            container=request.query("container"),
            previous=request.is_set("previous"),
            tail_lines=tail,
            limit_bytes=request.number("limitBytes"),
            since=since,
            timestamps=request.is_set("timestamps"),
        )


def _log_error(message: str) -> ApiError:
    return ApiError(422, "Invalid", f'PodLogOptions "" is invalid: {message}', {"kind": "PodLogOptions"})


def selection_of(resource: Resource, request: ApiRequest) -> Selection:
    """The selection a list, watch or collection request names."""
    target = request.target
    fields = request.query("fieldSelector")
    if target.name:
        fields = ",".join(filter(None, [fields, f"metadata.name={target.name}"]))
    namespace = target.namespace if resource.namespaced else ""
    return Selection(resource, namespace, request.query("labelSelector"), fields)
