"""A catalog backend at the wire: the recorded entities, queried as the catalog's OpenAPI describes.

The recordings it is built from prove it: tests/tools/catalog/test_backstage_double.py.
"""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

RECORDINGS = Path(__file__).parents[1] / "recordings" / "backstage"
TOKEN = "valid"


def recording(name: str) -> dict[str, Any]:
    """One recorded exchange: {"request": {...}, "response": {...}}."""
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def recorded_entities() -> list[dict[str, Any]]:
    return [item for item in recording("03-by-query-all")["response"]["body"]["items"] if item["kind"] != "Location"]


class BackstageDouble:
    """Answers the read calls of /api/catalog. `requests` keeps what was asked, in order."""

    def __init__(self, entities: list[dict[str, Any]], *, page: int = 20) -> None:
        self.entities = entities
        self.page = page
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx2.Response(401, json=recording("02-wrong-token")["response"]["body"])
        path = urlsplit(str(request.url)).path
        if path.endswith("/entities/by-query"):
            return httpx2.Response(200, json=self._by_query(parse_qs(request.url.query.decode())))
        if path.endswith("/entities/by-refs"):
            return httpx2.Response(200, json=self._by_refs(json.loads(request.content)))
        return httpx2.Response(404, json={"error": {"name": "NotFoundError", "message": "not found"}})

    def _by_query(self, query: dict[str, list[str]]) -> dict[str, Any]:
        state = query
        offset = 0
        if "cursor" in query:
            state, offset = json.loads(base64.b64decode(query["cursor"][0]))
        found = [entity for entity in self.entities if _fits(entity, state)]
        if "orderField" in state:
            found.sort(key=lambda entity: entity["metadata"]["name"])
        limit = int(query.get("limit", [str(self.page)])[0])
        shown = found[offset : offset + limit]
        body: dict[str, Any] = {"items": [_only(entity, query.get("fields")) for entity in shown], "pageInfo": {}}
        body["totalItems"] = len(found) if query.get("totalItems") != ["exclude"] else 0
        if offset + limit < len(found):
            cursor = base64.b64encode(json.dumps([state, offset + limit]).encode()).decode()
            body["pageInfo"]["nextCursor"] = cursor
        return body

    def _by_refs(self, body: dict[str, Any]) -> dict[str, Any]:
        known = {_ref(entity): entity for entity in self.entities}
        fields = [",".join(body["fields"])] if "fields" in body else None
        rows = [known.get(ref.lower()) for ref in body["entityRefs"]]
        return {"items": [row and _only(row, fields) for row in rows]}


def _ref(entity: dict[str, Any]) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace', 'default')}/{metadata['name']}".lower()


def _fits(entity: dict[str, Any], query: dict[str, list[str]]) -> bool:
    index = {(key.lower(), value.lower()) for key, value in _index(entity)}
    keys = {key for key, _ in index}
    sets = query.get("filter", [])
    fits = not sets or any(all(_holds(condition, index, keys) for condition in set_.split(",")) for set_ in sets)
    term = query.get("fullTextFilterTerm", [""])[0].lower()
    fields = query.get("fullTextFilterFields", ["metadata.uid"])[0].lower().split(",")
    return fits and any(key in fields and term in value for key, value in index) if term else fits


def _holds(condition: str, index: set[tuple[str, str]], keys: set[str]) -> bool:
    key, equals, value = condition.lower().partition("=")
    return (key, value) in index if equals else key in keys


def _index(entity: dict[str, Any]) -> list[tuple[str, str]]:
    rows = list(_walk("", {key: value for key, value in entity.items() if key != "relations"}))
    return rows + [(f"relations.{row['type']}", row["targetRef"]) for row in entity.get("relations", [])]


def _walk(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [row for key, item in value.items() for row in _walk(f"{path}.{key}" if path else key, item)]
    if isinstance(value, list):
        rows = [row for item in value for row in _walk(path, item)]
        return rows + [(f"{path}.{item}", "true") for item in value if isinstance(item, str)]
    return [(path, str(value))]


def _only(entity: dict[str, Any], fields: list[str] | None) -> dict[str, Any]:
    if fields is None:
        return entity
    kept: dict[str, Any] = {}
    for path in fields[0].split(","):
        source, target, keys = entity, kept, path.split(".")
        while len(keys) > 1 and isinstance(source, dict) and keys[0] in source:
            source, target = source[keys[0]], target.setdefault(keys[0], {})
            keys = keys[1:]
        if len(keys) == 1 and keys[0] in source:
            target[keys[0]] = source[keys[0]]
    return kept
