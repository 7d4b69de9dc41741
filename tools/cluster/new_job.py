"""A new Job made from another object's template: its body, its one creation, and what came of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tools.clock import Clock
from tools.cluster.applying import CHANGE_ID, live_target, receipt_of, require_as_shown
from tools.cluster.facts import fact
from tools.cluster.find_pods import find_pods
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import JOBS
from tools.cluster.models.workloads import Job
from tools.cluster.pod_health import Trouble, trouble_of
from tools.cluster.port import ClusterReader, ClusterWriter, StoredObject
from tools.contract import Change, Confirmed, ObjectRef, Outcome, Plan, Receipt
from tools.errors import InvalidArgs, NotFound, PlanStale

MAX_NAME = 63  # the name becomes a label of the pods
STARTED_WELL = timedelta(seconds=30)  # a Job may run for hours: what still runs after this has started well

_OF_THE_JOB = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
# written by tools that would take the copy for theirs, and prune it
_OF_OTHERS = (
    "argocd.argoproj.io/",
    "batch.kubernetes.io/",
    "helm.sh/",
    "helm.toolkit.fluxcd.io/",
    "infra-assistant/",
    "kubectl.kubernetes.io/",
    "kustomize.toolkit.fluxcd.io/",
    "meta.helm.sh/",
)


def job_name(base: str, what: str, now: datetime) -> str:
    """A name for the new Job, new each second: "nightly-report-manual-1123093015"."""
    suffix = f"-{what}-{now:%m%d%H%M%S}"
    return base[: MAX_NAME - len(suffix)].rstrip("-.") + suffix


Body = Callable[[Mapping[str, Any], str], dict[str, Any]]
"""The body of the new Job, from its raw source and its name."""


def fresh_job(meta: Mapping[str, Any], spec: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The body of a Job with the labels, annotations and spec of another, free of what tied those to it."""
    copied = {key: part for key, part in spec.items() if key not in {"selector", "manualSelector", "suspend"}}
    template = dict(copied["template"])
    template["metadata"] = _own(template.get("metadata") or {}, ())
    return {"metadata": {"name": name, **_own(meta, _OF_OTHERS)}, "spec": {**copied, "template": template}}


def shown_job(job: dict[str, Any]) -> tuple[Change, ...]:
    """What is created, in short: its name, and what each container runs. Variables are not shown."""
    rows = [("Job", job["metadata"]["name"])]
    for container in job["spec"]["template"]["spec"]["containers"]:
        where = f"spec.template.spec.containers[{container['name']}]"
        rows.append((f"{where}.image", container.get("image", "")))
        rows += [(f"{where}.{key}", " ".join(container[key])) for key in ("command", "args") if container.get(key)]
    return tuple(Change(path=path, before=None, after=text[:300]) for path, text in rows)


async def create_job(confirmed: Confirmed[Plan], body: Body, *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Create the Job of the plan once, from an unchanged source. Its own annotation tells a repeat from a stranger.

    The plan stores no more than the name: templates hold literals. Raises PlanStale (the source changed, or the name
    was taken by another), Forbidden, Unavailable.
    """
    plan = confirmed.plan
    name = plan.patch["metadata"]["name"]
    made = await _made(confirmed, name, cluster)
    if made is not None:
        return _receipt(confirmed, StoredObject(made), clock, already=True)
    source = await live_target(plan, cluster)
    require_as_shown(plan, source)
    job = body(source, name)
    job["metadata"]["annotations"] = {**job["metadata"].get("annotations", {}), CHANGE_ID: confirmed.change_id}
    try:
        stored = await cluster.create(JOBS, plan.target.namespace, job)
    except InvalidArgs as exc:  # "it exists already": made in the meantime, perhaps by an earlier call of ours
        made = await _made(confirmed, name, cluster)
        if made is None:
            raise PlanStale(f"Nothing was changed: {exc.message}") from exc
        return _receipt(confirmed, StoredObject(made), clock, already=True)
    return _receipt(confirmed, stored, clock, already=False)


async def verify_job(_plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Healthy when the Job is complete, or still runs without trouble half a minute after its pods started."""
    target = receipt.target
    try:
        job = await cluster.get(JOBS, target.namespace, target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{target} was deleted after it was created.")
    if (ended := _ended(job, clock())) is not None:
        return ended
    pods = (await find_pods(cluster, target)).items
    lasting = [trouble for pod in pods if (trouble := trouble_of(pod)) is not None and trouble.lasting]
    if lasting:
        return _stuck(job, pods, lasting[0], clock())
    evidence = (fact(job, "status.active", f"{job.status.active} pods active", clock()),)
    running = [pod for pod in pods if pod.status.phase != "Succeeded"]
    started = bool(running) and all(_runs_well(pod, clock()) for pod in running)
    summary = f"{job.name} runs; it has not finished yet." if started else f"{job.name} is starting."
    return Outcome(settled=started, healthy=started, summary=summary, evidence=evidence)


async def _made(confirmed: Confirmed[Plan], name: str, cluster: ClusterWriter) -> dict[str, Any] | None:
    try:
        found = await cluster.raw(JOBS, confirmed.plan.target.namespace, name)
    except NotFound:
        return None
    if (found["metadata"].get("annotations") or {}).get(CHANGE_ID) != confirmed.change_id:
        raise PlanStale(f"Nothing was changed: there is another Job called {name} by now. Plan again.")
    return found


def _receipt(confirmed: Confirmed[Plan], stored: StoredObject, clock: Clock, *, already: bool) -> Receipt:
    meta, source = stored.body["metadata"], confirmed.plan.target
    made = ObjectRef(
        cluster=source.cluster, namespace=source.namespace, kind="Job", name=meta["name"], uid=meta.get("uid")
    )
    return receipt_of(confirmed, stored, clock, already=already).model_copy(update={"target": made})


def _own(meta: Mapping[str, Any], others: tuple[str, ...]) -> dict[str, Any]:
    """Labels and annotations that describe the work, not the very object."""
    kept = {
        part: {
            key: value
            for key, value in (meta.get(part) or {}).items()
            if key not in _OF_THE_JOB and not key.startswith(others)
        }
        for part in ("labels", "annotations")
    }
    return {part: entries for part, entries in kept.items() if entries}


def _ended(job: Job, now: datetime) -> Outcome | None:
    for kind, healthy in (("Complete", True), ("Failed", False)):
        condition = job.condition(kind)
        if condition is not None and condition.status == "True":
            text = f"{condition.reason}: {condition.message}".strip(": ")
            evidence = fact(job, f"status.conditions[type={kind}]", text or kind, condition.last_transition_time or now)
            word = "is complete" if healthy else "failed"
            return Outcome(settled=True, healthy=healthy, summary=f"{job.name} {word}: {text}.", evidence=(evidence,))
    return None


def _stuck(job: Job, pods: tuple[Pod, ...], trouble: Trouble, now: datetime) -> Outcome:
    pod = next((one for one in pods if one.name == trouble.pod), pods[0])
    text = f"{trouble.reason}: {trouble.message}".strip(": ")
    evidence = (fact(pod, trouble.where, text, trouble.at or now),)
    return Outcome(settled=True, healthy=False, summary=f"{job.name} cannot run: {text}.", evidence=evidence)


def _runs_well(pod: Pod, now: datetime) -> bool:
    started = [status.state.running.started_at for status in pod.status.container_statuses if status.state.running]
    known = [moment for moment in started if moment is not None]
    return pod.status.phase == "Running" and bool(known) and now - max(known) >= STARTED_WELL
