"""The few protobuf bodies that kubectl sends: reviews, evictions and delete options, read by field number."""

from collections.abc import Iterator
from typing import Any

from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.objects import Json

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VARINT, _BYTES = 0, 2

Fields = dict[int, tuple[str, Any]]  # number -> (name, "text" | "number" | "texts" | nested fields)

_RESOURCE: Fields = {
    1: ("namespace", "text"),
    2: ("verb", "text"),
    3: ("group", "text"),
    4: ("version", "text"),
    5: ("resource", "text"),
    6: ("subresource", "text"),
    7: ("name", "text"),
}
_METADATA: Fields = {1: ("name", "text"), 2: ("generateName", "text"), 3: ("namespace", "text")}
_DELETE_OPTIONS: Fields = {
    1: ("gracePeriodSeconds", "number"),
    2: ("preconditions", {1: ("uid", "text"), 2: ("resourceVersion", "text")}),
    4: ("propagationPolicy", "text"),
    5: ("dryRun", "texts"),
}
_PATH: Fields = {1: ("path", "text"), 2: ("verb", "text")}
_ACCESS: Fields = {1: ("resourceAttributes", _RESOURCE), 2: ("nonResourceAttributes", _PATH)}
_KINDS: dict[str, Fields] = {
    "DeleteOptions": _DELETE_OPTIONS,
    "Eviction": {1: ("metadata", _METADATA), 2: ("deleteOptions", _DELETE_OPTIONS)},
    "LocalSubjectAccessReview": {2: ("spec", _ACCESS)},
    "SelfSubjectAccessReview": {2: ("spec", _ACCESS)},
    "SelfSubjectReview": {},
    "SelfSubjectRulesReview": {2: ("spec", {1: ("namespace", "text")})},
}
_TYPE_META: Fields = {1: ("apiVersion", "text"), 2: ("kind", "text")}


def decode_object(body: bytes) -> Json:
    """The object of a protobuf body. Raises ApiError 415 for a kind that is not among the few."""
    if not body.startswith(_MAGIC):
        raise _unsupported("no protobuf of Kubernetes")
    envelope: dict[int, bytes] = {n: v for n, v in _fields(body[len(_MAGIC) :]) if isinstance(v, bytes)}
    head = _message(envelope.get(1, b""), _TYPE_META)
    kind = str(head.get("kind", ""))
    if kind not in _KINDS:
        raise _unsupported(f"protobuf of kind {kind}")
    return {**head, **_message(envelope.get(2, b""), _KINDS[kind])}


def _unsupported(what: str) -> ApiError:
    message = f"the body of the request was in an unknown format - this server does not read {what}"
    return ApiError(415, "UnsupportedMediaType", message)


def _message(body: bytes, known: Fields) -> Json:
    found: Json = {}
    for number, value in _fields(body):
        if number not in known:
            continue
        name, kind = known[number]
        if isinstance(kind, dict) and isinstance(value, bytes):
            found[name] = _message(value, kind)
        elif kind == "texts" and isinstance(value, bytes):
            found.setdefault(name, []).append(value.decode())
        elif isinstance(value, bytes):
            found[name] = value.decode()
        else:
            found[name] = value
    return found


def _fields(body: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(body, at)
            yield number, value
        elif wire == _BYTES:
            length, at = _varint(body, at)
            yield number, body[at : at + length]
            at += length
        else:
            raise _unsupported("this protobuf")


def _varint(body: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = body[at]
        result |= (byte & 0x7F) << shift
        at += 1
        if not byte & 0x80:
            return result, at
        shift += 7
