"""Autoscalers that cannot do their work: a remark on a healthy workload, no cause of a failing one by itself."""

from collections.abc import Iterator

from tools.cluster.models.meta import Condition
from tools.cluster.models.platform import HorizontalPodAutoscaler
from tools.cluster.models.pods import Container
from tools.diagnosis.facts import condition_fact, excerpt, field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each condition of the workload's autoscaler that keeps it from scaling."""
    for scaler in observations.autoscalers:
        yield from _target(observations, scaler)
        yield from _requests(observations, scaler)
        for condition in scaler.status.conditions:
            told = _say(scaler, condition)
            if told:
                cause, title, step = told
                yield Finding(
                    cause=cause,
                    role="info",
                    title=title,
                    subject=subject_of(scaler),
                    evidence=(condition_fact(scaler, condition, observations.at),),
                    confidence=0.9,
                    next_steps=(step,),
                    since=condition.last_transition_time,
                    key=scaler.name,
                )


def _target(observations: Observations, scaler: HorizontalPodAutoscaler) -> Iterator[Finding]:
    ref = scaler.spec.scale_target_ref
    if not observations.platform.lacks(ref.kind, ref.name):
        return
    yield Finding(
        cause="hpa-scale-failed",
        role="info",
        title=f"the autoscaler {scaler.name} scales the {ref.kind} {ref.name}, which does not exist",
        subject=subject_of(scaler),
        evidence=(field_fact(scaler, "spec.scaleTargetRef", f"{ref.kind} {ref.name}", observations.at),),
        confidence=0.95,
        next_steps=(f"Correct scaleTargetRef of the autoscaler {scaler.name}.",),
        key=f"{scaler.name} target",
    )


def _requests(observations: Observations, scaler: HorizontalPodAutoscaler) -> Iterator[Finding]:
    """Utilization is a share of the request: without one there is nothing to measure against.

    Only before the controller has said so itself. A LimitRange may have given the pods what the template leaves out.
    """
    workload, ref = observations.workload, scaler.spec.scale_target_ref
    mine = workload is not None and (workload.kind, workload.name) == (ref.kind, ref.name)
    if workload is None or not mine or workload.desired() == 0 or scaler.status.conditions:
        return
    pod = next(iter(observations.live_pods()), None)
    containers = pod.spec.containers if pod else observations.template.spec.containers
    for resource in utilizations(scaler):
        without = [one.name for one in containers if not _has(one, resource)]
        if without:
            named = ", ".join(without)
            yield Finding(
                cause="hpa-no-metrics",
                role="info",
                title=f"its autoscaler scales by {resource} utilization, but {named} states no {resource} request",
                subject=subject_of(scaler),
                evidence=(
                    field_fact(scaler, "spec.metrics", f"{resource} utilization", observations.at),
                    field_fact(workload, "spec.template.spec.containers[*].resources", "no request", observations.at),
                ),
                confidence=0.93,
                next_steps=(f"Set a {resource} request on the container {named}.",),
                key=scaler.name,
            )


def utilizations(scaler: HorizontalPodAutoscaler) -> tuple[str, ...]:
    """Resources whose utilization it scales by; without metrics the server takes cpu."""
    metrics = [one.get("resource") or {} for one in scaler.spec.metrics if one.get("type") == "Resource"]
    by_share = [one for one in metrics if (one.get("target") or {}).get("type", "Utilization") == "Utilization"]
    return tuple(str(one.get("name")) for one in by_share) if scaler.spec.metrics else ("cpu",)


def _has(container: Container, resource: str) -> bool:
    """A limit counts: the server copies it to a request that is left out."""
    return resource in container.resources.requests or resource in container.resources.limits


def _say(scaler: HorizontalPodAutoscaler, condition: Condition) -> tuple[str, str, str] | None:
    said = excerpt(condition.message, 160)
    match condition.type, condition.status, condition.reason:
        case "ScalingLimited", "True", "TooManyReplicas":
            return (
                "hpa-at-max",
                f"its autoscaler wants more than its maximum of {scaler.spec.max_replicas} replicas",
                "Raise maxReplicas if the load is real, or find out what makes each pod slow.",
            )
        case "ScalingActive", "False", reason if reason != "ScalingDisabled":
            return (
                "hpa-no-metrics",
                f"its autoscaler has no metric to scale by: {said}",
                "Set CPU requests on every container.",
            )
        case "AbleToScale", "False", _:
            return (
                "hpa-scale-failed",
                f"its autoscaler cannot change it: {said}",
                "Check what the autoscaler refers to.",
            )
        case _:
            return None
