from tests.builders.kubernetes import (
    make_condition,
    make_container_status,
    make_metadata,
    make_owner,
    make_pod,
    make_pod_spec,
    stamp,
    terminated,
)
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import container
from tools.contract import Verdict


def job(name="migrate", *, conditions=(), spec=None, owner=None, **status):
    labels = {"batch.kubernetes.io/job-name": name}
    meta = make_metadata("Job", name, labels=labels) | ({"ownerReferences": [owner]} if owner else {})
    template = {"metadata": {"labels": labels}, "spec": make_pod_spec([container()], restartPolicy="Never")}
    base = {"selector": {"matchLabels": labels}, "template": template, "backoffLimit": 2, "completions": 1}
    return {
        "kind": "Job",
        "apiVersion": "batch/v1",
        "metadata": meta,
        "spec": base | (spec or {}),
        "status": {"conditions": list(conditions), **status},
    }


def failed_pod(name="migrate"):
    return make_pod(
        f"{name}-abc12",
        owner=make_owner("Job", name, "batch/v1"),
        labels={"batch.kubernetes.io/job-name": name},
        phase="Failed",
        spec=make_pod_spec([container()], restartPolicy="Never", nodeName="node-001"),
        statuses=[make_container_status("app", terminated(1))],
    )


def cron_job(**spec):
    meta = make_metadata("CronJob", "report")
    status = {"lastScheduleTime": stamp(60), "lastSuccessfulTime": stamp(55)}
    base = {"schedule": "0 * * * *", "jobTemplate": {"spec": job()["spec"]}}
    return {"kind": "CronJob", "apiVersion": "batch/v1", "metadata": meta, "spec": base | spec, "status": status}


BACKOFF = make_condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")


async def test_the_exit_of_its_pods_explains_a_failed_job():
    found = await diagnose(
        job(conditions=[BACKOFF], failed=3),
        failed_pod(),
        logs={"app": 'ERROR: relation "orders" does not exist'},
        workload="Job/migrate",
    )

    assert found.root_cause.cause == "app-exit-error"
    assert found.health == "failed"
    assert "orders" in found.summary
    assert "job-failed" in [one.cause for one in found.effects]


async def test_a_job_whose_pods_are_gone_is_still_called_failed():
    found = await diagnose(job(conditions=[BACKOFF], failed=3), workload="Job/migrate")

    assert found.root_cause.cause == "job-failed"
    assert found.verdict is Verdict.CONFIRMED
    assert "backoffLimit 2" in found.summary


async def test_a_job_that_ran_too_long_is_told_with_its_deadline():
    late = make_condition("Failed", "True", "DeadlineExceeded", "Job was active longer than specified deadline")

    found = await diagnose(job(conditions=[late], spec={"activeDeadlineSeconds": 600}), workload="Job/migrate")

    assert "longer than its deadline of 600 s" in found.summary


async def test_a_job_that_succeeded_after_retries_is_healthy():
    done = make_condition("Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods")

    found = await diagnose(job(conditions=[done], succeeded=1, failed=2), workload="Job/migrate")

    assert found.health == "healthy"


async def test_a_suspended_cron_job_is_a_setting_and_no_failure():
    found = await diagnose(cron_job(suspend=True), workload="CronJob/report")

    assert found.health == "idle"
    assert "suspended" in found.summary
    assert found.root_cause is None


async def test_a_cron_job_whose_newest_job_failed_is_found_through_it():
    newest = job("report-2", conditions=[BACKOFF], failed=3, owner=make_owner("CronJob", "report", "batch/v1"))

    found = await diagnose(
        cron_job(), newest, failed_pod("report-2"), logs={"app": "panic: boom"}, workload="CronJob/report"
    )

    assert found.root_cause.cause == "app-exit-error"
    assert found.health == "failed"


async def test_a_schedule_that_was_missed_is_found():
    event = make_event(
        "TooManyMissedTimes", "too many missed start times: 101", kind="CronJob", name="report", component="cronjob"
    )

    found = await diagnose(cron_job(), event, workload="CronJob/report")

    assert found.root_cause.cause == "cronjob-missed"


async def test_a_cron_job_that_ran_is_healthy():
    found = await diagnose(cron_job(), workload="CronJob/report")

    assert found.health == "healthy"


async def test_a_job_that_is_still_trying_is_only_likely_to_fail():
    found = await diagnose(job(failed=1, active=0), workload="Job/migrate")

    assert found.root_cause.cause == "job-failed"
    assert found.verdict is Verdict.LIKELY


async def test_the_event_of_giving_up_is_enough():
    event = make_event("BackoffLimitExceeded", "Job has reached the limit", kind="Job", name="migrate", component="job")

    found = await diagnose(job(failed=3), event, workload="Job/migrate")

    assert found.verdict is Verdict.CONFIRMED


def cron(schedule="0 3 * * *", *, status=None, **spec):
    base = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": make_pod_spec([container()])}}}}
    meta = make_metadata("CronJob", "nightly")
    return {"kind": "CronJob", "metadata": meta, "spec": base | spec, "status": status or {}}


async def test_a_schedule_that_cannot_be_read_is_the_cause():
    found = await diagnose(cron("61 3 * * *"), workload="CronJob/nightly")

    assert found.root_cause.cause == "cronjob-missed"
    assert "minute 61" in found.summary


async def test_a_deadline_shorter_than_the_controllers_look_is_told():
    found = await diagnose(cron(startingDeadlineSeconds=5), workload="CronJob/nightly")

    assert "startingDeadlineSeconds is 5" in found.summary
    assert found.verdict is Verdict.LIKELY


async def test_a_job_that_still_runs_keeps_the_next_ones_from_starting():
    skipped = make_event(
        "JobAlreadyActive", "Not starting job because prior execution is running", kind="CronJob", name="nightly"
    )

    found = await diagnose(
        cron(concurrencyPolicy="Forbid", status={"active": [{"name": "nightly-1"}]}),
        skipped,
        workload="CronJob/nightly",
    )

    assert "because its Job nightly-1 still runs" in found.summary


async def test_failed_pods_of_a_job_that_succeeded_are_history():
    done = job(conditions=[make_condition("Complete")], succeeded=1, failed=1)

    found = await diagnose(done, failed_pod(), workload="Job/migrate")

    assert found.health == "healthy"
    assert found.root_cause is None
