"""Autoscalers that cannot do their work: a remark on a healthy workload, no cause of a failing one by itself."""

from collections.abc import Iterator

from tools.cluster.models.meta import Condition
from tools.cluster.models.platform import HorizontalPodAutoscaler
from tools.diagnosis.facts import condition_fact, excerpt, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """One finding for each condition of the workload's autoscaler that keeps it from scaling."""
    for scaler in observations.autoscalers:
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
