"""What the server fills in when an object is written, by kind."""

import base64
from collections.abc import Callable
from typing import Any

from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.pod_defaults import default_pod, default_pod_spec, default_template
from evals.emulators.kubernetes.resources import Resource


def apply_defaults(resource: Resource, obj: Json) -> None:
    """Fill in the defaults of an object's kind, in place; twice is the same as once."""
    obj["apiVersion"], obj["kind"] = resource.api_version, resource.kind
    metadata = obj.setdefault("metadata", {})
    for field in ("labels", "annotations", "ownerReferences", "finalizers"):
        if field in metadata and not metadata[field]:
            del metadata[field]
    if not resource.custom and resource.qualified in _DEFAULTS:
        _DEFAULTS[resource.qualified](obj)


def set_defaults(target: Json, **values: Any) -> None:
    for key, value in values.items():
        if target.get(key) is None:
            target[key] = value


def _rolling(spec: Json, field: str, **limits: Any) -> None:
    strategy = spec.setdefault(field, {})
    set_defaults(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        set_defaults(strategy, rollingUpdate={})
        set_defaults(strategy["rollingUpdate"], **limits)


def _deployment(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    _rolling(spec, "strategy", maxUnavailable="25%", maxSurge="25%")
    default_template(spec)
    obj.setdefault("status", {})


def _replica_set(obj: Json) -> None:
    set_defaults(obj.setdefault("spec", {}), replicas=1)
    default_template(obj["spec"])
    obj.setdefault("status", {"replicas": 0})


def _stateful_set(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady")
    set_defaults(spec, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
    _rolling(spec, "updateStrategy", partition=0)
    for claim in spec.get("volumeClaimTemplates") or []:
        claim.update(apiVersion="v1", kind="PersistentVolumeClaim")
        set_defaults(claim.setdefault("spec", {}), volumeMode="Filesystem")
        set_defaults(claim, status={"phase": "Pending"})
    default_template(spec)
    obj.setdefault("status", {"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, revisionHistoryLimit=10)
    _rolling(spec, "updateStrategy", maxUnavailable=1, maxSurge=0)
    default_template(spec)
    counts = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    obj.setdefault("status", dict.fromkeys(counts, 0))


def _job_spec(spec: Json) -> None:
    set_defaults(spec, completions=1, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    set_defaults(spec, podReplacementPolicy="TerminatingOrFailed", manualSelector=None)
    spec.pop("manualSelector", None)
    default_template(spec)


def _job(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    _job_spec(spec)
    uid = dig(obj, "metadata", "uid")
    if "selector" not in spec and uid:
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
        labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
        names = {"controller-uid": uid, "job-name": obj["metadata"]["name"]}
        labels.update(names | {f"batch.kubernetes.io/{key}": value for key, value in names.items()})
    obj.setdefault("status", {})


def _cron_job(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    default_template(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))
    obj.setdefault("status", {})


def _service(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, type="ClusterIP", sessionAffinity="None", internalTrafficPolicy="Cluster")
    for port in spec.get("ports") or []:
        set_defaults(port, protocol="TCP", targetPort=port.get("port"))
    if spec["type"] != "ExternalName":
        set_defaults(spec, ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    obj.setdefault("status", {"loadBalancer": {}})


def _namespace(obj: Json) -> None:
    metadata = obj["metadata"]
    if metadata.get("name"):
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata["name"]
    set_defaults(obj.setdefault("spec", {}), finalizers=["kubernetes"])
    set_defaults(obj.setdefault("status", {}), phase="Active")


def _secret(obj: Json) -> None:
    set_defaults(obj, type="Opaque")
    texts = obj.pop("stringData", None) or {}
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def _claim(obj: Json) -> None:
    set_defaults(obj.setdefault("spec", {}), volumeMode="Filesystem")
    set_defaults(obj.setdefault("status", {}), phase="Pending")


def _volume(obj: Json) -> None:
    set_defaults(obj.setdefault("spec", {}), volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    set_defaults(obj.setdefault("status", {}), phase="Pending")


def _node(obj: Json) -> None:
    obj.setdefault("spec", {})
    status = obj.setdefault("status", {})
    if "capacity" in status:
        set_defaults(status, allocatable=dict(status["capacity"]))


def _quota(obj: Json) -> None:
    obj.setdefault("spec", {})
    obj.setdefault("status", {})


def _limit_range(obj: Json) -> None:
    for limit in dig(obj, "spec", "limits") or []:
        if limit.get("type") == "Container":
            default = dict(limit.get("max") or {}) | (limit.get("default") or {})
            requested = default | (limit.get("min") or {}) | (limit.get("defaultRequest") or {})
            limit.update({"default": default} if default else {})
            limit.update({"defaultRequest": requested} if requested else {})


def _binding(obj: Json) -> None:
    for subject in obj.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            set_defaults(subject, apiGroup="rbac.authorization.k8s.io")
    set_defaults(obj.setdefault("roleRef", {}), apiGroup="rbac.authorization.k8s.io")


def _storage_class(obj: Json) -> None:
    set_defaults(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _autoscaler(obj: Json) -> None:
    set_defaults(obj.setdefault("spec", {}), minReplicas=1)
    obj.setdefault("status", {"desiredReplicas": 0, "currentMetrics": None})


def _ingress(obj: Json) -> None:
    obj.setdefault("spec", {})
    obj.setdefault("status", {"loadBalancer": {}})


def _network_policy(obj: Json) -> None:
    spec = obj.setdefault("spec", {})
    set_defaults(spec, policyTypes=["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def _priority_class(obj: Json) -> None:
    set_defaults(obj, preemptionPolicy="PreemptLowerPriority")


def _budget(obj: Json) -> None:
    obj.setdefault("spec", {})
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    obj.setdefault("status", dict.fromkeys(counts, 0))


_DEFAULTS: dict[str, Callable[[Json], None]] = {
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "cronjobs.batch": _cron_job,
    "daemonsets.apps": _daemon_set,
    "deployments.apps": _deployment,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "ingresses.networking.k8s.io": _ingress,
    "jobs.batch": _job,
    "limitranges": _limit_range,
    "namespaces": _namespace,
    "networkpolicies.networking.k8s.io": _network_policy,
    "nodes": _node,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
    "poddisruptionbudgets.policy": _budget,
    "pods": default_pod,
    "podtemplates": lambda obj: default_pod_spec(obj.setdefault("template", {}).setdefault("spec", {})),
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "replicasets.apps": _replica_set,
    "resourcequotas": _quota,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "secrets": _secret,
    "services": _service,
    "statefulsets.apps": _stateful_set,
    "storageclasses.storage.k8s.io": _storage_class,
}
