"""CronJob -> Jobs at the times of its schedule."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import CRON_JOBS, JOBS
from evals.emulators.kubernetes.controllers.shared import own_key, owner_key, owner_reference, put_status
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, condition, copy_json, dig, is_deleting, name_of, uid_of
from evals.emulators.kubernetes.store import Key
from evals.emulators.kubernetes.timing import parse_time, rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_ALIASES = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0"}
_HORIZON = timedelta(days=366)


class CronJobController:
    """Starts Jobs when they are due and keeps as many finished ones as the limits say."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {CRON_JOBS.shelf: own_key, JOBS.shelf: owner_key("CronJob")}

    def reconcile(self, key: Key) -> None:
        item = self._cluster.store.get(CRON_JOBS, *key)
        if item is None or is_deleting(item):
            return
        now = self._cluster.now()
        last = parse_time(dig(item, "status", "lastScheduleTime") or item["metadata"]["creationTimestamp"])
        due = next_time(item["spec"]["schedule"], last)
        if due is not None and due <= now and not item["spec"].get("suspend"):
            item = self._start(item, due)
            due = next_time(item["spec"]["schedule"], now)
        if due is not None:
            self._cluster.engine.at(max(due, now + timedelta(seconds=1)), "cronjobs", key)
        self._clean_up(item)
        self._report(key)

    def _start(self, item: Json, due: datetime) -> Json:
        template = copy_json(item["spec"]["jobTemplate"])
        name = f"{name_of(item)}-{int(due.timestamp() // 60)}"
        metadata = {**(template.get("metadata") or {}), "name": name, "ownerReferences": [owner_reference(item)]}
        if self._cluster.store.get(JOBS, item["metadata"]["namespace"], name) is None:
            body = {"metadata": metadata, "spec": template["spec"]}
            self._cluster.writer.create(JOBS, item["metadata"]["namespace"], body)
            text = f"Created job {name}"
            self._cluster.events.record(item, "Normal", "SuccessfulCreate", text, component="cronjob-controller")
        status = {**(item.get("status") or {}), "lastScheduleTime": rfc3339(due)}
        return put_status(self._cluster, CRON_JOBS, item, status)

    def _jobs(self, item: Json) -> list[Json]:
        owned = self._cluster.store.owned(uid_of(item))
        jobs = [obj for resource, obj in owned if resource.shelf == JOBS.shelf]
        return sorted(jobs, key=lambda job: str(job["metadata"]["creationTimestamp"]))

    def _clean_up(self, item: Json) -> None:
        limits = {"Complete": "successfulJobsHistoryLimit", "Failed": "failedJobsHistoryLimit"}
        for kind, field in limits.items():
            finished = [job for job in self._jobs(item) if condition(job, kind)]
            for job in finished[: max(len(finished) - item["spec"].get(field, 1), 0)]:
                self._cluster.writer.delete(JOBS, job)

    def _report(self, key: Key) -> None:
        item = self._cluster.store.get(CRON_JOBS, *key)
        if item is None:
            return
        jobs = self._jobs(item)
        running = [job for job in jobs if not condition(job, "Complete") and not condition(job, "Failed")]
        names = [
            {"apiVersion": "batch/v1", "kind": "Job", "name": name_of(job), "namespace": key[0], "uid": uid_of(job)}
            for job in running
        ]
        done = [dig(job, "status", "completionTime") for job in jobs if dig(job, "status", "completionTime")]
        status = {key: value for key, value in (item.get("status") or {}).items() if key != "active"}
        status.update({"active": names} if names else {})
        status.update({"lastSuccessfulTime": max(done)} if done else {})
        put_status(self._cluster, CRON_JOBS, item, status)


def next_time(schedule: str, after: datetime) -> datetime | None:
    """The first minute after a moment that a cron schedule names, within a year; None when there is none."""
    fields = _ALIASES.get(schedule, schedule).split()
    minutes, hours, days, months, weekdays = (
        set(_values(field, bounds)) for field, bounds in zip(fields, _RANGES, strict=True)
    )
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    end = moment + _HORIZON
    while moment < end:
        if moment.month not in months or not _day_fits(moment, fields, days, weekdays):
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
        elif moment.hour not in hours:
            moment = (moment + timedelta(hours=1)).replace(minute=0)
        elif moment.minute not in minutes:
            moment += timedelta(minutes=1)
        else:
            return moment
    return None


def _day_fits(moment: datetime, fields: list[str], days: set[int], weekdays: set[int]) -> bool:
    by_day, by_weekday = moment.day in days, moment.isoweekday() % 7 in weekdays
    both_given = fields[2] != "*" and fields[4] != "*"
    return by_day or by_weekday if both_given else by_day and by_weekday


def _values(field: str, bounds: tuple[int, int]) -> Iterator[int]:
    low, high = bounds
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, last = low, high
        if span != "*":
            start, _, end = span.partition("-")
            first = int(start)
            last = int(end) if end else (high if step else first)
        yield from (value % 7 if high == 6 else value for value in range(first, last + 1, int(step or 1)))
