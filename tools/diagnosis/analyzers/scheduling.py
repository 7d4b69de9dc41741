"""Pods that no node can take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.cluster.models.meta import Condition
from tools.cluster.models.platform import Node
from tools.cluster.models.pods import Pod
from tools.contract import Evidence
from tools.diagnosis import strings
from tools.diagnosis.analyzers.memory import memory_bytes
from tools.diagnosis.facts import condition_fact, event_fact, excerpt, field_fact, first_seen, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_HEAD = re.compile(r"^0/(?P<nodes>\d+) nodes are available: ")
_PART = re.compile(r"(?:^|, )(?=\d+ )")


@dataclass(frozen=True)
class Reason:
    """One part of the scheduler's message: how many nodes (None: not per node), the cause, the text."""

    nodes: int | None
    cause: str
    text: str
    groups: dict[str, str | None]


def reasons(message: str) -> tuple[Reason, ...]:
    """The parts of "0/5 nodes are available: 2 Insufficient cpu, 3 ... . preemption: ...", binding constraint first.

    Texts of other scheduler plug-ins, which no row knows, are left out.
    """
    body = _HEAD.sub("", message).split(" preemption: ")[0].split(". no new claims")[0].strip().rstrip(".")
    parts = [part.strip(" ,.") for part in _PART.split(body) if part.strip(" ,.")]
    found = [reason for part in parts if (reason := _reason(part))]
    order = [text.cause for text in strings.SCHEDULING]
    return tuple(sorted(found, key=lambda one: (order.index(one.cause), -(one.nodes or 0), one.text)))


def _reason(part: str) -> Reason | None:
    hit = strings.match(strings.SCHEDULING, part)
    count = re.match(r"(\d+) ", part)
    return Reason(int(count[1]) if count else None, hit[0].cause, part, hit[1].groupdict()) if hit else None


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each pod that waits for a node, with the constraint that binds."""
    for pod in observations.live_pods():
        scheduled = pod.condition("PodScheduled")
        if pod.spec.node_name or (scheduled and scheduled.status == "True"):
            continue
        if scheduled and scheduled.reason == "SchedulingGated":
            yield _gated(observations, pod, scheduled)
        else:
            yield from _waiting(observations, pod, scheduled)


def _waiting(observations: Observations, pod: Pod, scheduled: Condition | None) -> Iterator[Finding]:
    events = observations.events_on(pod, "FailedScheduling")
    stuck = scheduled is not None and scheduled.reason == "Unschedulable"
    message = (scheduled.message if scheduled and stuck else "") or (events[-1].message if events else "")
    if not message and not stuck:
        return
    found = reasons(message)
    evidence = [condition_fact(pod, scheduled, observations.at)] if scheduled and scheduled.message else []
    evidence = evidence or [event_fact(event, observations.at) for event in events[-1:]]
    yield _finding(observations, pod, found, evidence).model_copy(
        update={"since": first_seen(events, scheduled.last_transition_time if scheduled else None)}
    )


def _finding(observations: Observations, pod: Pod, found: tuple[Reason, ...], evidence: list[Evidence]) -> Finding:
    if not found:
        said = excerpt(evidence[0].text, 160) if evidence else "the scheduler gave no reason"
        return Finding(
            cause="sched-unschedulable",
            title=f"no node can take the pod: {said}",
            subject=subject_of(pod),
            evidence=tuple(evidence),
            confidence=0.6,
            next_steps=("Ask the platform team what the scheduler's message means for this cluster.",),
            pods=(pod.name,),
        )
    first = _binding(observations, pod, found)
    title, step = _say(observations, pod, first)
    largest = _largest(observations, pod, first.cause)
    return Finding(
        cause=first.cause,
        title=title,
        explanation=" ".join(filter(None, (largest, _others(tuple(one for one in found if one is not first))))),
        subject=subject_of(pod),
        evidence=(*evidence, *_spec_fact(observations, pod, first.cause)),
        confidence=0.95,
        next_steps=(step,),
        pods=(pod.name,),
        key=first.text.split(" ", 1)[-1],
    )


def _say(observations: Observations, pod: Pod, reason: Reason) -> tuple[str, str]:
    platform = "Ask the platform team for room, or"
    match reason.cause:
        case "sched-insufficient-cpu" | "sched-insufficient-memory" | "sched-insufficient-extended":
            what = reason.groups.get("resource") or reason.cause.rsplit("-", 1)[-1]
            wanted = _requested(pod, what)
            return (
                f"no node has enough free {'CPU' if what == 'cpu' else what} for its pods (each asks for {wanted})",
                f"{platform} lower the {what} request if the workload needs less.",
            )
        case "sched-taint":
            taint = reason.groups.get("taint") or _taints(_wanted(observations, pod))
            said = f" ({taint.strip()})" if taint else ""
            return (
                f"the nodes carry a taint{said} that its pods do not tolerate",
                "Add a toleration for that taint, or ask the platform team for nodes without it.",
            )
        case "sched-affinity":
            return (
                f"no node has the labels its pods ask for{_selector(pod)}",
                "Correct the nodeSelector or node affinity, or ask the platform team to label nodes.",
            )
        case "sched-pvc-unbound":
            claim = reason.groups.get("claim")
            named = f" {claim}" if claim else ""
            missing = bool(claim) and "not found" in reason.text
            step = "Create the claim." if missing else "Find out why the claim is not bound: its class and its events."
            return (
                f"the volume claim{named} of its pods {'does not exist' if missing else 'is not bound to a volume'}",
                step,
            )
        case _:
            return _PLAIN.get(
                reason.cause, (f"no node can take its pods: {reason.text}", f"{platform} change the constraint.")
            )


_PLAIN = {
    "sched-too-many-pods": ("the nodes run as many pods as they may", "Ask the platform team for more nodes."),
    "sched-unschedulable-node": ("the nodes are cordoned", "Ask the platform team when the maintenance ends."),
    "sched-host-port": (
        "the host port it asks for is taken on every node that fits",
        "Use a Service instead of a hostPort, or run fewer replicas.",
    ),
    "sched-pod-affinity": (
        "its rules on which pods may share a node leave no node",
        "Run no more replicas than nodes, or make the anti-affinity preferred instead of required.",
    ),
    "sched-topology-spread": (
        "its rules on spreading pods over zones or nodes leave no node",
        "Use whenUnsatisfiable: ScheduleAnyway, or ask for nodes in the missing zone.",
    ),
    "sched-volume-zone": (
        "its volume lives in a zone or on a node that has no room for it",
        "Ask the platform team for room where the volume is.",
    ),
    "sched-volume-limit": (
        "the nodes cannot attach another volume",
        "Ask the platform team for nodes with free volume slots.",
    ),
}


def _binding(observations: Observations, pod: Pod, found: tuple[Reason, ...]) -> Reason:
    """The first reason, but for a selector that fits nodes: then what keeps the pod off those is what binds.

    The scheduler asks for taints before labels, so the message alone does not tell which nodes the pod wants.
    """
    taint = next((one for one in found if one.cause in {"sched-taint", "sched-unschedulable-node"}), None)
    wanted = pod.spec.node_selector.items()
    fits = any(wanted <= node.metadata.labels.items() for node in observations.nodes)
    return taint if taint and wanted and fits and found[0].cause == "sched-affinity" else found[0]


def _others(found: tuple[Reason, ...]) -> str:
    rest = [reason.text for reason in found]
    return f"The other nodes are ruled out too: {excerpt('; '.join(rest), 200)}." if rest else ""


def _requested(pod: Pod, what: str) -> str:
    asked = [container.resources.requests.get(what, "") for container in pod.spec.containers]
    return " + ".join(filter(None, asked)) or "no stated amount"


def _largest(observations: Observations, pod: Pod, cause: str) -> str:
    what = {"sched-insufficient-cpu": "cpu", "sched-insufficient-memory": "memory"}.get(cause)
    if what is None or not observations.nodes or observations.lacks("nodes"):
        return ""
    sizes = [node.status.allocatable.get(what, "0") for node in observations.nodes]
    largest = max(sizes, key=memory_bytes)
    wanted = sum(memory_bytes(one.resources.requests.get(what, "0")) for one in pod.spec.containers)
    if wanted > memory_bytes(largest) > 0:
        return f"Even the largest node has only {largest}: it can never fit as it is."
    return f"The largest node has {largest}, so it fits once there is room."


def _wanted(observations: Observations, pod: Pod) -> tuple[Node, ...]:
    """The nodes that its selector fits; all when it has none or fits none."""
    fitting = [node for node in observations.nodes if pod.spec.node_selector.items() <= node.metadata.labels.items()]
    return tuple(fitting) or observations.nodes


def _taints(nodes: tuple[Node, ...]) -> str:
    taints = sorted({f"{one.key}={one.value}:{one.effect}" for node in nodes for one in node.spec.taints})
    return excerpt(", ".join(taints), 120)


def _selector(pod: Pod) -> str:
    wanted = ", ".join(f"{key}={value}" for key, value in sorted(pod.spec.node_selector.items()))
    return f" ({excerpt(wanted, 120)})" if wanted else " (by node affinity)" if pod.spec.affinity else ""


def _spec_fact(observations: Observations, pod: Pod, cause: str) -> tuple[Evidence, ...]:
    if cause.startswith("sched-insufficient"):
        asked = "; ".join(
            f"{one.name}: "
            + (", ".join(f"{key} {value}" for key, value in sorted(one.resources.requests.items())) or "none")
            for one in pod.spec.containers
        )
        return (field_fact(pod, "spec.containers[*].resources.requests", asked, observations.at),)
    if cause == "sched-affinity" and pod.spec.node_selector:
        return (field_fact(pod, "spec.nodeSelector", _selector(pod).strip(" ()"), observations.at),)
    return ()


def _gated(observations: Observations, pod: Pod, scheduled: Condition) -> Finding:
    gates = ", ".join(gate.name for gate in pod.spec.scheduling_gates)
    return Finding(
        cause="sched-gated",
        title=f"its pods are held back by a scheduling gate ({gates or 'unnamed'})",
        explanation="A controller such as a queue or quota system keeps them until it removes the gate.",
        subject=subject_of(pod),
        evidence=(condition_fact(pod, scheduled, observations.at),),
        confidence=0.95,
        next_steps=("Ask who owns that gate, or wait until it is removed.",),
        since=scheduled.last_transition_time,
        pods=(pod.name,),
    )
