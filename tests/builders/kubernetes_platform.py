"""Raw objects around workloads: events, network, storage, limits, nodes; as a 1.36 API server returns them."""

from typing import Any

from tests.builders.kubernetes import NAMESPACE, Json, make_condition, make_metadata, micro, stamp, uid_of


def make_event(
    reason: str,
    message: str = "",
    *,
    kind: str = "Pod",
    name: str = "checkout-7d9f8c6b5-x2x1x",
    severity: str = "Warning",
    count: int = 1,
    minutes_ago: float = 1,
    first_minutes_ago: float | None = None,
    component: str = "kubelet",
    namespace: str = NAMESPACE,
    field_path: str = "",
) -> Json:
    """An event of the old recorder (kubelet, controllers): firstTimestamp, lastTimestamp, count."""
    first = stamp(minutes_ago if first_minutes_ago is None else first_minutes_ago)
    involved = {"kind": kind, "namespace": namespace, "name": name, "uid": uid_of(kind, name), "apiVersion": "v1"}
    return {
        "metadata": make_metadata("Event", f"{name}.{reason.lower()}", namespace, creationTimestamp=first),
        "involvedObject": involved | ({"fieldPath": field_path} if field_path else {}),
        "reason": reason,
        "message": message,
        "source": {"component": component},
        "firstTimestamp": first,
        "lastTimestamp": stamp(minutes_ago),
        "count": count,
        "type": severity,
        "eventTime": None,
        "reportingComponent": component,
        "reportingInstance": "",
    }


def make_series_event(
    reason: str, message: str = "", *, last_minutes_ago: float = 1, count: int = 0, **more: Any
) -> Json:
    """An event of the new recorder (scheduler): eventTime, and a series when it repeats."""
    event = make_event(reason, message, component="default-scheduler", **more)
    series = {"series": {"count": count, "lastObservedTime": micro(last_minutes_ago)}} if count else {}
    fresh = {"source": {}, "firstTimestamp": None, "lastTimestamp": None, "eventTime": micro(last_minutes_ago)}
    event.pop("count")
    return event | fresh | series | {"action": "Scheduling", "reportingInstance": "default-scheduler-0"}


def make_service(name: str = "checkout", selector: Json | None = None, port: int = 80, target: Any = 8080) -> Json:
    spec = {
        "ports": [{"name": "http", "protocol": "TCP", "port": port, "targetPort": target}],
        "selector": {"app": name} if selector is None else selector,
        "clusterIP": "10.96.0.10",
        "clusterIPs": ["10.96.0.10"],
        "type": "ClusterIP",
        "sessionAffinity": "None",
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": make_metadata("Service", name),
        "spec": spec,
        "status": {},
    }


def make_endpoint_slice(service: str = "checkout", ready: int = 1, not_ready: int = 0) -> Json:
    def endpoint(number: int, up: bool) -> Json:
        conditions = {"ready": up, "serving": up, "terminating": False}
        return {"addresses": [f"10.244.0.{number}"], "conditions": conditions}

    endpoints = [endpoint(number, number < ready) for number in range(ready + not_ready)]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": make_metadata("EndpointSlice", f"{service}-a1b2c", labels={"kubernetes.io/service-name": service}),
        "addressType": "IPv4",
        "endpoints": endpoints or None,
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def make_node(name: str = "node-001", *, ready: str = "True", taints: list[Json] | None = None, **status: Any) -> Json:
    size = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    base = {"allocatable": size, "capacity": size, "conditions": [make_condition("Ready", ready, "KubeletReady")]}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": make_metadata("Node", name, None, labels={"kubernetes.io/hostname": name}),
        "spec": {"taints": taints} if taints else {},
        "status": base | status,
    }


def make_namespace(name: str = NAMESPACE, labels: Json | None = None, phase: str = "Active") -> Json:
    meta = make_metadata("Namespace", name, None, labels={"kubernetes.io/metadata.name": name, **(labels or {})})
    spec = {"finalizers": ["kubernetes"]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "spec": spec, "status": {"phase": phase}}


def make_claim(name: str = "data-db-0", *, phase: str = "Bound", storage_class: str = "standard", **spec: Any) -> Json:
    base = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "volumeMode": "Filesystem"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": make_metadata("PersistentVolumeClaim", name),
        "spec": {**base, "resources": {"requests": {"storage": "1Gi"}}, **spec},
        "status": {"phase": phase},
    }


def make_quota(name: str = "team", hard: Json | None = None, used: Json | None = None) -> Json:
    hard = {"pods": "10"} if hard is None else hard
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": make_metadata("ResourceQuota", name),
        "spec": {"hard": hard},
        "status": {"hard": hard, "used": {"pods": "10"} if used is None else used},
    }


def make_autoscaler(name: str = "checkout", *, kind: str = "Deployment", low: int = 2, high: int = 10) -> Json:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": make_metadata("HorizontalPodAutoscaler", name),
        "spec": {
            "scaleTargetRef": {"kind": kind, "name": name, "apiVersion": "apps/v1"},
            "minReplicas": low,
            "maxReplicas": high,
        },
        "status": {"currentReplicas": low, "desiredReplicas": low, "currentMetrics": None},
    }


def make_disruption_budget(name: str = "checkout", labels: Json | None = None, **spec: Any) -> Json:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": make_metadata("PodDisruptionBudget", name),
        "spec": {"selector": {"matchLabels": labels or {"app": name}}, **(spec or {"minAvailable": 1})},
        "status": {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2},
    }


def make_config_map(name: str = "checkout", **values: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": make_metadata("ConfigMap", name), "data": values}
