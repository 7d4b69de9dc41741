"""A changed field of a pod template in a person's words. Pure."""

import re
from collections.abc import Sequence

from tools.contract import Change
from tools.diagnosis.facts import excerpt

SHOWN = 3  # changes that are named; the rest is counted
_LONGEST = 60  # characters of a value that is shown: longer ones are in the evidence
_CONTAINER = re.compile(r"^containers\[(?P<container>[^\]]*)\](?:\.(?P<field>.+))?$")
_VARIABLE = re.compile(r"^env\[(?P<name>[^\]]*)\]$")
_FIELDS = {
    "image": "the image",
    "command": "the command",
    "args": "the arguments",
    "envFrom": "where its variables come from",
    "readinessProbe": "the readiness probe",
    "livenessProbe": "the liveness probe",
    "startupProbe": "the startup probe",
    "ports": "the ports",
    "nodeSelector": "the node selector",
    "serviceAccountName": "the service account",
    "priorityClassName": "the priority class",
    "volumes": "the volumes",
    "affinity": "the affinity rules",
    "tolerations": "the tolerations",
    "topologySpreadConstraints": "the rules on spreading pods",
    "labels": "the labels of its pods",
    "restartedAt": "the time of the last restart",
}


def in_words(fields: Sequence[Change], named: Sequence[str] = ()) -> str:
    """ "the image from 2.4.0 to 2.4.1, the variable PAYMENTS_TIMEOUT_MS and 1 more": the first `SHOWN` by name.

    `named`: variables that the failing log line names too, which is said.
    """
    several = len({hit["container"] for one in fields if (hit := _CONTAINER.match(one.path))}) > 1
    echo = {one.path: " that the log names" for one in fields if variable(one) in named}
    told = list(dict.fromkeys(_one(one, several=several) + echo.get(one.path, "") for one in fields[:SHOWN]))
    rest = len(fields) - SHOWN
    told += [f"{rest} more"] if rest > 0 else []
    return " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else "".join(told)


def variable(change: Change) -> str:
    """The environment variable that changed, "" for any other field."""
    inside = _CONTAINER.match(change.path)
    hit = _VARIABLE.match(inside["field"] or "") if inside else None
    return hit["name"] if hit else ""


def _one(change: Change, *, several: bool) -> str:
    inside = _CONTAINER.match(change.path)
    if inside is None:
        return f"{_FIELDS.get(change.path, change.path)}{_values(change)}"
    owner = f" of {inside['container']}" if several else ""
    if inside["field"] is None:
        return f"the container {inside['container']} ({'new' if change.before is None else 'removed'})"
    return f"{_field(inside['field'])}{owner}{_values(change)}"


def _field(path: str) -> str:
    if hit := _VARIABLE.match(path):
        return f"the variable {hit['name']}"
    if path.startswith("resources."):
        _, kind, resource = path.split(".", 2)
        return f"the {resource} {kind.removesuffix('s')}"
    return _FIELDS.get(path, path)


def _values(change: Change) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return f" ({'new' if before is None else 'removed'})"
    if change.path.endswith(".image"):
        before, after = _images(before, after)
    if {before, after} & {"a value", "another value", "set", "set differently"}:
        return ""
    if len(before) > _LONGEST or len(after) > _LONGEST or change.path.endswith(("volumes", "labels", "restartedAt")):
        return ""
    return f" from {excerpt(before)} to {excerpt(after)}"


def _images(before: str, after: str) -> tuple[str, str]:
    """Only the tags, when the repository is the same."""
    (old, _, was), (new, _, now) = before.rpartition(":"), after.rpartition(":")
    tags = old == new and was and now and "/" not in was + now and "@" not in before + after
    return (was, now) if tags else (before, after)
