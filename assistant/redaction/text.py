"""Secrets in text: logs, events, messages, manifests."""

import re
from collections.abc import Callable

from assistant.redaction import patterns
from assistant.redaction.markers import marker

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

MAX_PASSES = 3

_STATUS_WORDS = """
true false null none nil yes no on off unset empty missing required invalid expired unknown wrong incorrect denied
not too is was has must cannot could are the a an for from in of to and or revoked malformed failed signature error
unexpected unable authentication unauthorized forbidden mismatch rotation string integer redacted
<nil> <none> <unset> <set> ***
"""
_NO_SECRET = frozenset(_STATUS_WORDS.split())
_REFERENCE = re.compile(r"\$[({A-Za-z_]|\{\{|\*{3,}$|\[redacted |<[\w -]{1,40}>$|%[\w({]")
_DNS_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*[a-z0-9]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def redact_text(text: str) -> str:
    """The text with every secret replaced by its marker. Never raises; redacting again changes nothing."""
    for _ in range(MAX_PASSES):
        cleaner = _once(text)
        if cleaner == text:
            break
        text = cleaner
    return text


def _once(text: str) -> str:
    if patterns.IS_SECRET_YAML.search(text):
        text = patterns.SECRET_YAML.sub(_yaml_block, text)
    for pattern, replace in _RULES:
        text = pattern.sub(replace, text)
    return text


def _whole(match: re.Match[str]) -> str:
    return marker(match[0])


def _second(match: re.Match[str]) -> str:
    return match[1] + marker(match[2]) + (match[3] if match.re.groups > 2 else "")


def _header(match: re.Match[str]) -> str:
    kept = f"{match[1]}{match[2]}{match[3] or ''}"
    return match[0] if _is_harmless(match[4].strip()) else kept + marker(match[4])


def _pair(match: re.Match[str]) -> str:
    kept = match["key"] + match["sep"]
    for group, quote in (("escaped", '\\"'), ("double", '"'), ("single", "'")):
        if match[group] is not None:
            inner = match[group][len(quote) : -len(quote)]
            return match[0] if _is_harmless(inner) else f"{kept}{quote}{marker(inner)}{quote}"
    bare = match["bare"]
    names_an_object = match["key"] == "Secret" and _DNS_NAME.fullmatch(bare)
    is_path = match["key"].lower().endswith("pwd") and bare.startswith("/")
    return match[0] if _is_harmless(bare) or names_an_object or is_path else kept + marker(bare)


def _near(match: re.Match[str]) -> str:
    return match[1] + marker(match[2]) if _looks_random(match[2]) else match[0]


def _line(match: re.Match[str]) -> str:
    return match[1] + marker(match[2]) if _has_all_kinds(match[2]) else match[0]


def _blob(match: re.Match[str]) -> str:
    return marker(match[0]) if _looks_random(match[0]) else match[0]


def _yaml_block(match: re.Match[str]) -> str:
    head = match[0][: len(match[0]) - len(match[2])]
    return head + patterns.YAML_VALUE.sub(lambda line: line[1] + marker(line[2]), match[2])


def _is_harmless(value: str) -> bool:
    """Words, references to where a value is kept, and what is a marker already."""
    return value.strip(".!,").lower() in _NO_SECRET or _REFERENCE.match(value) is not None


def _looks_random(token: str) -> bool:
    """Letters of both cases and digits, or long hexadecimal: not a name, not a uid."""
    if _UUID.fullmatch(token):
        return False
    return _has_all_kinds(token) or re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", token) is not None


def _has_all_kinds(token: str) -> bool:
    return any(c.isdigit() for c in token) and any(c.islower() for c in token) and any(c.isupper() for c in token)


_RULES: tuple[Rule, ...] = (
    (patterns.PEM, _whole),
    (patterns.PEM_LINE, _line),
    (patterns.JWT, _whole),
    (patterns.VENDOR, _whole),
    (patterns.WEBHOOK, _second),
    (patterns.URL_PASSWORD, _second),
    (patterns.URL_TOKEN, _second),
    (patterns.MYSQL_DSN, _second),
    (patterns.HEADER, _header),
    (patterns.BEARER, _second),
    (patterns.NAMED, _pair),
    (patterns.PAIR, _pair),
    (patterns.OPTION, _second),
    (patterns.NEAR, _near),
    (patterns.BLOB, _blob),
)
