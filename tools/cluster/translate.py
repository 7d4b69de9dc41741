"""Answers of the API server that are no success, as errors of tools (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tools.errors import Forbidden, InvalidArgs, NotFound, PlanStale, ToolError, Unavailable

_DENIED = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Expired(Unavailable):
    """The version a list was read at is gone (410): it must be read again from the start."""


@dataclass(frozen=True)
class Call:
    """What was asked of which cluster: to say so when it fails. `name` is empty for a collection."""

    cluster: str
    verb: str
    resource: str
    namespace: str | None = None
    name: str = ""

    def __str__(self) -> str:
        what = f"{self.resource} {self.name}".strip()
        return f"{self.verb} {what}" + (f" in {self.namespace}" if self.namespace else "")


def translate(status: int, body: bytes, call: Call) -> ToolError:
    """The error for an HTTP status above 399 and the Status object (or plain text) that came with it."""
    answer = _status_object(body)
    text = str(answer.get("message") or f"HTTP {status}")
    match status:
        case 401:
            return _not_authenticated(text, call)
        case 403:
            return _forbidden(text, call)
        case 404:
            return _not_found(text, answer, call)
        case 409:
            return _conflict(text, answer, call)
        case 410:
            return Expired(
                f'Cluster "{call.cluster}" could not {call}: it changed while it was read. Ask again.', "cluster"
            )
        case 408 | 429:
            return _unavailable(status, text, call)
        case _ if status >= 500:
            return _unavailable(status, text, call)
        case _:
            return InvalidArgs(f"The cluster refused to {call}: {_with_causes(text, answer)}")


def warnings_of(headers: list[str]) -> tuple[str, ...]:
    """Texts of the Warning headers of one response, in order."""
    texts = [text for header in headers for text in _WARNING.findall(header)]
    return tuple(text.replace('\\"', '"').replace("\\\\", "\\") for text in texts)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """The server's Retry-After in seconds, None when it gives none or a date."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"message": body[:300].decode("utf-8", "replace").strip()}
    return answer if isinstance(answer, dict) else {}


def _not_authenticated(text: str, call: Call) -> Forbidden:
    return Forbidden(
        f'Cluster "{call.cluster}" does not accept the assistant\'s credentials ({text}). '
        "Whoever runs the assistant must renew them.",
        missing=f"valid credentials for cluster {call.cluster}",
    )


def _forbidden(text: str, call: Call) -> Forbidden:
    denied = _DENIED.search(text)
    if denied is None:  # quota, admission, webhook, terminating namespace: the server's own words say why
        return Forbidden(f"The cluster refused to {call}: {text}")
    if denied["user"] == "system:anonymous":  # no token was sent, or none that the server knows
        return _not_authenticated(text, call)
    scope = f" in {denied['namespace']}" if denied["namespace"] else " in the whole cluster"
    missing = f"{denied['verb']} {denied['resource']}{scope}"
    if denied["verb"] == "impersonate":
        return Forbidden(
            f'The assistant ("{denied["user"]}") may not act for this person on cluster "{call.cluster}": {text}. '
            "Whoever runs the assistant must add the person to its impersonation role.",
            missing=missing,
        )
    return Forbidden(
        f'{denied["user"]} may not {missing} on cluster "{call.cluster}". Ask the platform team for this right.',
        missing=missing,
    )


def _not_found(text: str, answer: dict[str, Any], call: Call) -> NotFound:
    if answer.get("kind") == "Status" and call.name:
        where = f" in {call.namespace}" if call.namespace else ""
        return NotFound(f'There is no {call.resource} "{call.name}"{where} on cluster "{call.cluster}" ({text}).')
    return NotFound(f'Cluster "{call.cluster}" does not know {call.resource} ({text}).')


def _conflict(text: str, answer: dict[str, Any], call: Call) -> ToolError:
    if answer.get("reason") == "AlreadyExists":
        return InvalidArgs(f"It exists already: {text}")
    causes = [cause for cause in _causes(answer) if cause.get("reason") == "FieldManagerConflict"]
    if causes:
        held = "; ".join(f"{cause.get('message', '')}: {cause.get('field', '')}" for cause in causes[:5])
        return PlanStale(f"Nothing was changed: another manager owns fields of {call.name} ({held}).")
    return PlanStale(f"Nothing was changed: {call.resource} {call.name} moved since it was read ({text}).")


def _unavailable(status: int, text: str, call: Call) -> Unavailable:
    advice = (
        "It is overloaded: try again in a minute."
        if status == 429
        else "Try again; if it lasts, tell the platform team."
    )
    return Unavailable(f'Cluster "{call.cluster}" could not {call} (HTTP {status}: {text[:300]}). {advice}', "cluster")


def _causes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    causes = (answer.get("details") or {}).get("causes") or []
    return [cause for cause in causes if isinstance(cause, dict)]


def _with_causes(text: str, answer: dict[str, Any]) -> str:
    named = [f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in _causes(answer)]
    fresh = [cause for cause in named if cause not in text]
    return text if not fresh else f"{text} ({'; '.join(fresh[:5])})"
