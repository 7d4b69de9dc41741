"""A run of a CronJob by hand, from plan to outcome, on the emulated cluster."""

from datetime import timedelta

from tests.builders.batch import cron_job
from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, small_cluster
from tools.cluster.run_cronjob_now import (
    CronJobArgs,
    apply_run_cronjob_now,
    plan_run_cronjob_now,
    verify_run_cronjob_now,
)
from tools.contract import Confirmed

TARGETS = FixedTargets("CronJob/nightly-report")
STEPS = (plan_run_cronjob_now, apply_run_cronjob_now, verify_run_cronjob_now)
ARGS = CronJobArgs(cronjob="nightly-report", environment=NAMESPACE)
HANGS = [{"match": {"workload": "nightly-report*"}, "do": "run"}]
STUCK = [{"match": {"workload": "nightly-report*"}, "do": "image_error", "message": "not found"}]


async def test_the_job_is_as_kubectl_makes_it(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job()) as small:
        _, receipt, seen = await carried_out(STEPS, ARGS, small, TARGETS)
        made = small.stored("Job", receipt.target.name)
        cron = small.stored("CronJob", "nightly-report")

        assert seen.healthy, seen.summary
        assert made["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
        (owner,) = made["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["uid"], owner["controller"]) == ("CronJob", cron["metadata"]["uid"], True)
        assert made["spec"]["template"]["spec"]["containers"][0]["image"] == "shop/report:1"
        assert made["metadata"]["labels"] == {"app": "nightly-report"}


async def test_the_plan_names_the_new_job_and_its_owner(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job()) as small:
        planned = await plan_run_cronjob_now(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)

    name = planned.patch["metadata"]["name"]
    assert planned.summary == "Run cronjob nightly-report in shop-staging now"
    assert planned.effects == (f"Job {name} starts at once; the schedule (0 2 * * *) stays.",)
    assert name.startswith("nightly-report-manual-")
    assert planned.owner == "group:default/shop"
    assert "hunter2" not in planned.model_dump_json()


async def test_a_run_beside_another_is_warned_of(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job(), kubelet=HANGS) as small:
        first = await plan_run_cronjob_now(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)
        await apply_run_cronjob_now(Confirmed(first, "p-1"), cluster=small.acting_as(), clock=small.now)
        await small.emulator.settled(lambda _: small.stored("CronJob", "nightly-report")["status"].get("active"))

        later = small.now() + timedelta(minutes=1)
        second = await plan_run_cronjob_now(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=lambda: later)

    assert "runs already" in second.warnings[0]


async def test_a_long_run_counts_as_started_while_it_goes_on(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job(), kubelet=HANGS) as small:
        cluster = small.acting_as()
        planned = await plan_run_cronjob_now(ARGS, cluster=cluster, targets=TARGETS, clock=small.now)
        receipt = await apply_run_cronjob_now(Confirmed(planned, "p-1"), cluster=cluster, clock=small.now)
        await small.emulator.settled(lambda _: small.stored("Job", receipt.target.name)["status"].get("ready"))
        later = small.now() + timedelta(minutes=1)

        at_once = await verify_run_cronjob_now(planned, receipt, cluster=cluster, clock=small.now)
        after = await verify_run_cronjob_now(planned, receipt, cluster=cluster, clock=lambda: later)

    assert not at_once.settled
    assert (after.settled, after.healthy) == (True, True)
    assert "has not finished yet" in after.summary


async def test_a_run_whose_image_is_missing_is_unhealthy(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job(), kubelet=STUCK) as small:
        _, _, seen = await carried_out(STEPS, ARGS, small, TARGETS)

    assert not seen.healthy
    assert "ImagePullBackOff" in seen.summary


async def test_a_long_name_still_makes_a_name_that_is_allowed(tmp_path) -> None:
    long = "a" * 50
    async with small_cluster(tmp_path, cron_job(long)) as small:
        args = CronJobArgs(cronjob=long, environment=NAMESPACE)
        _, receipt, _ = await carried_out(STEPS, args, small, TARGETS)

    assert len(receipt.target.name) <= 63
