"""Retrying a Job, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.batch import job
from tests.builders.outcomes import carried_out, settled
from tests.builders.small_cluster import NAMESPACE, FixedTargets, SmallCluster, small_cluster
from tools.cluster.retry_job import RetryJobArgs, apply_retry_job, plan_retry_job, verify_retry_job
from tools.contract import Confirmed, Plan
from tools.errors import InvalidArgs, NotFound, PlanStale

TARGETS = FixedTargets()
STEPS = (plan_retry_job, apply_retry_job, verify_retry_job)
ARGS = RetryJobArgs(job="migrate", environment=NAMESPACE)
FAILS = [{"match": {"workload": "migrate"}, "do": "exit", "exit_code": 1}]
ALL_FAIL = [{"match": {"workload": "migrate*"}, "do": "exit", "exit_code": 1}]
HANGS = [{"match": {"workload": "migrate"}, "do": "run"}]


async def plan(small: SmallCluster) -> Plan:
    return await plan_retry_job(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def new_job(small: SmallCluster) -> dict:
    (name,) = [name for name in small.names("Job") if name != "migrate"]
    return small.stored("Job", name)


async def test_a_new_job_does_the_work_and_the_failed_one_is_kept(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=FAILS) as small:
        planned, receipt, seen = await carried_out(STEPS, ARGS, small, TARGETS)
        made = new_job(small)

        assert seen.healthy, seen.summary
        assert "is complete" in seen.summary
        assert receipt.target.name == made["metadata"]["name"] == planned.patch["metadata"]["name"]
        assert receipt.target.uid == made["metadata"]["uid"]
        assert "migrate" in small.names("Job")


async def test_nothing_ties_the_copy_to_the_failed_one_or_to_others(tmp_path) -> None:
    annotations = {"argocd.argoproj.io/tracking-id": "shop:batch/Job:shop/migrate", "team": "shop"}
    async with small_cluster(tmp_path, job(annotations=annotations), kubelet=FAILS) as small:
        await carried_out(STEPS, ARGS, small, TARGETS)
        old, made = small.stored("Job", "migrate"), new_job(small)

        assert made["spec"]["selector"] != old["spec"]["selector"]
        assert made["metadata"]["annotations"] == {"team": "shop", "infra-assistant/change-id": "p-1"}
        assert made["spec"]["template"]["metadata"]["labels"]["team"] == "shop"
        assert "ownerReferences" not in made["metadata"]


async def test_the_plan_shows_what_will_run_but_no_literal(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=FAILS) as small:
        planned = await plan(small)

        assert not small.emulator.mutations()

    assert planned.summary == "Retry job migrate in shop-staging"
    assert [change.path for change in planned.diff] == [
        "Job",
        "spec.template.spec.containers[work].image",
        "spec.template.spec.containers[work].command",
    ]
    assert "hunter2" not in planned.model_dump_json()
    assert planned.target.name == "migrate"


async def test_a_repeat_with_the_same_id_makes_no_second_job(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=FAILS) as small:
        planned = await plan(small)
        first = await apply_retry_job(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)
        again = await apply_retry_job(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)

        assert (first.already_applied, again.already_applied) == (False, True)
        assert len(small.names("Job")) == 2


async def test_a_name_taken_by_another_change_is_not_taken_for_ours(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=FAILS) as small:
        planned = await plan(small)
        await apply_retry_job(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)

        with pytest.raises(PlanStale, match="another Job called"):
            await apply_retry_job(Confirmed(planned, "p-2"), cluster=small.acting_as(), clock=small.now)


async def test_a_retry_that_fails_again_is_said(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=ALL_FAIL) as small:
        planned = await plan(small)
        receipt = await apply_retry_job(Confirmed(planned, "p-1"), cluster=small.acting_as(), clock=small.now)
        seen = await settled(verify_retry_job, planned, receipt, small)

    assert not seen.healthy
    assert seen.evidence


async def test_a_job_that_succeeded_is_repeated_with_a_warning(tmp_path) -> None:
    async with small_cluster(tmp_path, job()) as small:
        planned = await plan(small)

    assert "does its work a second time" in planned.warnings[0]
    assert planned.risk == "medium"


async def test_a_job_that_still_runs_is_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, job(), kubelet=HANGS) as small:
        with pytest.raises(InvalidArgs, match="has not ended"):
            await plan(small)


async def test_an_unknown_job_comes_with_the_nearest(tmp_path) -> None:
    async with small_cluster(tmp_path, job("migrate-42")) as small:
        with pytest.raises(NotFound) as caught:
            await plan(small)

    assert caught.value.candidates == ("migrate-42 in shop-staging",)
