"""Answers on the wire: JSON, lists, warnings, and the representations a client may ask for."""

import re
from typing import Any

import orjson
from aiohttp import web

from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.listing import Page, shown_as
from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.table import table_of
from evals.emulators.kubernetes.timing import Clock

_AS = re.compile(r"as=([A-Za-z]+)")
_JSON = ("application/json", "*/*", "application/*", "application/yaml", "text/plain")


def json_response(body: Any, status: int = 200, warnings: list[str] | None = None) -> web.Response:
    response = web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
    for text in warnings or []:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{escaped}"')
    return response


def error_response(error: ApiError, warnings: list[str] | None = None) -> web.Response:
    return json_response(error.status_body(), error.code, warnings)


def not_found_page() -> web.Response:
    """What the server says of a path it does not know: no Status, plain text."""
    return web.Response(text="404 page not found\n", status=404, content_type="text/plain", charset="utf-8")


def success(details: Json | None = None, code: int | None = None) -> Json:
    return prune(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
            "code": code,
        }
    )


def representation(accept: str) -> str:
    """Table, PartialObjectMetadata or nothing special. Raises ApiError 406."""
    parts = [part.strip() for part in accept.split(",") if part.strip()]
    for part in parts:
        kind = part.split(";")[0].strip()
        wanted = _AS.search(part)
        if kind == "application/json" and wanted:
            return wanted.group(1).removesuffix("List")
        if kind in _JSON:
            return ""
    if parts:
        message = (
            "only the following media types are accepted: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf"
        )
        raise ApiError(406, "NotAcceptable", message)
    return ""


def shown_object(resource: Resource, obj: Json, accept: str, now: Clock) -> Json:
    """An object in the representation asked for."""
    wanted = representation(accept)
    shown = shown_as(resource, obj)
    if wanted == "Table":
        return table_of(resource, [shown], {"resourceVersion": obj["metadata"].get("resourceVersion", "")}, now())
    if wanted == "PartialObjectMetadata":
        return _partial(shown)
    return shown


def shown_list(resource: Resource, page: Page, accept: str, now: Clock) -> Json:
    """A page of a list in the representation asked for; items of built-in kinds come without kind and apiVersion."""
    wanted = representation(accept)
    metadata = {"resourceVersion": str(page.version), "continue": page.token or None}
    metadata["remainingItemCount"] = page.remaining  # type: ignore[assignment]
    head = prune(metadata)
    items = [shown_as(resource, obj) for obj in page.items]
    if wanted == "Table":
        return table_of(resource, items, head, now())
    if wanted == "PartialObjectMetadata":
        kind = "PartialObjectMetadataList"
        return {
            "kind": kind,
            "apiVersion": "meta.k8s.io/v1",
            "metadata": head,
            "items": [_partial(item) for item in items],
        }
    if not resource.custom:
        items = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": head, "items": items}


def _partial(obj: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
