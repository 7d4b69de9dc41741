"""Whether it stands the loss of a pod, a node, a drain and a rollout."""

from collections.abc import Iterator

from tools.cluster.models.platform import HorizontalPodAutoscaler, PodDisruptionBudget
from tools.contract import Evidence
from tools.diagnosis.advice.models import Recommendation, Subject
from tools.diagnosis.facts import field_fact

TWO = 2


def advise(subject: Subject) -> Iterator[Recommendation]:
    """Replicas, autoscaler, disruption budget, spread over nodes, rollout strategy."""
    if subject.workload.kind == "DaemonSet":
        return
    yield from _replicas(subject)
    yield from _scalers(subject)
    yield from _budgets(subject)
    yield from _spread(subject)
    yield from _rollout(subject)


def _least(subject: Subject) -> int:
    """How many pods it has at the least: an autoscaler may take it down to its minimum."""
    bounds = [scaler.spec.min_replicas or 1 for scaler in subject.setting.scalers]
    return min([*bounds, subject.workload.desired()]) if bounds else subject.workload.desired()


def _replicas(subject: Subject) -> Iterator[Recommendation]:
    if subject.workload.desired() != 1 or subject.setting.scalers or not subject.serves:
        return
    stateless = subject.workload.kind == "Deployment" and not _has_claims(subject)
    name = subject.workload.name
    yield Recommendation(
        topic="availability",
        weight="medium",
        title=f"Run {name} with {TWO} replicas" if stateless else f"Find out whether {name} can run with a replica",
        reason="its only pod is gone while its node is drained or fails, and requests to it fail",
        risk="it must not keep state or take turns by itself"
        if stateless
        else "it keeps data: a second pod needs replication",
        evidence=(subject.fact("spec.replicas", "1"),),
        action=subject.call("scale_workload", f"Scale {name} to {TWO} replicas", replicas=TWO) if stateless else None,
    )


def _has_claims(subject: Subject) -> bool:
    return any(ref.kind == "PersistentVolumeClaim" for ref in subject.setting.references)


def _scalers(subject: Subject) -> Iterator[Recommendation]:
    for scaler in subject.setting.scalers:
        status, spec = scaler.status, scaler.spec
        if status.desired_replicas >= spec.max_replicas > 0 and status.desired_replicas > (spec.min_replicas or 1):
            yield Recommendation(
                topic="availability",
                weight="medium",
                title=f"Raise maxReplicas of the autoscaler {scaler.name} above {spec.max_replicas}",
                reason="it runs at its upper bound, so more load finds no more pods",
                risk="more pods cost more, and load what it calls",
                evidence=(_bounds(subject, scaler),),
            )
        if (spec.min_replicas or 1) == 1 and subject.serves:
            yield Recommendation(
                topic="availability",
                weight="low",
                title=f"Set minReplicas of the autoscaler {scaler.name} to {TWO}",
                reason="when load is low its only pod may be lost with its node",
                risk="one more pod runs all the time",
                evidence=(_bounds(subject, scaler),),
            )


def _bounds(subject: Subject, scaler: HorizontalPodAutoscaler) -> Evidence:
    spec, status = scaler.spec, scaler.status
    text = f"minReplicas {spec.min_replicas or 1}, maxReplicas {spec.max_replicas}, wants {status.desired_replicas}"
    return field_fact(scaler, "spec, status.desiredReplicas", text, subject.now)


def _budgets(subject: Subject) -> Iterator[Recommendation]:
    if subject.setting.lacks("poddisruptionbudgets"):
        return
    if not subject.setting.budgets and _least(subject) >= TWO and subject.serves:
        yield Recommendation(
            topic="availability",
            weight="medium",
            title=f"Give {subject.workload.name} a PodDisruptionBudget that allows one pod to be away",
            reason="a drain of several nodes may take all of its pods at the same time",
            risk="one that allows none blocks every drain",
            evidence=(
                subject.fact("spec.replicas", f"{subject.workload.desired()}, no PodDisruptionBudget selects it"),
            ),
        )
    for budget in subject.setting.budgets:
        if budget.status.expected_pods and budget.status.disruptions_allowed == 0 and _whole(budget):
            text = (
                f"allows 0 disruptions: {budget.status.current_healthy} of {budget.status.expected_pods} pods healthy, "
                f"{budget.status.desired_healthy} needed"
            )
            yield Recommendation(
                topic="availability",
                weight="medium",
                title=f"Let the PodDisruptionBudget {budget.name} allow one pod to be away",
                reason="it allows none though all are healthy, so no node with one of them can be drained",
                risk="one pod less serves during a drain",
                evidence=(field_fact(budget, "status.disruptionsAllowed", text, subject.now),),
            )


def _whole(budget: PodDisruptionBudget) -> bool:
    return budget.status.current_healthy >= budget.status.expected_pods


def _spread(subject: Subject) -> Iterator[Recommendation]:
    spec = subject.workload.spec.template.spec
    kept_apart = bool(spec.topology_spread_constraints) or "podAntiAffinity" in (spec.affinity or {})
    nodes = {pod.spec.node_name for pod in subject.pods if pod.spec.node_name}
    if kept_apart or _least(subject) < TWO or len(subject.pods) < TWO or len(nodes) != 1:
        return
    yield Recommendation(
        topic="availability",
        weight="medium",
        title=f"Spread the pods of {subject.workload.name} over nodes (topologySpreadConstraints)",
        reason=f"all {len(subject.pods)} pods run on the node {next(iter(nodes))}: its loss is the loss of all",
        risk="with DoNotSchedule and too few nodes some pods stay unplaced; ScheduleAnyway is safe",
        evidence=(
            subject.fact("spec.template.spec.topologySpreadConstraints", "none set, no podAntiAffinity"),
            *(field_fact(pod, "spec.nodeName", pod.spec.node_name, subject.now) for pod in subject.pods[:TWO]),
        ),
    )


def _rollout(subject: Subject) -> Iterator[Recommendation]:
    spec = subject.workload.spec
    if spec.strategy and spec.strategy.type == "Recreate" and subject.serves and not _has_claims(subject):
        yield Recommendation(
            topic="rollout",
            weight="medium",
            title=f"Roll {subject.workload.name} out step by step (strategy RollingUpdate)",
            reason="with Recreate nothing serves while a new version starts",
            risk="two versions run side by side for a while: they must get on with each other",
            evidence=(subject.fact("spec.strategy.type", "Recreate"),),
        )
    if spec.revision_history_limit == 0:
        yield Recommendation(
            topic="rollout",
            weight="medium",
            title=f"Keep some revisions of {subject.workload.name} (revisionHistoryLimit)",
            reason="with 0 there is nothing to roll back to",
            risk="none: a revision costs a few kilobytes",
            evidence=(subject.fact("spec.revisionHistoryLimit", "0"),),
        )
    if spec.template.spec.termination_grace_period_seconds == 0 and subject.serves:
        yield Recommendation(
            topic="rollout",
            weight="medium",
            title=f"Give {subject.workload.name} time to end (terminationGracePeriodSeconds)",
            reason="with 0 its requests under way are cut off by every rollout",
            risk="none but slower rollouts",
            evidence=(subject.fact("spec.template.spec.terminationGracePeriodSeconds", "0"),),
        )
