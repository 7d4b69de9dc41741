"""Pods that get no network on their node, or stay at the start without a word."""

from collections.abc import Iterator
from datetime import timedelta

from tools.diagnosis.facts import event_fact, excerpt, field_fact, first_seen, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_PATIENCE = timedelta(minutes=5)  # pulling a large image takes a while


def analyze(observations: Observations) -> Iterator[Finding]:
    """Sandboxes that cannot be created, nodes without network, and containers that stay in creation."""
    for pod in observations.live_pods():
        creating = [one for one in pod.status.container_statuses if one.state.waiting]
        if not pod.spec.node_name or any(one.state.running for one in pod.status.container_statuses):
            continue
        events = observations.events_on(pod, "FailedCreatePodSandBox", "NetworkNotReady")
        if events:
            last = events[-1]
            sandbox = last.reason == "FailedCreatePodSandBox"
            said = excerpt(last.message.split(": ", 1)[-1], 160)
            yield Finding(
                cause="sandbox-failed" if sandbox else "network-not-ready",
                title=f"the node cannot give its pod a network: {said}",
                subject=subject_of(pod),
                evidence=(event_fact(last, observations.at),),
                confidence=0.93,
                next_steps=("Ask the platform team to look at the network plug-in on that node.",),
                since=first_seen(events, pod.metadata.creation_timestamp),
                pods=(pod.name,),
                key=pod.spec.node_name,
            )
        elif any(one.state.waiting and one.state.waiting.reason == "ContainerCreating" for one in creating):
            yield from _stuck(observations, pod.name)


def _stuck(observations: Observations, name: str) -> Iterator[Finding]:
    pod = next(one for one in observations.live_pods() if one.name == name)
    born = pod.metadata.creation_timestamp
    if born is None or observations.at - born < _PATIENCE:
        return
    yield Finding(
        cause="container-creating-stuck",
        title=f"its containers have been waiting to be created since {born:%H:%M} UTC",
        subject=subject_of(pod),
        evidence=(field_fact(pod, "status.containerStatuses[*].state.waiting", "ContainerCreating", born),),
        confidence=0.5,
        next_steps=("Look at the pod's events: a volume, the network or a slow image pull holds it.",),
        since=born,
        pods=(pod.name,),
    )
