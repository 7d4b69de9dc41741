"""Nodes that fail their pods: not ready, under pressure, evicting, rejecting, shutting down."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tools.cluster.models.platform import Node
from tools.cluster.models.pods import Pod
from tools.diagnosis import strings
from tools.diagnosis.facts import condition_fact, event_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_RECENT = timedelta(hours=1)  # left-over pods older than this are history when all replicas are ready
_ALIVE = frozenset(("Running", "Pending", "Succeeded"))
_ASK = "Ask the platform team to look at the node {node}."
_GC = ("ImageGCFailed", "ContainerGCFailed", "FreeDiskSpaceFailed", "InvalidDiskCapacity")
_PRESSURE = {"MemoryPressure": "memory", "DiskPressure": "disk space", "PIDPressure": "process ids"}


def analyze(observations: Observations) -> Iterator[Finding]:
    """Conditions of the nodes of troubled pods, and pods that a node evicted or rejected while they are missed."""
    used = {pod.spec.node_name for pod in observations.pods if not pod.is_ready()}
    for node in observations.nodes:
        if node.name in used:
            yield from _node(observations, node)
    for pod in observations.pods:
        if pod.status.phase not in _ALIVE and pod.status.reason and _missed(observations, pod):
            yield from _left_over(observations, pod)


def _node(observations: Observations, node: Node) -> Iterator[Finding]:
    pods = tuple(sorted(pod.name for pod in observations.pods if pod.spec.node_name == node.name))
    ready = node.condition("Ready")
    if ready and ready.status != "True":
        silent = ready.status == "Unknown"
        yield Finding(
            cause="node-not-ready",
            title=f"the node {node.name} {'has stopped reporting' if silent else 'is not ready'}",
            explanation="Its pods count as not ready until it comes back, or are made anew elsewhere after 5 minutes.",
            subject=subject_of(node),
            evidence=(condition_fact(node, ready, observations.at),),
            confidence=0.95,
            next_steps=(_ASK.format(node=node.name),),
            since=ready.last_transition_time,
            pods=pods,
            key=node.name,
        )
    yield from _collection(observations, node, pods)
    for kind, what in _PRESSURE.items():
        condition = node.condition(kind)
        if condition and condition.status == "True":
            yield Finding(
                cause="node-pressure",
                title=f"the node {node.name} runs short of {what}",
                explanation="It refuses new pods and evicts those that use more than they asked for.",
                subject=subject_of(node),
                evidence=(condition_fact(node, condition, observations.at),),
                confidence=0.9,
                next_steps=(_ASK.format(node=node.name),),
                since=condition.last_transition_time,
                pods=pods,
                key=f"{node.name} {kind}",
            )


def _collection(observations: Observations, node: Node, pods: tuple[str, ...]) -> Iterator[Finding]:
    """The kubelet fails to free disk space: what follows are image pulls and evictions."""
    for event in observations.events_on(node, *_GC)[-1:]:
        yield Finding(
            cause="node-disk-gc",
            title=f"the node {node.name} cannot free disk space: {excerpt(event.message, 160)}",
            subject=subject_of(node),
            evidence=(event_fact(event, observations.at),),
            confidence=0.75,
            next_steps=(_ASK.format(node=node.name),),
            since=event.first_seen,
            pods=pods,
            key=f"{node.name} disk",
        )


def _missed(observations: Observations, pod: Pod) -> bool:
    workload = observations.workload
    if workload is None:
        return True
    ended = _ended(pod)
    return workload.ready() < workload.desired() and (ended is None or observations.at - ended < _RECENT)


def _ended(pod: Pod) -> datetime | None:
    ends = [one.state.terminated.finished_at for one in pod.status.container_statuses if one.state.terminated]
    times = [one.last_transition_time for one in pod.status.conditions if one.last_transition_time]
    return max([end for end in ends if end], default=None) or max(times, default=None)


def _left_over(observations: Observations, pod: Pod) -> Iterator[Finding]:
    status = pod.status
    hit = strings.match(strings.EVICTION, status.message)
    if status.reason == "Evicted":
        named = (hit[1].groupdict().get("resource") if hit else None) or "resources"
        resource = _PRESSURE.get(named, named)
        own = hit is not None and hit[0].cause == "pod-evicted-ephemeral"
        cause = "pod-evicted-ephemeral" if own else "pod-evicted"
        title = (
            "its pods were evicted for using more local disk than they may"
            if own
            else f"its pods were evicted because their node ran short of {resource}"
        )
        step = (
            "Raise the ephemeral-storage limit or sizeLimit, or write less to the local disk."
            if own
            else f"Set a {resource} request that fits what it uses, and ask the platform team about the node."
        )
    elif status.reason in strings.KUBELET_REFUSALS:
        cause, title = "kubelet-admission-rejected", f"the node refused its pod ({status.reason})"
        step = "Delete the rejected pods; ask the platform team if it happens again."
    elif status.reason in strings.SHUTDOWNS:
        cause, title = "node-rebooted", f"the node of its pods was shut down ({status.reason})"
        step = "Wait for the replacement pods; ask the platform team if the shutdown was not planned."
    else:
        return
    yield Finding(
        cause=cause,
        title=title,
        explanation=excerpt(status.message, 240),
        subject=subject_of(pod),
        evidence=(
            field_fact(pod, "status.reason", f"{status.reason}: {status.message}", _ended(pod) or observations.at),
        ),
        confidence=0.9,
        next_steps=(step,),
        since=_ended(pod),
        pods=(pod.name,),
        key=cause,
    )
