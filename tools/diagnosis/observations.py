"""Everything that was read about one workload, at one moment: what analyzers look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tools.cluster.models.events import Event
from tools.cluster.models.meta import ApiObject
from tools.cluster.models.network import EndpointSlice, NetworkPolicy, Service
from tools.cluster.models.platform import (
    HorizontalPodAutoscaler,
    LimitRange,
    Node,
    PersistentVolumeClaim,
    ResourceQuota,
    StorageClass,
)
from tools.cluster.models.pods import Container, ContainerStatus, Pod, PodTemplate, Terminated
from tools.cluster.models.workloads import ControllerRevision, CronJob, Job, Workload
from tools.contract import ObjectRef
from tools.diagnosis.models import Finding
from tools.diagnosis.platform import Platform
from tools.logs.models import LogLine

STABLE = timedelta(minutes=10)  # the kubelet resets a container's back-off after it ran this long
SLOW_LOOP = timedelta(hours=4)  # a container that dies less often than this on average is not called looping


@dataclass(frozen=True)
class Gap:
    """Something that could not be read. `name` is a field of Observations; `why` a sentence."""

    name: str
    why: str


@dataclass(frozen=True)
class ContainerLog:
    """The newest lines of one run of a container, oldest first. `missing`: why there are none."""

    pod: str
    container: str
    previous: bool
    lines: tuple[LogLine, ...]
    missing: str = ""


@dataclass(frozen=True)
class Dependency:
    """Something the workload calls: a host seen in its log, its environment or the catalog, and what is behind it.

    `source`: "log", "env" or "catalog"; `text` and `where`: the line or setting that names it. `failed`: "resolve",
    "refused", "timeout", or "" for a setting. `decisive`: the line says why the container ended, or a ready one keeps
    saying it. `service` None: there is none of that name, when `known`. `elsewhere`: namespaces that have one.
    `behind`: what was read of the pods it selects, and `why` they are not ready. `called`: one of those that are.
    """

    host: str
    port: int | None
    source: str
    text: str
    where: str
    at: datetime | None = None
    failed: str = ""
    decisive: bool = False
    in_cluster: bool = True
    known: bool = True
    service: Service | None = None
    slices: tuple[EndpointSlice, ...] = ()
    elsewhere: tuple[str, ...] = ()
    behind: "Observations | None" = None
    called: Pod | None = None
    why: Finding | None = None

    def ready(self) -> int:
        """Endpoints that are ready."""
        return sum(endpoint.is_ready() for one in self.slices for endpoint in one.endpoints)


@dataclass(frozen=True)
class ContainerView:
    """A container of a pod: what was asked for and what became of it."""

    pod: Pod
    spec: Container
    status: ContainerStatus
    init: bool

    @property
    def name(self) -> str:
        return self.status.name or self.spec.name

    def where(self, part: str) -> str:
        """Field path of a part of its status."""
        return f"status.{'initContainerStatuses' if self.init else 'containerStatuses'}[{self.name}].{part}"

    def waiting_reason(self) -> str:
        """Why it waits, "" when it does not."""
        return self.status.state.waiting.reason if self.status.state.waiting else ""

    def ended(self) -> Terminated | None:
        """How its last run ended."""
        return self.status.state.terminated or self.status.last_state.terminated

    def is_sidecar(self) -> bool:
        """An init container that keeps running beside the others (restartPolicy Always, 1.29 and newer)."""
        return self.init and self.spec.restart_policy == "Always"

    def keeps_ending(self, now: datetime) -> bool:
        """Whether its runs end when they should not: now, or again and again until recently."""
        ended = self.ended()
        if self.waiting_reason() == "CrashLoopBackOff":
            return True
        if ended is None or (self.init and ended.exit_code == 0):
            return False
        if self.status.state.terminated:
            return ended.exit_code != 0 or self.pod.spec.restart_policy == "Always"
        return self._ended_lately(ended, now)

    def _ended_lately(self, ended: Terminated, now: datetime) -> bool:
        if ended.finished_at is None:
            return self.status.restart_count > 0 and not self.status.ready
        calm = now - ended.finished_at
        if calm < STABLE:
            return True
        born = self.pod.status.start_time or self.pod.metadata.creation_timestamp
        if born is None or self.status.restart_count < 4:  # three deaths are no rhythm
            return False
        rhythm = (now - born) / self.status.restart_count
        return rhythm < SLOW_LOOP and calm < 1.5 * rhythm


@dataclass(frozen=True)
class Observations:
    """What was read. A name missing from `read` was not looked at; a `Gap` says it could not be."""

    target: ObjectRef
    at: datetime
    environment: str
    workload: Workload | None = None
    job: Job | None = None
    cron_job: CronJob | None = None
    jobs: tuple[Job, ...] = ()
    replica_sets: tuple[Workload, ...] = ()
    revisions: tuple[ControllerRevision, ...] = ()
    pods: tuple[Pod, ...] = ()
    pods_truncated: bool = False
    events: tuple[Event, ...] = ()
    config_maps: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    slices: tuple[EndpointSlice, ...] = ()
    claims: dict[str, PersistentVolumeClaim | None] = field(default_factory=dict)
    storage_classes: dict[str, StorageClass | None] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    quotas: tuple[ResourceQuota, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()
    autoscalers: tuple[HorizontalPodAutoscaler, ...] = ()
    policies: tuple[NetworkPolicy, ...] = ()
    resolver: tuple[EndpointSlice, ...] = ()
    logs: tuple[ContainerLog, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    platform: Platform = field(default_factory=Platform)
    read: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()

    @property
    def namespace(self) -> str:
        return self.target.namespace or ""

    @property
    def template(self) -> PodTemplate:
        """What its next pod would be made from."""
        owner = self.workload or self.job
        if owner:
            return owner.spec.template
        return self.cron_job.spec.job_template.spec.template if self.cron_job else PodTemplate()

    def live_pods(self) -> tuple[Pod, ...]:
        """Pods that count: neither being deleted, nor left over after an eviction or a completed run."""
        return tuple(pod for pod in self.pods if is_live(pod) and not self._is_forgiven(pod))

    def _is_forgiven(self, pod: Pod) -> bool:
        """Whether a failed pod belongs to a Job that succeeded after it."""
        job = self.job or next(iter(self.jobs), None)
        complete = job.condition("Complete") if job else None
        return complete is not None and complete.status == "True" and pod.status.phase == "Failed"

    def containers(self) -> Iterator[ContainerView]:
        """Every container of every live pod that has a status, init containers first."""
        for pod in self.live_pods():
            specs = {spec.name: spec for spec in pod.spec.all_containers()}
            for init, statuses in ((True, pod.status.init_container_statuses), (False, pod.status.container_statuses)):
                for status in statuses:
                    yield ContainerView(pod, specs.get(status.name, Container(name=status.name)), status, init)

    def all_fine(self) -> bool:
        """Whether every live pod is ready and no container keeps ending."""
        ending = any(view.keeps_ending(self.at) for view in self.containers())
        return bool(self.live_pods()) and not ending and all(pod.is_ready() for pod in self.live_pods())

    def events_on(self, thing: ApiObject, *reasons: str) -> tuple[Event, ...]:
        """Events on that very object, of those reasons (any when none given), oldest first."""
        found = [event for event in self.events if _is_about(event, thing) and (not reasons or event.reason in reasons)]
        return tuple(sorted(found, key=lambda event: (seen(event, self.at), event.name)))

    def container_events(self, view: ContainerView, *reasons: str) -> tuple[Event, ...]:
        """Events on a container; one that names no container counts when the pod has only one."""
        only = len(view.pod.spec.containers) <= 1 and not view.init
        fits = (f"{{{view.name}}}", "" if only else None)
        return tuple(
            event
            for event in self.events_on(view.pod, *reasons)
            if event.involved_object.field_path.endswith(fits[0]) or event.involved_object.field_path == fits[1]
        )

    def log_of(self, pod: str, container: str) -> ContainerLog | None:
        """The log of its last ended run if it was read and has lines, else of the current one."""
        mine = [log for log in self.logs if (log.pod, log.container) == (pod, container) and log.lines]
        return min(mine, key=lambda log: not log.previous, default=None)

    def newest_set(self) -> Workload | None:
        """The ReplicaSet of the current template."""
        return max(self.replica_sets, key=lambda one: (one.revision(), one.name), default=None)

    def is_current(self, pod: Pod) -> bool:
        """Whether the pod was made from the current template, as far as known."""
        newest, owner = self.newest_set(), pod.metadata.controller()
        if newest and owner and owner.kind == "ReplicaSet":
            return owner.uid == newest.metadata.uid if owner.uid else owner.name == newest.name
        update = self.workload.status.update_revision if self.workload else ""
        mine = pod.metadata.labels.get("controller-revision-hash", "")
        return not update or not mine or mine == update

    def call_args(self, **more: Any) -> dict[str, Any]:
        """Arguments that make a write tool act on this workload."""
        return {"workload": f"{self.target.kind}/{self.target.name}", "environment": self.namespace, **more}

    def service(self, name: str, namespace: str | None) -> Service | None:
        """A Service that was read, by name."""
        places = (*self.services, *self.platform.elsewhere)
        return next((one for one in places if (one.name, one.namespace) == (name, namespace)), None)

    def knows_services(self, namespace: str | None) -> bool:
        """Whether every Service of that namespace was read, so that one which was not found does not exist."""
        return namespace == self.namespace and "services" in self.read and not self.lacks("services")

    def lacks(self, name: str) -> bool:
        """Whether that part could not be read."""
        return any(gap.name == name for gap in self.gaps)


def seen(event: Event, otherwise: datetime) -> datetime:
    """When the event was last seen."""
    return event.last_seen or event.first_seen or otherwise


def is_live(pod: Pod) -> bool:
    """Whether a pod counts: it is not being deleted, and did not stay behind after its node put it out."""
    return not pod.metadata.deletion_timestamp and not _is_leftover(pod)


def _is_leftover(pod: Pod) -> bool:
    return pod.status.phase == "Failed" and pod.spec.restart_policy == "Always" and bool(pod.status.reason)


def _is_about(event: Event, thing: ApiObject) -> bool:
    about = event.involved_object
    if about.uid and thing.metadata.uid and thing.kind != "Node":  # the kubelet gives a node's name as its uid
        return about.uid == thing.metadata.uid
    return about.name == thing.name and about.kind in {thing.kind, ""}
