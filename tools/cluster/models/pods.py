"""Pods and what runs in them (core/v1)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tools.cluster.models.meta import AnyMap, ApiObject, Condition, LabelSelector, List, Metadata, Raw, StrMap

IntOrStr = int | str


class KeyRef(Raw):
    """secretKeyRef or configMapKeyRef."""

    name: str = ""
    key: str = ""
    optional: bool = False


class EnvVarSource(Raw):
    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None


class EnvVar(Raw):
    """One variable. A literal `value` may be a secret: it leaves tools/ only through redaction."""

    name: str = ""
    value: str | None = None
    value_from: EnvVarSource | None = None


class NameRef(Raw):
    name: str = ""
    optional: bool = False


class EnvFromSource(Raw):
    config_map_ref: NameRef | None = None
    secret_ref: NameRef | None = None


class ContainerPort(Raw):
    name: str = ""
    container_port: int = 0
    protocol: str = "TCP"


class HttpGet(Raw):
    path: str = "/"
    port: IntOrStr = 0
    scheme: str = "HTTP"


class TcpSocket(Raw):
    port: IntOrStr = 0


class Grpc(Raw):
    port: int = 0


class Exec(Raw):
    command: List[str] = ()


class Probe(Raw):
    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: Grpc | None = None
    exec: Exec | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3
    success_threshold: int = 1


def _quantities(value: Any) -> Any:
    return {key: str(amount) for key, amount in (value or {}).items()}


Quantities = Annotated[dict[str, str], BeforeValidator(_quantities)]


class Resources(Raw):
    requests: Quantities = {}
    limits: Quantities = {}


class VolumeMount(Raw):
    name: str = ""
    mount_path: str = ""
    sub_path: str = ""


class Container(Raw):
    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
    command: List[str] = ()
    args: List[str] = ()
    env: List[EnvVar] = ()
    env_from: List[EnvFromSource] = ()
    ports: List[ContainerPort] = ()
    resources: Resources = Resources()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    volume_mounts: List[VolumeMount] = ()
    restart_policy: str | None = None


class KeyToPath(Raw):
    key: str = ""
    path: str = ""


class ConfigMapVolume(Raw):
    name: str = ""
    items: List[KeyToPath] = ()
    optional: bool = False


class SecretVolume(Raw):
    secret_name: str = ""
    items: List[KeyToPath] = ()
    optional: bool = False


class ClaimVolume(Raw):
    claim_name: str = ""


class Volume(Raw):
    name: str = ""
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None
    host_path: AnyMap | None = None
    projected: AnyMap | None = None
    csi: AnyMap | None = None


class Toleration(Raw):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""


class TopologySpreadConstraint(Raw):
    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = ""
    label_selector: LabelSelector | None = None


class PodSpec(Raw):
    containers: List[Container] = ()
    init_containers: List[Container] = ()
    volumes: List[Volume] = ()
    node_name: str = ""
    node_selector: StrMap = {}
    affinity: AnyMap | None = None
    tolerations: List[Toleration] = ()
    topology_spread_constraints: List[TopologySpreadConstraint] = ()
    service_account_name: str = ""
    image_pull_secrets: List[NameRef] = ()
    priority_class_name: str = ""
    runtime_class_name: str | None = None
    restart_policy: str = "Always"
    scheduler_name: str = ""
    termination_grace_period_seconds: int = 30
    scheduling_gates: List[NameRef] = ()
    host_network: bool = False
    readiness_gates: List[AnyMap] = ()

    def all_containers(self) -> tuple[Container, ...]:
        """Init containers in order, then containers."""
        return (*self.init_containers, *self.containers)


class PodTemplate(Raw):
    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()


class Waiting(Raw):
    reason: str = ""
    message: str = ""


class Terminated(Raw):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Running(Raw):
    started_at: datetime | None = None


class ContainerState(Raw):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Raw):
    name: str = ""
    image: str = ""
    image_id: Annotated[str, Field(alias="imageID")] = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(Raw):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: Annotated[str, BeforeValidator(lambda value: value or ""), Field(alias="podIP")] = ""
    start_time: datetime | None = None
    conditions: List[Condition] = ()
    container_statuses: List[ContainerStatus] = ()
    init_container_statuses: List[ContainerStatus] = ()

    def all_container_statuses(self) -> tuple[ContainerStatus, ...]:
        """Init containers in order, then containers."""
        return (*self.init_container_statuses, *self.container_statuses)


class Pod(ApiObject):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type ("Ready", "PodScheduled"), if set."""
        return next((condition for condition in self.status.conditions if condition.type == kind), None)

    def is_ready(self) -> bool:
        """Whether the Ready condition is True."""
        ready = self.condition("Ready")
        return ready is not None and ready.status == "True"
