"""Which kinds can be read, and where they live (Kubernetes 1.36)."""

from tools.cluster.models.events import Event
from tools.cluster.models.meta import ApiObject, Resource
from tools.cluster.models.network import EndpointSlice, Ingress, NetworkPolicy, Service
from tools.cluster.models.platform import (
    ConfigMap,
    HorizontalPodAutoscaler,
    LimitRange,
    Namespace,
    Node,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    ResourceQuota,
    StorageClass,
)
from tools.cluster.models.pods import Pod
from tools.cluster.models.workloads import ControllerRevision, CronJob, Job, TemplateHolder, Workload

PODS = Resource[Pod](group="", version="v1", plural="pods", kind="Pod", model=Pod)
EVENTS = Resource[Event](group="", version="v1", plural="events", kind="Event", model=Event)
SERVICES = Resource[Service](group="", version="v1", plural="services", kind="Service", model=Service)
CONFIG_MAPS = Resource[ConfigMap](group="", version="v1", plural="configmaps", kind="ConfigMap", model=ConfigMap)
CLAIMS = Resource[PersistentVolumeClaim](
    group="", version="v1", plural="persistentvolumeclaims", kind="PersistentVolumeClaim", model=PersistentVolumeClaim
)
QUOTAS = Resource[ResourceQuota](
    group="", version="v1", plural="resourcequotas", kind="ResourceQuota", model=ResourceQuota
)
LIMIT_RANGES = Resource[LimitRange](group="", version="v1", plural="limitranges", kind="LimitRange", model=LimitRange)
SERVICE_ACCOUNTS = Resource[ApiObject](
    group="", version="v1", plural="serviceaccounts", kind="ServiceAccount", model=ApiObject
)
NODES = Resource[Node](group="", version="v1", plural="nodes", kind="Node", model=Node, namespaced=False)
NAMESPACES = Resource[Namespace](
    group="", version="v1", plural="namespaces", kind="Namespace", model=Namespace, namespaced=False
)
DEPLOYMENTS = Resource[Workload](group="apps", version="v1", plural="deployments", kind="Deployment", model=Workload)
STATEFUL_SETS = Resource[Workload](
    group="apps", version="v1", plural="statefulsets", kind="StatefulSet", model=Workload
)
DAEMON_SETS = Resource[Workload](group="apps", version="v1", plural="daemonsets", kind="DaemonSet", model=Workload)
REPLICA_SETS = Resource[Workload](group="apps", version="v1", plural="replicasets", kind="ReplicaSet", model=Workload)
TEMPLATE_HISTORY = Resource[TemplateHolder](
    group="apps", version="v1", plural="replicasets", kind="ReplicaSet", model=TemplateHolder
)
CONTROLLER_REVISIONS = Resource[ControllerRevision](
    group="apps", version="v1", plural="controllerrevisions", kind="ControllerRevision", model=ControllerRevision
)
JOBS = Resource[Job](group="batch", version="v1", plural="jobs", kind="Job", model=Job)
CRON_JOBS = Resource[CronJob](group="batch", version="v1", plural="cronjobs", kind="CronJob", model=CronJob)
ENDPOINT_SLICES = Resource[EndpointSlice](
    group="discovery.k8s.io", version="v1", plural="endpointslices", kind="EndpointSlice", model=EndpointSlice
)
INGRESSES = Resource[Ingress](
    group="networking.k8s.io", version="v1", plural="ingresses", kind="Ingress", model=Ingress
)
NETWORK_POLICIES = Resource[NetworkPolicy](
    group="networking.k8s.io", version="v1", plural="networkpolicies", kind="NetworkPolicy", model=NetworkPolicy
)
STORAGE_CLASSES = Resource[StorageClass](
    group="storage.k8s.io",
    version="v1",
    plural="storageclasses",
    kind="StorageClass",
    model=StorageClass,
    namespaced=False,
)
AUTOSCALERS = Resource[HorizontalPodAutoscaler](
    group="autoscaling",
    version="v2",
    plural="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    model=HorizontalPodAutoscaler,
)
DISRUPTION_BUDGETS = Resource[PodDisruptionBudget](
    group="policy",
    version="v1",
    plural="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    model=PodDisruptionBudget,
)

WORKLOADS: dict[str, Resource[Workload]] = {
    resource.kind: resource for resource in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)
}
"""The kinds a person calls a workload; Jobs and CronJobs are read by their own models."""
