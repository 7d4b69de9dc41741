"""Controllers of pods (apps/v1, batch/v1)."""

from datetime import datetime

from tools.cluster.models.meta import AnyMap, ApiObject, Condition, LabelSelector, List, Raw
from tools.cluster.models.pods import IntOrStr, PodTemplate


class RollingUpdate(Raw):
    max_unavailable: IntOrStr | None = None
    max_surge: IntOrStr | None = None
    partition: int | None = None


class Strategy(Raw):
    """spec.strategy of a Deployment, spec.updateStrategy of a StatefulSet or DaemonSet."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class WorkloadSpec(Raw):
    replicas: int | None = None
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    progress_deadline_seconds: int | None = None
    revision_history_limit: int | None = None
    paused: bool = False
    service_name: str = ""
    pod_management_policy: str = ""
    min_ready_seconds: int = 0
    volume_claim_templates: List[AnyMap] = ()


class WorkloadStatus(Raw):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    updated_replicas: int = 0
    unavailable_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: List[Condition] = ()
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    number_unavailable: int = 0
    updated_number_scheduled: int = 0
    number_misscheduled: int = 0


class Workload(ApiObject):
    """A Deployment, StatefulSet, DaemonSet or ReplicaSet."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()

    def desired(self) -> int:
        """Replicas asked for. The server defaults an absent spec.replicas to 1; a DaemonSet counts its nodes."""
        if self.kind == "DaemonSet":
            return self.status.desired_number_scheduled
        return 1 if self.spec.replicas is None else self.spec.replicas

    def ready(self) -> int:
        """Pods that are ready."""
        return self.status.number_ready if self.kind == "DaemonSet" else self.status.ready_replicas

    def updated(self) -> int:
        """Pods of the newest template."""
        return self.status.updated_number_scheduled if self.kind == "DaemonSet" else self.status.updated_replicas

    def available(self) -> int:
        """Pods ready for minReadySeconds."""
        return self.status.number_available if self.kind == "DaemonSet" else self.status.available_replicas

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type ("Available", "Progressing", "ReplicaFailure"), if set."""
        return next((condition for condition in self.status.conditions if condition.type == kind), None)

    def revision(self) -> int:
        """deployment.kubernetes.io/revision of a Deployment or ReplicaSet; 0 when absent."""
        text = self.metadata.annotations.get("deployment.kubernetes.io/revision", "")
        return int(text) if text.isdigit() else 0


class TemplateHolder(ApiObject):
    """A ReplicaSet with its spec kept whole: the history of a Deployment's template."""

    spec: AnyMap = {}

    def revision(self) -> int:
        """deployment.kubernetes.io/revision; 0 when absent."""
        text = self.metadata.annotations.get("deployment.kubernetes.io/revision", "")
        return int(text) if text.isdigit() else 0


class ControllerRevision(ApiObject):
    """One revision of a StatefulSet or DaemonSet; `data` is the patch of its template."""

    revision: int = 0
    data: AnyMap = {}


class JobSpec(Raw):
    parallelism: int | None = None
    completions: int | None = None
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool = False
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()


class JobStatus(Raw):
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    ready: int = 0
    start_time: datetime | None = None
    completion_time: datetime | None = None
    conditions: List[Condition] = ()


class Job(ApiObject):
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type ("Complete", "Failed", "Suspended"), if set."""
        return next((condition for condition in self.status.conditions if condition.type == kind), None)


class JobTemplate(Raw):
    spec: JobSpec = JobSpec()


class CronJobSpec(Raw):
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False
    concurrency_policy: str = ""
    starting_deadline_seconds: int | None = None
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(Raw):
    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None
    active: List[AnyMap] = ()


class CronJob(ApiObject):
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
