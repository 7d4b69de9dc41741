"""What containers ask for and may use."""

from collections.abc import Iterator

from tools.cluster.models.pods import Container
from tools.cluster.quantities import memory_bytes, memory_text
from tools.diagnosis.advice.models import Recommendation, Subject
from tools.diagnosis.facts import ended_fact
from tools.errors import InvalidArgs

_MEBIBYTE = 1024 * 1024
_MORE = 1.5


def advise(subject: Subject) -> Iterator[Recommendation]:
    """Limits that were hit, then requests and limits that are missing."""
    for container in subject.containers:
        yield from _killed(subject, container)
        yield from _missing(subject, container)


def _killed(subject: Subject, container: Container) -> Iterator[Recommendation]:
    """A container that ran out of memory lately, against its limit."""
    limit = container.resources.limits.get("memory")
    views = [view for view in subject.setting.seen.containers() if view.name == container.name]
    dead = next((view for view in views if (ended := view.ended()) and ended.reason == "OOMKilled"), None)
    if dead is None or limit is None:
        return
    wanted = _more(limit)
    raise_to = f"to {wanted}" if wanted else "by half"
    yield Recommendation(
        topic="resources",
        weight="high",
        title=f"Raise the memory limit of {container.name} from {limit} {raise_to}",
        reason="it was killed for using more than its limit",
        risk="a leak only takes longer to be seen; the node needs room for the larger request",
        evidence=(
            ended_fact(dead, subject.now),
            subject.fact(f"spec.template.spec.containers[{container.name}].resources.limits.memory", limit),
        ),
        action=subject.call(
            "set_resources",
            f"Set the memory limit of {container.name} to {wanted}",
            "medium",
            container=container.name,
            memory_limit=wanted,
        )
        if wanted
        else None,
        fixes=dead.keeps_ending(subject.now),
    )


def _more(limit: str) -> str | None:
    """Half as much again, in whole mebibytes; None for an amount that is not understood."""
    try:
        size = memory_bytes(limit)
    except InvalidArgs:
        return None
    return memory_text(int(size * _MORE) // _MEBIBYTE * _MEBIBYTE)


def _missing(subject: Subject, container: Container) -> Iterator[Recommendation]:
    given = _effective(subject, container)
    for field, resource, weight, reason, risk in _WANTED:
        if resource in getattr(given.resources, field):
            continue
        kind = field.removesuffix("s")
        yield Recommendation(
            topic="resources",
            weight="high" if weight == "high" else "medium",
            title=f"Set a {resource} {kind} for {container.name}",
            reason=reason,
            risk=risk,
            evidence=(subject.fact(f"spec.template.spec.containers[{container.name}].resources", _shown(given)),),
        )


_WANTED = (
    (
        *("requests", "memory", "high"),
        "without one it is placed on any node and is the first to be evicted when memory runs short",
        "one that is higher than what nodes have free leaves its pods unplaced",
    ),
    (
        *("limits", "memory", "medium"),
        "without one a leak takes the memory of everything on its node",
        "one below its peak gets it killed: measure first",
    ),
    (
        *("requests", "cpu", "medium"),
        "without one it gets what others leave, and an autoscaler has nothing to measure by",
        "one that is higher than what nodes have free leaves its pods unplaced",
    ),
)


def _effective(subject: Subject, container: Container) -> Container:
    """As its pods have it: a LimitRange of the namespace fills in what the template leaves out."""
    found = (one for pod in subject.pods for one in pod.spec.containers if one.name == container.name)
    return next(found, container)


def _shown(container: Container) -> str:
    asked, most = container.resources.requests, container.resources.limits
    parts = [f"requests {key} {value}" for key, value in sorted(asked.items())]
    parts += [f"limits {key} {value}" for key, value in sorted(most.items())]
    return ", ".join(parts) or "none set"
