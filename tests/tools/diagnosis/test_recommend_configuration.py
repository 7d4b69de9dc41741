"""How a configuration could be better: each piece of advice has a reason, a risk and evidence."""

from typing import Any

import pytest

from tests.builders.kubernetes import (
    NAMESPACE,
    NOW,
    make_container,
    make_container_status,
    make_deployment,
    make_owner,
    make_pod,
    make_pod_spec,
    make_replica_set,
    make_stateful_set,
    make_template,
    terminated,
    waiting,
)
from tests.builders.kubernetes_platform import (
    make_autoscaler,
    make_disruption_budget,
    make_endpoint_slice,
    make_service,
)
from tests.builders.observations import FakeCluster, FakeLogs, FakeTargets
from tests.builders.shop_reads import shop_reads
from tools.cluster.models.meta import Resource, T
from tools.contract import Verdict
from tools.diagnosis.advice.images import moving_tag
from tools.diagnosis.recommend_configuration import (
    RecommendConfigurationArgs,
    RecommendConfigurationResult,
    recommend_configuration,
)
from tools.errors import InvalidArgs

SAFE = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
AMOUNTS = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
PROBE = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}


class RawCluster(FakeCluster):
    """Also gives raw objects."""

    async def raw(self, resource: Resource[T], namespace: str | None, name: str) -> dict[str, Any]:
        self._enter("get", resource, namespace)
        return next(one for one in self._of(resource, namespace) if one["metadata"]["name"] == name)


def box(**more: Any):
    defaults = {
        "resources": AMOUNTS,
        "securityContext": SAFE,
        "readinessProbe": PROBE,
        "ports": [{"containerPort": 8080}],
    }
    return make_container("app", more.pop("image", "registry.example/app:1.2.3"), **(defaults | more))


def pods(*, count: int = 2, spread: bool = True, container=None):
    return [
        make_pod(
            f"checkout-abc-{number}",
            owner=make_owner("ReplicaSet", "checkout-abc"),
            labels={"app": "checkout", "pod-template-hash": "abc"},
            spec=make_pod_spec([container or box()], nodeName=f"node-{number if spread else 0}"),
        )
        for number in range(count)
    ]


def web(container=None, *, replicas: int = 2, pod: dict | None = None, spec: dict | None = None, **metadata: Any):
    template = make_template("checkout", make_pod_spec([container or box()], **(pod or {})))
    return (
        make_deployment(replicas=replicas, template=template, spec=spec, metadata=metadata or None),
        make_replica_set("checkout-abc", replicas=replicas, template=template),
        make_service(),
        make_endpoint_slice(ready=replicas),
    )


async def advise(*objects, kind="Deployment", name="checkout", **more) -> RecommendConfigurationResult:
    return await recommend_configuration(
        RecommendConfigurationArgs(workload=name, environment=NAMESPACE),
        cluster=more.pop("cluster", None) or RawCluster(objects),
        logs=FakeLogs({}),
        targets=FakeTargets(kind, name, NAMESPACE),
        catalog=None,
        clock=lambda: NOW,
    )


def titles(told: RecommendConfigurationResult) -> list[str]:
    return [one.title for one in told.recommendations]


async def test_a_good_configuration_is_called_good_with_evidence():
    told = await advise(*web(), *pods(), make_disruption_budget())

    assert told.summary == f"Nothing to improve was found in the configuration of checkout in {NAMESPACE}."
    assert told.conclusion().verdict is Verdict.CONFIRMED
    assert told.conclusion().claims[0].evidence


@pytest.mark.parametrize(
    ("container", "title", "weight"),
    [
        ({"resources": {}}, "Set a memory request for app", "high"),
        ({"resources": {"requests": AMOUNTS["requests"]}}, "Set a memory limit for app", "medium"),
        ({"readinessProbe": None}, "Give app a readiness probe", "high"),
        ({"livenessProbe": PROBE}, "Make the liveness probe of app more patient than its readiness probe", "medium"),
        ({"image": "registry.example/app:latest"}, "Give app an image with a version or a digest", "medium"),
        ({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}, "Move DB_PASSWORD of app into a Secret", "high"),
        ({"securityContext": {**SAFE, "privileged": True}}, "Take privileged container app away from checkout", "high"),
        (
            {"securityContext": {**SAFE, "runAsNonRoot": None}},
            "Set runAsNonRoot: true in the securityContext of checkout",
            "medium",
        ),
    ],
)
async def test_what_a_container_lacks_is_recommended(container, title, weight):
    made = box(**container)

    told = await advise(*web(made), *pods(container=made), make_disruption_budget())

    assert [(one.title, one.weight) for one in told.recommendations][:1] == [(title, weight)]
    assert all(one.reason and one.risk and one.evidence for one in told.recommendations)
    assert "hunter2" not in told.model_dump_json()


@pytest.mark.parametrize(
    ("objects", "title"),
    [
        ((*web(), *pods()), "Give checkout a PodDisruptionBudget that allows one pod to be away"),
        (
            (*web(), *pods(spread=False), make_disruption_budget()),
            "Spread the pods of checkout over nodes (topologySpreadConstraints)",
        ),
        (
            (*web(spec={"strategy": {"type": "Recreate"}}), *pods(), make_disruption_budget()),
            "Roll checkout out step by step (strategy RollingUpdate)",
        ),
        (
            (*web(spec={"revisionHistoryLimit": 0}), *pods(), make_disruption_budget()),
            "Keep some revisions of checkout (revisionHistoryLimit)",
        ),
        (
            (*web(pod={"nodeSelector": {"beta.kubernetes.io/os": "linux"}}), *pods(), make_disruption_budget()),
            "Write kubernetes.io/os instead of beta.kubernetes.io/os",
        ),
        (
            (*web(pod={"hostNetwork": True}), *pods(), make_disruption_budget()),
            "Take hostNetwork away from checkout",
        ),
    ],
)
async def test_what_the_workload_lacks_is_recommended(objects, title):
    assert titles(await advise(*objects)) == [title]


async def test_one_replica_gets_a_second_by_the_tool_that_scales():
    told = await advise(*web(replicas=1), *pods(count=1))

    (one,) = told.recommendations
    assert one.action.tool == "scale_workload"
    assert one.action.args["replicas"] == 2
    assert told.conclusion().actions == (one.action,)


async def test_a_workload_with_data_is_not_scaled_just_so():
    template = make_template("db", make_pod_spec([box()]))
    told = await advise(
        make_stateful_set("db", replicas=1, template=template), make_service("db"), kind="StatefulSet", name="db"
    )

    assert [(one.title, one.action) for one in told.recommendations] == [
        ("Find out whether db can run with a replica", None)
    ]


async def test_an_autoscaler_decides_on_replicas():
    told = await advise(*web(replicas=1), *pods(count=1), make_autoscaler(low=1, high=5))

    assert titles(told) == ["Set minReplicas of the autoscaler checkout to 2"]


async def test_a_budget_that_allows_nothing_blocks_drains():
    budget = make_disruption_budget(maxUnavailable=0)
    budget["status"] = {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 2}

    told = await advise(*web(), *pods(), budget)

    assert titles(told) == ["Let the PodDisruptionBudget checkout allow one pod to be away"]


async def test_a_manifest_of_an_old_api_version_is_named_with_its_end():
    budget = make_disruption_budget()
    applied = '{"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget"}'
    budget["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": applied}

    told = await advise(*web(), *pods(), budget)

    (one,) = told.recommendations
    assert one.title == "Declare the PodDisruptionBudget checkout with policy/v1 instead of policy/v1beta1"
    assert "1.25" in one.reason


async def test_a_container_killed_for_memory_gets_half_as_much_again_first():
    made = box()
    dead = make_container_status(
        "app",
        waiting("CrashLoopBackOff", "back-off"),
        ready=False,
        restartCount=7,
        lastState=terminated(137, "OOMKilled"),
    )
    broken = make_pod(
        "checkout-abc-0",
        statuses=[dead],
        owner=make_owner("ReplicaSet", "checkout-abc"),
        labels={"app": "checkout", "pod-template-hash": "abc"},
        spec=make_pod_spec([made], nodeName="node-1"),
    )

    told = await advise(*web(made, replicas=1), broken)

    first = told.recommendations[0]
    assert (first.title, first.fixes) == ("Raise the memory limit of app from 256Mi to 384Mi", True)
    assert first.action.tool == "set_resources"
    assert {"container": "app", "memory_limit": "384Mi"}.items() <= first.action.args.items()
    assert told.summary.startswith("It fails now: checkout keeps running out of memory")


async def test_defaults_of_the_namespace_count_as_set():
    bare = box(resources={})

    told = await advise(*web(bare), *pods(container=box()), make_disruption_budget())

    assert told.recommendations == ()


async def test_what_may_not_be_read_is_said_and_not_taken_for_missing():
    cluster = RawCluster([*web(), *pods()], forbidden=["poddisruptionbudgets"])

    told = await advise(cluster=cluster)

    assert told.recommendations == ()
    assert any("poddisruptionbudgets" in note for note in told.notes)
    assert told.conclusion().verdict is Verdict.LIKELY


async def test_a_job_gets_no_advice():
    with pytest.raises(InvalidArgs, match="runs and ends"):
        await advise(kind="Job", name="migrate")


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("app:latest", "the tag latest"),
        ("registry.example:5000/app", "an image without a tag"),
        ("registry.example:5000/app:1.2", None),
        ("app:main", "the tag main"),
        ("app@sha256:abc", None),
        ("app:latest@sha256:abc", None),
        ("", None),
    ],
)
def test_only_a_version_or_a_digest_says_what_runs(image, says):
    assert moving_tag(image) == says


async def test_every_suggested_call_is_one_the_tools_take(tmp_path):
    from tools.toolbox import Ports, build_toolbox

    async with shop_reads(tmp_path) as shop:
        toolbox = build_toolbox(Ports(**shop.ports))
        actions = []
        for name in ("cart", "checkout", "orders", "search"):
            args = RecommendConfigurationArgs(workload=name, environment="staging")
            actions += (await recommend_configuration(args, **shop.ports)).conclusion().actions

    assert {action.tool for action in actions} == {"set_resources"}
    assert all(toolbox.writes[action.tool].args.model_validate(action.args) for action in actions)
