"""What fails in an environment, by root cause."""

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
    make_template,
    waiting,
)
from tests.builders.observations import FakeCluster, FakeLogs, FakeTargets
from tests.builders.shop_reads import shop_reads
from tools.contract import Verdict
from tools.diagnosis.survey import MAX_THOROUGH
from tools.diagnosis.triage_namespace import MAX_CAUSES, TriageNamespaceArgs, triage_namespace
from tools.errors import Forbidden, NotFound


async def triage(cluster, *, environment=NAMESPACE, logs=None):
    return await triage_namespace(
        TriageNamespaceArgs(environment=environment),
        cluster=cluster,
        logs=FakeLogs(logs or {}),
        targets=FakeTargets("Deployment", "any", NAMESPACE),
        catalog=None,
        clock=lambda: NOW,
    )


def waiting_workload(name: str, reason: str, message: str, *, image: str = "registry.example/app:1"):
    """A Deployment whose one pod waits, with its ReplicaSet."""
    box = make_container("app", image, envFrom=[{"configMapRef": {"name": "settings"}}])
    spec = make_pod_spec([box], nodeName="node-001")
    template = make_template(name, make_pod_spec([box]))
    status = make_container_status("app", waiting(reason, message), ready=False)
    return (
        make_deployment(name, replicas=1, ready=0, template=template),
        make_replica_set(f"{name}-abc", deployment=name, replicas=1, template=template),
        make_pod(
            f"{name}-abc-x1x1x",
            statuses=[status],
            spec=spec,
            owner=make_owner("ReplicaSet", f"{name}-abc"),
            labels={"app": name, "pod-template-hash": "abc"},
        ),
    )


def missing_settings(name: str):
    return waiting_workload(name, "CreateContainerConfigError", 'configmap "settings" not found')


async def test_the_shop_is_told_in_causes_worst_first(tmp_path):
    async with shop_reads(tmp_path) as shop:
        shop.emulator.requests.clear()

        told = await triage_namespace(TriageNamespaceArgs(environment="staging"), **shop.ports)

        assert len(shop.emulator.requests) <= 60
        assert not shop.emulator.mutations()
    assert told.summary == "9 of 12 workloads fail in staging, 8 causes, worst first."
    assert told.verdict is Verdict.CONFIRMED
    first = told.causes[0]
    assert first.sentence == (
        "orders-db cannot start (0 of 1 pods ready): the volume claim data-orders-db-0 asks for the storage class "
        "fast-ssd, which does not exist. Because of it orders fails too."
    )
    assert [one.workload.name for one in first.workloads] == ["orders-db", "orders"]
    assert {one.workload.name for row in told.causes[-4:] for one in row.workloads} == {
        *("cart", "checkout", "payments", "search"),
    }


async def test_its_conclusion_names_workloads_and_cites_each_cause(tmp_path):
    async with shop_reads(tmp_path) as shop:
        told = await triage_namespace(TriageNamespaceArgs(environment="staging"), **shop.ports)

    conclusion = told.conclusion()

    assert len(conclusion.claims) == 8
    assert all(claim.evidence for claim in conclusion.claims)
    assert not any("_shop-staging(" in claim.text or "Pod " in claim.text for claim in conclusion.claims)
    assert conclusion.next_steps[0].startswith("orders-db: ")
    assert {action.tool for action in conclusion.actions} == {"rollback_workload"}
    assert {ref.name for ref in told.observed()} >= {"orders", "orders-db", "checkout"}


async def test_a_healthy_environment_is_called_so_with_evidence(tmp_path):
    async with shop_reads(tmp_path) as shop:
        told = await triage_namespace(TriageNamespaceArgs(environment="production"), **shop.ports)

    assert told.summary == "Nothing fails in production: 12 workloads were looked at."
    assert (told.failing, told.causes, told.verdict) == (0, (), Verdict.CONFIRMED)
    assert "12 healthy" in told.conclusion().claims[0].text


async def test_workloads_that_lack_the_same_thing_are_one_cause():
    cluster = FakeCluster([*missing_settings("a"), *missing_settings("b"), *missing_settings("c")])

    told = await triage(cluster)

    assert told.summary == f"3 of 3 workloads fail in {NAMESPACE}, one cause, worst first."
    (row,) = told.causes
    assert row.cause == "config-missing-configmap-or-secret"
    assert row.sentence.endswith("The same stops b and c.")


async def test_one_registry_that_refuses_is_one_cause_and_another_fault_of_its_own_is_not():
    message = (
        'failed to pull and unpack image "{0}": failed to resolve reference "{0}": pull access denied, repository '
        "does not exist or may require authorization: authorization failed"
    )
    images = {"a": "private.example/a:1", "b": "private.example/b:2", "c": "other.example/c:3"}
    objects = [
        part
        for name, image in images.items()
        for part in waiting_workload(name, "ErrImagePull", message.format(image), image=image)
    ]

    told = await triage(FakeCluster(objects))

    assert [[one.workload.name for one in row.workloads] for row in told.causes] == [["a", "b"], ["c"]]


async def test_a_bare_pod_in_trouble_is_told_too():
    stuck = make_container_status("app", waiting("InvalidImageName", "couldn't parse image name"), ready=False)
    cluster = FakeCluster([make_pod("debug", statuses=[stuck]), make_pod("fine"), make_deployment("web")])

    told = await triage(cluster)

    assert [one.workload.name for row in told.causes for one in row.workloads] == ["debug"]


async def test_what_is_cut_is_said():
    objects = [
        part
        for number in range(MAX_CAUSES + 4)
        for part in waiting_workload(f"app-{number:02}", "InvalidImageName", "couldn't parse", image=f"BAD-{number}:x")
    ]

    told = await triage(FakeCluster(objects))

    assert len(told.causes) == MAX_CAUSES
    assert f"the worst {MAX_CAUSES} of 12 causes are shown" in told.summary
    assert "logs were read of the worst 10 workloads only" in told.notes


async def test_requests_do_not_grow_with_the_number_of_workloads():
    few = FakeCluster([part for number in range(3) for part in missing_settings(f"app-{number:02}")])
    many = FakeCluster([part for number in range(50) for part in missing_settings(f"app-{number:02}")])

    await triage(few)
    await triage(many)

    assert len(many.calls) == len(few.calls)


async def test_in_a_large_environment_only_what_does_not_look_well_is_examined():
    fine = [make_deployment(f"fine-{number:03}") for number in range(MAX_THOROUGH + 20)]
    cluster = FakeCluster([*fine, *missing_settings("a")])

    told = await triage(cluster)

    assert told.summary.startswith(f"1 of {MAX_THOROUGH + 21} workloads fails in {NAMESPACE}, one cause")
    assert f"{MAX_THOROUGH + 20} workloads that are well by their counts and pods" in told.summary
    assert len(cluster.calls) <= 60
    assert "list events" in cluster.calls


async def test_a_large_environment_without_failures_is_well(tmp_path):
    told = await triage(FakeCluster([make_deployment(f"fine-{number:03}") for number in range(MAX_THOROUGH + 20)]))

    assert (told.failing, told.verdict) == (0, Verdict.LIKELY)


async def test_a_namespace_without_rights_is_refused_and_names_the_right():
    with pytest.raises(Forbidden) as refused:
        await triage(FakeCluster([], forbidden=["deployments"]))

    assert "deployments" in refused.value.missing


async def test_a_part_that_may_not_be_read_leaves_the_rest(tmp_path):
    cluster = FakeCluster([*missing_settings("a"), make_deployment("web")], forbidden=["jobs", "cronjobs", "events"])

    told = await triage(cluster)

    assert told.failing == 1
    assert told.causes[0].workloads[0].workload.name == "a"


async def test_an_unknown_environment_names_the_known(tmp_path):
    async with shop_reads(tmp_path) as shop:
        with pytest.raises(NotFound) as missing:
            await triage_namespace(TriageNamespaceArgs(environment="stagging"), **shop.ports)

    assert "staging" in " ".join(missing.value.candidates)


async def test_an_empty_environment_is_no_failure():
    told = await triage(FakeCluster([]))

    assert told.summary == f"No workload runs in {NAMESPACE}."
    assert told.conclusion().claims
