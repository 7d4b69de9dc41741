"""Suspending and resuming a CronJob, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.batch import cron_job
from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import NAMESPACE, FixedTargets, small_cluster
from tools.cluster.resume_cronjob import apply_resume_cronjob, plan_resume_cronjob, verify_resume_cronjob
from tools.cluster.run_cronjob_now import CronJobArgs
from tools.cluster.suspend_cronjob import apply_suspend_cronjob, plan_suspend_cronjob, verify_suspend_cronjob
from tools.errors import InvalidArgs

TARGETS = FixedTargets("CronJob/nightly-report")
ARGS = CronJobArgs(cronjob="CronJob/nightly-report", environment=NAMESPACE)
SUSPEND = (plan_suspend_cronjob, apply_suspend_cronjob, verify_suspend_cronjob)
RESUME = (plan_resume_cronjob, apply_resume_cronjob, verify_resume_cronjob)


@pytest.mark.parametrize(("before", "steps", "after"), [(False, SUSPEND, True), (True, RESUME, False)])
async def test_the_switch_is_set_and_nothing_else(tmp_path, before: bool, steps: tuple, after: bool) -> None:
    async with small_cluster(tmp_path, cron_job(suspend=before)) as small:
        planned, _, seen = await carried_out(steps, ARGS, small, TARGETS)

        assert seen.healthy, seen.summary
        assert small.stored("CronJob", "nightly-report")["spec"]["suspend"] is after
        assert [(change.path, change.after) for change in planned.diff] == [("spec.suspend", str(after).lower())]


async def test_each_is_the_way_back_of_the_other(tmp_path) -> None:
    async with small_cluster(tmp_path, cron_job()) as small:
        planned = await plan_suspend_cronjob(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)

    assert planned.summary == "Suspend cronjob nightly-report in shop-staging"
    assert planned.inverse is not None
    assert planned.inverse.tool == "resume_cronjob"
    assert planned.inverse.args == {"cronjob": "nightly-report", "environment": NAMESPACE}


@pytest.mark.parametrize(("deadline", "warned"), [({}, True), ({"startingDeadlineSeconds": 60}, False)])
async def test_a_run_that_may_start_at_once_is_warned_of(tmp_path, deadline: dict, warned: bool) -> None:
    async with small_cluster(tmp_path, cron_job(suspend=True, **deadline)) as small:
        planned = await plan_resume_cronjob(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)

    assert any("may start at once" in warning for warning in planned.warnings) is warned


@pytest.mark.parametrize(
    ("suspended", "plan", "why"),
    [(True, plan_suspend_cronjob, "is suspended already"), (False, plan_resume_cronjob, "is not suspended")],
)
async def test_what_is_so_already_is_refused(tmp_path, suspended: bool, plan, why: str) -> None:
    async with small_cluster(tmp_path, cron_job(suspend=suspended)) as small:
        with pytest.raises(InvalidArgs, match=why):
            await plan(ARGS, cluster=small.acting_as(), targets=TARGETS, clock=small.now)
