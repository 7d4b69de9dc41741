"""Security basics: what the restricted pod security standard asks for, and secrets in plain sight."""

import re
from collections.abc import Iterator
from typing import Any

from tools.diagnosis.advice.models import Recommendation, Subject
from tools.diagnosis.telling import listed

_SECRET = re.compile(
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:api|access|private|signing|encryption)_?key)$",
    re.IGNORECASE,
)
_HOST = ("hostNetwork", "hostPID", "hostIPC")


def advise(subject: Subject) -> Iterator[Recommendation]:
    """What gives a container power over its node first."""
    yield from _power(subject)
    yield from _literals(subject)
    yield from _basics(subject)


def _power(subject: Subject) -> Iterator[Recommendation]:
    spec = subject.raw_spec
    shared = [name for name in _HOST if spec.get(name) is True]
    paths = [
        f"hostPath {(one.get('hostPath') or {}).get('path', '')}"
        for one in _items(spec, "volumes")
        if "hostPath" in one
    ]
    strong = [str(one.get("name")) for one in _items(spec, "containers") if _context(one).get("privileged") is True]
    said = [*shared, *paths, *(f"privileged container {name}" for name in strong)]
    if said and subject.workload.kind != "DaemonSet":  # agents of a node need the node
        yield Recommendation(
            topic="security",
            weight="high" if strong else "medium",
            title=f"Take {listed(said)} away from {subject.workload.name}",
            reason="who breaks into it gets the node and everything on it",
            risk="it may need it: try it in a test environment first",
            evidence=(subject.fact("spec.template.spec", ", ".join(said)),),
        )


def _literals(subject: Subject) -> Iterator[Recommendation]:
    for container in subject.workload.spec.template.spec.all_containers():
        names = [one.name for one in container.env if one.value and _SECRET.search(one.name)]
        if names:
            yield Recommendation(
                topic="security",
                weight="high",
                title=f"Move {listed(names)} of {container.name} into a Secret",
                reason="everybody who may read the workload sees a value in its template, and its history keeps it",
                risk="the value must be changed as well: it was readable",
                evidence=(
                    subject.fact(
                        f"spec.template.spec.containers[{container.name}].env", f"literal: {', '.join(names)}"
                    ),
                ),
            )


def _basics(subject: Subject) -> Iterator[Recommendation]:
    pod = subject.raw_spec.get("securityContext") or {}
    lacking: dict[str, list[str]] = {}
    for container in _items(subject.raw_spec, "containers"):
        for what in _lacks(pod, _context(container)):
            lacking.setdefault(what, []).append(str(container.get("name")))
    if not lacking:
        return
    everyone = len(_items(subject.raw_spec, "containers"))
    said = [what if len(names) == everyone else f"{what} ({', '.join(names)})" for what, names in lacking.items()]
    yield Recommendation(
        topic="security",
        weight="medium" if "runAsNonRoot: true" in lacking else "low",
        title=f"Set {listed(said)} in the securityContext of {subject.workload.name}",
        reason="a break-in then stays within the container",
        risk="an image that needs root or other rights does not start: try it in a test environment first",
        evidence=(subject.fact("spec.template.spec.containers[*].securityContext", f"not set: {', '.join(said)}"),),
    )


def _lacks(pod: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    user = own.get("runAsUser", pod.get("runAsUser"))
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True and not user:
        yield "runAsNonRoot: true"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation: false"
    if "ALL" not in ((own.get("capabilities") or {}).get("drop") or ()):
        yield "capabilities.drop: [ALL]"
    if not (own.get("seccompProfile") or pod.get("seccompProfile")):
        yield "seccompProfile: RuntimeDefault"


def _context(container: dict[str, Any]) -> dict[str, Any]:
    return container.get("securityContext") or {}


def _items(spec: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in spec.get(name) or () if isinstance(one, dict)]
