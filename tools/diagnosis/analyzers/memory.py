"""Containers killed because they used too much memory."""

import re
from collections.abc import Iterator
from datetime import timedelta

from tools.contract import Evidence
from tools.diagnosis.facts import ended_fact, event_fact, field_fact, not_ready_since, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import ContainerView, Observations

QUICK = timedelta(seconds=60)  # dies while still starting: the limit is too small rather than a leak
_HEAP = re.compile(r"-Xmx(?P<java>\d+)(?P<unit>[kKmMgG]?)|max[-_]old[-_]space[-_]size=(?P<node>\d+)")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each container whose last run was OOMKilled, when it still matters."""
    for view in observations.containers():
        ended = view.ended()
        if ended and ended.reason == "OOMKilled" and view.keeps_ending(observations.at):
            yield _finding(observations, view)


def _finding(observations: Observations, view: ContainerView) -> Finding:
    limit = view.spec.resources.limits.get("memory", "")
    kind = "init container" if view.init else "container"
    node_ran_out = _system_oom(observations, view)
    title = (
        f"the {kind} {view.name} is killed for using more memory than its limit of {limit} (OOMKilled)"
        if limit
        else f"the {kind} {view.name} is killed because memory ran out (OOMKilled), and it has no limit of its own"
    )
    return Finding(
        cause="oom-killed" if limit or not node_ran_out else "system-oom",
        title=title,
        explanation=" ".join(filter(None, (_pattern(view), _heap(view, limit)))),
        subject=subject_of(view.pod),
        evidence=(ended_fact(view, observations.at), *_limit_fact(observations, view, limit), *node_ran_out),
        confidence=0.98,
        next_steps=_next_steps(view, limit),
        since=not_ready_since(view, observations),
        pods=(view.pod.name,),
        container=view.name,
        key=view.name,
    )


def _limit_fact(observations: Observations, view: ContainerView, limit: str) -> tuple[Evidence, ...]:
    request = view.spec.resources.requests.get("memory", "none")
    where = f"spec.{'initContainers' if view.init else 'containers'}[{view.name}].resources"
    text = f"limits.memory {limit or 'none'}, requests.memory {request}"
    return (field_fact(view.pod, where, text, observations.at),)


def _pattern(view: ContainerView) -> str:
    ended = view.ended()
    if ended is None or ended.started_at is None or ended.finished_at is None:
        return ""
    lasted = ended.finished_at - ended.started_at
    if lasted <= QUICK:
        return f"It dies {_span(lasted)} after starting, so the limit does not even fit its start."
    return f"Its last run lasted {_span(lasted)}, so its memory grows while it works: load or a leak."


def _heap(view: ContainerView, limit: str) -> str:
    told = " ".join([*view.spec.command, *view.spec.args, *(one.value or "" for one in view.spec.env)])
    hit, room = _HEAP.search(told), memory_bytes(limit)
    if not hit or not room:
        return ""
    heap = int(hit["node"]) << 20 if hit["node"] else int(hit["java"]) * _UNITS[hit["unit"].lower()]
    return f"Its heap may grow to {hit[0]}, which does not fit into {limit}." if heap >= 0.9 * room else ""


def _next_steps(view: ContainerView, limit: str) -> tuple[str, ...]:
    if limit:
        return (f"Raise the memory limit of {view.name} above {limit} (1.3 to 1.5 times the peak), or find what grew.",)
    return (f"Give {view.name} a memory request and limit, so that it is placed where there is room.",)


def _system_oom(observations: Observations, view: ContainerView) -> tuple[Evidence, ...]:
    nodes = [node for node in observations.nodes if node.name == view.pod.spec.node_name]
    events = [event for node in nodes for event in observations.events_on(node, "SystemOOM")]
    return tuple(event_fact(event, observations.at) for event in events[-1:])


_QUANTITY = re.compile(r"^(?P<number>\d+(\.\d+)?)(?P<unit>[kKMGTPE]i?|m)?$")
_POWERS = {"": 1, "m": 0.001, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}


def memory_bytes(quantity: str) -> float:
    """A Kubernetes quantity as a number, 0 when it is none: "128Mi", "1G", "500m"."""
    hit = _QUANTITY.match(quantity.strip())
    if not hit:
        return 0
    unit = hit["unit"] or ""
    power = 1024.0 ** ("KMGTPE".index(unit[0].upper()) + 1) if unit.endswith("i") else _POWERS[unit]
    return float(hit["number"]) * power


def _span(lasted: timedelta) -> str:
    seconds = int(lasted.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
