"""Jobs that failed and CronJobs that do not run."""

from collections.abc import Iterator

from tools.cluster.models.workloads import CronJob, Job
from tools.diagnosis.cron import problem
from tools.diagnosis.facts import condition_fact, event_fact, excerpt, field_fact, first_seen, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations

_WHY = {
    "BackoffLimitExceeded": "its pods failed more often than it may try again (backoffLimit {limit})",
    "DeadlineExceeded": "it ran longer than its deadline of {deadline} s",
    "PodFailurePolicy": "a pod failed in a way that its podFailurePolicy does not forgive",
    "FailedIndexes": "some of its indexes failed",
    "MaxFailedIndexesExceeded": "too many of its indexes failed",
}
_TICK = 10  # seconds between two looks of the CronJob controller
_MISSED = frozenset(
    ("MissSchedule", "TooManyMissedTimes", "UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone", "FailedCreate")
)


def analyze(observations: Observations) -> Iterator[Finding]:
    """The failure of a Job, of a CronJob's newest Job, or of its schedule; a suspension as information."""
    if observations.job:
        yield from _job(observations, observations.job)
    if observations.cron_job:
        yield from _cron_job(observations, observations.cron_job)


def _job(observations: Observations, job: Job) -> Iterator[Finding]:
    failed = job.condition("Failed")
    if job.spec.suspend:
        yield _suspended(observations, job, "job-suspended")
    if failed is None or failed.status != "True":
        yield from _failing(observations, job)
        return
    limit = 6 if job.spec.backoff_limit is None else job.spec.backoff_limit
    why = _WHY.get(failed.reason, "").format(limit=limit, deadline=job.spec.active_deadline_seconds)
    yield Finding(
        cause="job-failed",
        title=f"the Job {job.name} failed: {why or excerpt(failed.message, 160) or 'it gives no reason'}",
        subject=subject_of(job),
        evidence=(condition_fact(job, failed, observations.at),),
        confidence=0.95,
        next_steps=(_step(failed.reason),),
        since=failed.last_transition_time,
        key=job.name,
    )


def _failing(observations: Observations, job: Job) -> Iterator[Finding]:
    """Pods failed and the Job has not ended: it may try again."""
    complete = job.condition("Complete")
    if job.status.failed == 0 or job.spec.suspend or (complete and complete.status == "True"):
        return
    given_up = tuple(one for one in observations.events_on(job) if one.reason in _WHY)
    facts = [field_fact(job, "status.failed", str(job.status.failed), observations.at)]
    yield Finding(
        cause="job-failed",
        title=f"{job.status.failed} pods of the Job {job.name} have failed so far",
        explanation="" if given_up else "It tries again with growing pauses until its backoffLimit.",
        subject=subject_of(job),
        evidence=(*facts, *(event_fact(one, observations.at) for one in given_up[-1:])),
        confidence=0.95 if given_up else 0.7,
        next_steps=("Read the log of its failed pods.",),
        since=job.status.start_time,
        key=job.name,
    )


def _step(reason: str) -> str:
    if reason == "DeadlineExceeded":
        return "Find out what takes long in its log; raise activeDeadlineSeconds if the work is simply longer."
    return "Read the log of its failed pods, correct the cause, and create the Job again: a failed Job does not retry."


def _suspended(observations: Observations, thing: Job | CronJob, cause: str) -> Finding:
    return Finding(
        cause=cause,
        title=f"{thing.name} is suspended, so it starts nothing",
        subject=subject_of(thing),
        evidence=(field_fact(thing, "spec.suspend", "true", observations.at),),
        confidence=0.98,
        next_steps=("Resume it if it should run: ask who suspended it.",),
    )


def _cron_job(observations: Observations, cron: CronJob) -> Iterator[Finding]:
    if cron.spec.suspend:
        yield _suspended(observations, cron, "cronjob-suspended")
        return
    for job in observations.jobs[:1]:
        yield from _job(observations, job)
    yield from _unusable(observations, cron)
    yield from _held_up(observations, cron)
    missed = tuple(one for one in observations.events_on(cron) if one.reason in _MISSED)
    if missed:
        last = missed[-1]
        yield Finding(
            cause="cronjob-missed",
            title=f"the CronJob {cron.name} did not run when it should: {excerpt(last.message, 160)}",
            subject=subject_of(cron),
            evidence=(
                event_fact(last, observations.at),
                field_fact(cron, "spec.schedule", cron.spec.schedule, observations.at),
            ),
            confidence=0.9,
            next_steps=("Correct the schedule or time zone, or let the missed run be made by hand.",),
            since=first_seen(missed, None),
        )


def _unusable(observations: Observations, cron: CronJob) -> Iterator[Finding]:
    """A schedule or deadline that the controller cannot work with."""
    deadline = cron.spec.starting_deadline_seconds
    wrong = problem(cron.spec.schedule)
    if wrong:
        where, said = "spec.schedule", cron.spec.schedule
        title = f'the schedule "{excerpt(cron.spec.schedule, 60)}" of the CronJob {cron.name} cannot be read: {wrong}'
    elif deadline is not None and deadline < _TICK:
        where, said = "spec.startingDeadlineSeconds", str(deadline)
        title = (
            f"the CronJob {cron.name} may miss runs: its startingDeadlineSeconds is {deadline},"
            f" and the controller looks every {_TICK} s"
        )
    else:
        return
    yield Finding(
        cause="cronjob-missed",
        title=title,
        subject=subject_of(cron),
        evidence=(field_fact(cron, where, said, observations.at),),
        confidence=0.95 if wrong or (deadline or 0) < 0 else 0.6,
        next_steps=("Correct the schedule.",) if wrong else (f"Set startingDeadlineSeconds to {_TICK} or more.",),
        key=where,
    )


def _held_up(observations: Observations, cron: CronJob) -> Iterator[Finding]:
    """Runs that are skipped because the one before is still at work."""
    skipped = observations.events_on(cron, "JobAlreadyActive")
    if cron.spec.concurrency_policy != "Forbid" or not skipped or not cron.status.active:
        return
    name = str(cron.status.active[0].get("name", ""))
    yield Finding(
        cause="cronjob-missed",
        title=f"the CronJob {cron.name} skips its runs, because its Job {name} still runs (concurrencyPolicy Forbid)",
        subject=subject_of(cron),
        evidence=(
            event_fact(skipped[-1], observations.at),
            field_fact(cron, "status.active", name, observations.at),
        ),
        confidence=0.93,
        next_steps=(f"Find out what the Job {name} waits for; give it activeDeadlineSeconds, so that it ends.",),
        since=first_seen(skipped, None),
        key="active",
    )
