"""What surrounds workloads: nodes, namespaces, volumes, limits, autoscaling, configuration by key name."""

from typing import Any

from pydantic import model_validator

from tools.cluster.models.meta import AnyMap, ApiObject, Condition, LabelSelector, List, Raw
from tools.cluster.models.pods import IntOrStr, Quantities


class Taint(Raw):
    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(Raw):
    unschedulable: bool = False
    taints: List[Taint] = ()


class NodeStatus(Raw):
    allocatable: Quantities = {}
    capacity: Quantities = {}
    conditions: List[Condition] = ()


class Node(ApiObject):
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type ("Ready", "MemoryPressure"), if set."""
        return next((condition for condition in self.status.conditions if condition.type == kind), None)


class NamespaceStatus(Raw):
    phase: str = ""
    conditions: List[Condition] = ()


class Namespace(ApiObject):
    status: NamespaceStatus = NamespaceStatus()


class ClaimSpec(Raw):
    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: List[str] = ()
    volume_mode: str = ""


class ClaimStatus(Raw):
    phase: str = ""
    conditions: List[Condition] = ()


class PersistentVolumeClaim(ApiObject):
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class StorageClass(ApiObject):
    provisioner: str = ""
    volume_binding_mode: str = ""


class QuotaStatus(Raw):
    hard: Quantities = {}
    used: Quantities = {}


class ResourceQuota(ApiObject):
    status: QuotaStatus = QuotaStatus()


class LimitRangeSpec(Raw):
    limits: List[AnyMap] = ()


class LimitRange(ApiObject):
    spec: LimitRangeSpec = LimitRangeSpec()


class ScaleTarget(Raw):
    api_version: str = ""
    kind: str = ""
    name: str = ""


class AutoscalerSpec(Raw):
    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int | None = None
    max_replicas: int = 0
    metrics: List[AnyMap] = ()


class AutoscalerStatus(Raw):
    current_replicas: int = 0
    desired_replicas: int = 0
    conditions: List[Condition] = ()


class HorizontalPodAutoscaler(ApiObject):
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()


class DisruptionSpec(Raw):
    min_available: IntOrStr | None = None
    max_unavailable: IntOrStr | None = None
    selector: LabelSelector = LabelSelector()


class DisruptionStatus(Raw):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: List[Condition] = ()


class PodDisruptionBudget(ApiObject):
    spec: DisruptionSpec = DisruptionSpec()
    status: DisruptionStatus = DisruptionStatus()


class ConfigMap(ApiObject):
    """A ConfigMap by its key names: the values are dropped while parsing and never held."""

    keys: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _only_key_names(cls, raw: Any) -> Any:
        values = {**(raw.get("data") or {}), **(raw.get("binaryData") or {})}
        return {**{key: part for key, part in raw.items() if key not in {"data", "binaryData"}}, "keys": sorted(values)}
