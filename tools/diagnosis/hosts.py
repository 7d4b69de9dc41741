"""Which host a log line or a setting names. Pure."""

import re
from dataclasses import dataclass

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?<![A-Za-z0-9_.-])(?P<host>{_LABEL}(?:\.{_LABEL}){{0,7}})(?![A-Za-z0-9_-])"
_LONGEST = 1000  # characters of a line that are looked at: the patterns are not linear in it
_PORT = r"(?::(?P<port>\d{2,5}))?"

_RESOLVE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"lookup {_HOST}(?: on [\d.:\[\]a-f]+)?: ",
        rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_HOST}",
        rf"UnknownHostException: {_HOST}",
        rf"bad address '{_HOST}'",
        rf"can't (?:resolve|find) '?{_HOST}'?(?:: NXDOMAIN|$)",
        rf"Failed to resolve '{_HOST}'",
        rf"could not translate host name \"{_HOST}\"",
        rf"(?i)(?:could not resolve host|(?:failed|unable) to resolve(?: host)?|cannot resolve)[: ]+'?\"?{_HOST}",
        rf"host='{_HOST}', port=(?P<port>\d+)\).*(?:Name or service not known|Temporary failure|NameRes|nodename)",
        rf"{_HOST}{_PORT}: (?:Name or service not known|Temporary failure in name resolution)",
    )
)
_UNREACHABLE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"dial tcp {_HOST}{_PORT}: (?:connect: )?(?:connection (?:refused|timed out)|i/o timeout|no route to host)",
        rf"connect (?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH) {_HOST}{_PORT}",
        rf"host='{_HOST}', port=(?P<port>\d+)\)",
        r"(?:Is the server running|connection to server)[^\n]*?(?:at|on host|host) \""
        rf"{_HOST}\"[^\n]*?port (?P<port>\d+)",
        rf"Connection to {_HOST}{_PORT} refused",
        r"(?i)(?:connect(?:ion)?(?: failed)? to|connecting to|can't connect to \w+ server on"
        r"|(?:cannot|could not|unable to) reach|timed out calling|no response from)"
        rf" (?:\w+ (?:at|on) )?'?\"?/?(?:\w+://)?(?:[^/\s@]+@)?{_HOST}{_PORT}",
        rf"(?:Get|Post|Put|Head) \"?\w+://(?:[^/\s@]+@)?{_HOST}{_PORT}[^\"]*\"?: ",
        rf"\w+://(?:[^/\s@]+@)?{_HOST}{_PORT}\S* .*(?:refused|timed? ?out|unreachable|upstream connect error|50[234])",
        rf"(?:refused|timed? ?out|unreachable|ECONNREFUSED)\S*\s.*?\w+://(?:[^/\s@]+@)?{_HOST}{_PORT}",
        rf"{_HOST}{_PORT}: (?:connection refused|Connection refused)",
    )
)
TROUBLE = re.compile(
    r"(?i)refused|bad address|nxdomain|can't resolve|is the server running|timed? ?out|no such host"
    r"|name or service not known|temporary failure|enotfound|eai_again|econn|ehostunreach|unknownhost"
    r"|could not (connect|translate|resolve|reach)|cannot (connect|reach|resolve)"
    r"|can't connect|unable to (connect|reach|resolve)|failed to (connect|resolve)|no route to host"
    r"|upstream connect error|unreachable|no healthy upstream"
)
"""A line is only searched for a host when it speaks of a connection that failed."""
_TIMEOUT = re.compile(r"(?i)timed? ?out|ETIMEDOUT|deadline exceeded")
_MUTE = re.compile(
    r"(?i)lookup .*(i/o timeout|server misbehaving)|EAI_AGAIN|Temporary failure in name resolution"
    r"|no servers could be reached|resolution timed out"
)
_IN_URL = re.compile(rf"\w+://(?:[^/\s@]+@)?{_HOST}{_PORT}")
_URL = re.compile(rf"^(?:[\w+.-]+://)(?:[^/\s@]+@)?{_HOST}{_PORT}")
_PLAIN = re.compile(rf"^{_HOST}{_PORT}$")
_HOST_KEY = re.compile(
    r"(?i)(^|_)(host|hostname|addr|address|server|servers|endpoint|url|uri|service|dsn|broker|brokers)$|_(URL|ADDR)_?\w*$"
)
_LOCAL = re.compile(r"^(localhost|127\.|0\.0\.0\.0|::1|kubernetes\.default)", re.IGNORECASE)


@dataclass(frozen=True)
class Called:
    """A host and how the call failed: "resolve", "timeout", "refused", or "" for a setting."""

    host: str
    port: int | None
    failed: str = ""


def in_line(text: str) -> Called | None:
    """The host that a line says cannot be reached, or None."""
    if not TROUBLE.search(text[:_LONGEST]):
        return None
    found = _called(text)
    named = _IN_URL.search(text[:_LONGEST]) if found and is_address(found.host) else None
    if found and named and _is_host(named["host"]) and not is_address(named["host"]):
        return Called(named["host"].lower(), _port(named) or found.port, found.failed)
    return found


def is_address(host: str) -> bool:
    """Whether it is an IPv4 address: a name in the URL of the same line says more."""
    return all(part.isdigit() for part in host.split("."))


def _called(text: str) -> Called | None:
    for failed, patterns in (("resolve", _RESOLVE), ("", _UNREACHABLE)):
        for pattern in patterns:
            hit = pattern.search(text[:_LONGEST])
            if hit and _is_host(hit["host"]):
                return Called(hit["host"].lower(), _port(hit), failed or _how(text))
    return None


def in_setting(name: str, value: str) -> Called | None:
    """The host that an environment variable points to, or None: a URL, or a plain host in a variable named like one."""
    hit = _URL.match(value.strip()) or (_PLAIN.match(value.strip()) if _HOST_KEY.search(name) else None)
    if not hit or not _is_host(hit["host"]):
        return None
    return Called(hit["host"].lower(), _port(hit))


def service_name(host: str, namespace: str) -> tuple[str, str] | None:
    """(service, namespace) that a host name means inside the cluster; None for outside names and addresses."""
    parts = host.rstrip(".").split(".")
    if is_address(host.rstrip(".")):
        return None
    if len(parts) == 1:
        return parts[0], namespace
    if len(parts) == 2 or (len(parts) >= 3 and parts[2] == "svc"):
        return parts[0], parts[1]
    return (parts[1], parts[2]) if len(parts) >= 4 and parts[3] == "svc" else None  # pod.service.namespace.svc


def is_unanswered(text: str) -> bool:
    """Whether a line says that the DNS server did not answer at all, which is not the same as an unknown name."""
    return bool(_MUTE.search(text[:_LONGEST]))


def _is_host(host: str) -> bool:
    return not _LOCAL.match(host) and not host.isdigit() and len(host) > 1 and host.lower() not in _WORDS


_WORDS = frozenset(("server", "host", "database", "socket", "upstream", "backend", "port", "the", "tcp"))


def _port(hit: re.Match[str]) -> int | None:
    port = hit.groupdict().get("port")
    return int(port) if port else None


def _how(text: str) -> str:
    return "timeout" if _TIMEOUT.search(text) else "refused"
