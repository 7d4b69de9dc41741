"""One look at a workload after a change."""

from dataclasses import dataclass, field

import pytest

from tests.builders.kubernetes import (
    NAMESPACE,
    NOW,
    make_condition,
    make_container,
    make_container_status,
    make_deployment,
    make_pod,
    make_pod_spec,
    make_replica_set,
    stamp,
    terminated,
    uid_of,
    waiting,
)
from tools.cluster.applying import CHANGE_ID
from tools.cluster.models.resources import PODS, TEMPLATE_HISTORY
from tools.cluster.port import Page
from tools.cluster.verifying import SETTLE_SECONDS, verify_plan
from tools.contract import ObjectRef, Outcome, Plan, Precondition, Receipt
from tools.errors import NotFound

TARGET = ObjectRef(
    cluster="prod", namespace=NAMESPACE, kind="Deployment", name="checkout", uid=uid_of("Deployment", "checkout")
)
PROBED = make_pod_spec([make_container(readinessProbe={"tcpSocket": {"port": 80}})])
STUCK = {"conditions": [make_condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]}


@dataclass
class Seen:
    """A reader that has one Deployment, one ReplicaSet and some pods."""

    deployment: dict | None
    pods: list[dict] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cluster: str = "prod"

    async def get(self, resource, namespace, name):
        if self.deployment is None:
            raise NotFound("gone")
        return resource.parse(self.deployment)

    async def list(self, resource, namespace, *, labels="", fields="", limit=1000):
        self.asked.append(f"{resource.plural} {labels}")
        raw = {PODS.plural: self.pods, TEMPLATE_HISTORY.plural: [make_replica_set()]}[resource.plural]
        return Page(tuple(resource.parse(item) for item in raw))


def deployment(**changed) -> dict:
    annotations = {CHANGE_ID: "p-1", "deployment.kubernetes.io/revision": "1"}
    return make_deployment(**{"metadata": {"annotations": annotations}} | changed)


async def look(seen: Seen, patch: dict | None = None) -> Outcome:
    body = patch or {"spec": {"template": {}}}
    plan = Plan(
        tool="restart_workload",
        args={},
        target=TARGET,
        precondition=Precondition(target=TARGET, resource_version="1", generation=1),
        summary="Restart",
        diff=(),
        patch=body,
        risk="low",
        inverse=None,
        planned_at=NOW,
    )
    receipt = Receipt(change_id="p-1", target=TARGET, applied_at=NOW, resource_version="2")
    return await verify_plan(plan, receipt, cluster=seen, clock=lambda: NOW)


def ready_since(seconds: float, **pod) -> dict:
    condition = make_condition("Ready", lastTransitionTime=stamp(seconds / 60))
    return make_pod(conditions=[condition], **pod)


async def test_a_complete_rollout_with_settled_pods_is_healthy() -> None:
    outcome = await look(Seen(deployment(), [ready_since(SETTLE_SECONDS + 1)]))

    assert (outcome.settled, outcome.healthy) == (True, True)
    assert outcome.evidence[0].where == "status.availableReplicas"


async def test_a_pod_that_nothing_probes_is_not_trusted_at_once() -> None:
    outcome = await look(Seen(deployment(), [ready_since(1)]))

    assert (outcome.settled, outcome.healthy) == (False, False)
    assert "only just started" in outcome.summary


async def test_a_pod_with_a_readiness_probe_is_trusted_at_once() -> None:
    outcome = await look(Seen(deployment(), [ready_since(0, spec=PROBED)]))

    assert outcome.healthy


async def test_a_pod_that_crashed_before_is_trusted_later() -> None:
    crashed = [make_container_status(restartCount=2, lastState=terminated(1))]

    assert not (await look(Seen(deployment(), [ready_since(10, statuses=crashed)]))).settled
    assert (await look(Seen(deployment(), [ready_since(60, statuses=crashed)]))).healthy


async def test_a_clock_that_differs_from_the_cluster_does_not_wait_for_ever() -> None:
    assert (await look(Seen(deployment(), [ready_since(-3600)]))).healthy


async def test_a_crash_loop_is_settled_and_not_healthy() -> None:
    crashing = make_pod(statuses=[make_container_status(state=waiting("CrashLoopBackOff"), lastState=terminated(3))])

    outcome = await look(Seen(deployment(ready=0), [crashing]))

    assert (outcome.settled, outcome.healthy) == (True, False)
    assert "1 pod fails in checkout: CrashLoopBackOff" in outcome.summary
    assert "exit code 3" in outcome.evidence[0].text


async def test_a_pod_that_starts_is_waited_for() -> None:
    starting = make_pod(statuses=[make_container_status(state=waiting("ContainerCreating"))])

    outcome = await look(Seen(deployment(ready=1), [starting]))

    assert not outcome.settled
    assert outcome.summary == "checkout: 1 of 3 pods are available."


async def test_a_single_crash_is_waited_for() -> None:
    crashed = make_pod(statuses=[make_container_status(state=terminated(1))])

    assert not (await look(Seen(deployment(ready=0), [crashed]))).settled


async def test_a_rollout_past_its_deadline_is_settled() -> None:
    outcome = await look(Seen(deployment(ready=1, status=STUCK)))

    assert (outcome.settled, outcome.healthy) == (True, False)
    assert "ProgressDeadlineExceeded" in outcome.summary


async def test_pods_of_the_old_spec_are_not_judged() -> None:
    metadata = {"generation": 2, "annotations": {CHANGE_ID: "p-1"}}
    crashing = make_pod(statuses=[make_container_status(state=waiting("CrashLoopBackOff"))])
    seen = Seen(deployment(metadata=metadata), [crashing])

    outcome = await look(seen)

    assert not outcome.settled
    assert seen.asked == []


async def test_after_a_new_template_only_its_pods_are_looked_at() -> None:
    seen = Seen(deployment(), [ready_since(60)])

    await look(seen)

    assert seen.asked[-1] == "pods app=checkout,pod-template-hash=7d9f8c6b5"


async def test_after_a_scaling_all_pods_are_looked_at() -> None:
    seen = Seen(deployment(), [ready_since(60)])

    await look(seen, {"spec": {"replicas": 3}})

    assert seen.asked == ["pods app=checkout"]


@pytest.mark.parametrize(
    ("found", "words"),
    [(None, "was deleted"), (deployment(metadata={"uid": "another"}), "was replaced")],
)
async def test_a_workload_that_is_no_longer_there_is_settled(found: dict | None, words: str) -> None:
    outcome = await look(Seen(found))

    assert (outcome.settled, outcome.healthy) == (True, False)
    assert words in outcome.summary


async def test_a_later_change_is_said() -> None:
    outcome = await look(Seen(make_deployment(), [ready_since(60)]))

    assert outcome.summary.endswith("Another change was made since.")
