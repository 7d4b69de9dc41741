"""Readiness gates: conditions that another controller has to set before a pod counts as ready."""

from collections.abc import Iterator

from tools.cluster.models.pods import Pod
from tools.diagnosis.facts import condition_fact, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each pod whose containers are ready and whose gate is not open."""
    for pod in observations.live_pods():
        containers = pod.condition("ContainersReady")
        if not pod.is_ready() and containers and containers.status == "True":
            yield from _closed(observations, pod)


def _closed(observations: Observations, pod: Pod) -> Iterator[Finding]:
    for gate in pod.spec.readiness_gates:
        kind = str(gate.get("conditionType", ""))
        condition = pod.condition(kind)
        if condition and condition.status == "True":
            continue
        fact = (
            condition_fact(pod, condition, observations.at)
            if condition
            else field_fact(pod, "spec.readinessGates", f"{kind}: nobody has set this condition", observations.at)
        )
        yield Finding(
            cause="readiness-gate",
            title=f"its containers are ready, but the readiness gate {kind} is "
            + ("not open" if condition else "set by nobody"),
            explanation="Another controller, such as a load balancer's, has to set that condition on the pod.",
            subject=subject_of(pod),
            evidence=(fact,),
            confidence=0.93,
            next_steps=(f"Look at the controller that sets {kind}, or remove the gate from the pod template.",),
            since=(condition.last_transition_time if condition else None) or pod.metadata.creation_timestamp,
            pods=(pod.name,),
            key=kind,
        )
