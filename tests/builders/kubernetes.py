"""Raw Kubernetes objects, as a 1.36 API server returns them, with only what a test cares about spelled out."""

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
NAMESPACE = "shop-staging"


def stamp(minutes_ago: float = 0) -> str:
    """A timestamp before NOW, as metav1.Time is written."""
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro(minutes_ago: float = 0) -> str:
    """A timestamp before NOW, as metav1.MicroTime is written."""
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def uid_of(kind: str, name: str) -> str:
    """The uid every builder gives an object of that kind and name."""
    return f"uid-{kind.lower()}-{name}"


def make_metadata(kind: str, name: str, namespace: str | None = NAMESPACE, **more: Any) -> Json:
    meta = {"name": name, "uid": uid_of(kind, name), "resourceVersion": "100", "creationTimestamp": stamp(600)}
    return meta | ({"namespace": namespace} if namespace else {}) | more


def make_owner(kind: str, name: str, api_version: str = "apps/v1") -> Json:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid_of(kind, name),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def make_container(name: str = "app", image: str = "registry.example.com/shop/app:1.0.0", **more: Any) -> Json:
    defaults = {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
    return {"name": name, "image": image, **defaults, **more}


def make_pod_spec(containers: list[Json] | None = None, **more: Any) -> Json:
    return {
        "containers": containers or [make_container()],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        **more,
    }


def running(minutes_ago: float = 60) -> Json:
    return {"running": {"startedAt": stamp(minutes_ago)}}


def waiting(reason: str, message: str = "") -> Json:
    return {"waiting": {"reason": reason, "message": message}}


def terminated(exit_code: int = 1, reason: str = "Error", minutes_ago: float = 1, message: str = "") -> Json:
    ended = {
        "exitCode": exit_code,
        "reason": reason,
        "startedAt": stamp(minutes_ago + 1),
        "finishedAt": stamp(minutes_ago),
    }
    return {"terminated": ended | ({"message": message} if message else {})}


def make_container_status(name: str = "app", state: Json | None = None, **more: Any) -> Json:
    state = state or running()
    status = {
        "name": name,
        "state": state,
        "lastState": {},
        "ready": "running" in state,
        "restartCount": 0,
        "image": "registry.example.com/shop/app:1.0.0",
        "imageID": "",
        "started": "running" in state,
    }
    return status | more


def make_condition(kind: str, status: str = "True", reason: str = "", message: str = "", **more: Any) -> Json:
    condition = {"type": kind, "status": status, "lastTransitionTime": stamp(10)}
    texts = {key: text for key, text in (("reason", reason), ("message", message)) if text}
    return condition | texts | more


def make_pod(
    name: str = "checkout-7d9f8c6b5-x2x1x",
    *,
    statuses: list[Json] | None = None,
    init_statuses: list[Json] | None = None,
    spec: Json | None = None,
    labels: Json | None = None,
    owner: Json | None = None,
    phase: str = "Running",
    conditions: list[Json] | None = None,
    namespace: str = NAMESPACE,
    metadata: Json | None = None,
    status: Json | None = None,
) -> Json:
    """A pod; ready when all its container statuses are, unless `conditions` say otherwise."""
    statuses = [make_container_status()] if statuses is None else statuses
    ready = "True" if statuses and all(entry["ready"] for entry in statuses) else "False"
    default_conditions = [make_condition("PodScheduled"), make_condition("Ready", ready)]
    meta = make_metadata("Pod", name, namespace, labels={"app": name.split("-")[0]} if labels is None else labels)
    if owner:
        meta["ownerReferences"] = [owner]
    base = {
        "phase": phase,
        "conditions": default_conditions if conditions is None else conditions,
        "containerStatuses": statuses,
        "startTime": stamp(60),
        "qosClass": "BestEffort",
    }
    if init_statuses is not None:
        base["initContainerStatuses"] = init_statuses
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta | (metadata or {}),
        "spec": spec or make_pod_spec(nodeName="node-001"),
        "status": base | (status or {}),
    }


def make_template(name: str = "checkout", spec: Json | None = None, annotations: Json | None = None) -> Json:
    meta: Json = {"labels": {"app": name}}
    return {"metadata": meta | ({"annotations": annotations} if annotations else {}), "spec": spec or make_pod_spec()}


def _workload(kind: str, name: str, spec: Json, status: Json, metadata: Json | None) -> Json:
    meta = make_metadata(kind, name, labels={"app": name}, generation=1, annotations={})
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta | (metadata or {}), "spec": spec, "status": status}


def make_deployment(
    name: str = "checkout",
    *,
    replicas: int = 3,
    ready: int | None = None,
    template: Json | None = None,
    spec: Json | None = None,
    status: Json | None = None,
    metadata: Json | None = None,
) -> Json:
    """A Deployment whose rollout is complete, with `ready` of `replicas` pods ready."""
    ready = replicas if ready is None else ready
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    base_spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template or make_template(name),
        "strategy": rolling,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    counts = {"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "terminatingReplicas": 0}
    present = {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
    absent = {"unavailableReplicas": replicas - ready} if ready < replicas else {}
    conditions = {"conditions": [make_condition("Available", "True" if ready == replicas else "False")]}
    meta = {"annotations": {"deployment.kubernetes.io/revision": "1"}} | (metadata or {})
    base_status = counts | present | absent | conditions | (status or {})
    return _workload("Deployment", name, base_spec | (spec or {}), base_status, meta)


def make_replica_set(
    name: str = "checkout-7d9f8c6b5",
    *,
    deployment: str = "checkout",
    revision: int = 1,
    replicas: int = 3,
    template: Json | None = None,
    metadata: Json | None = None,
    status: Json | None = None,
) -> Json:
    """A ReplicaSet of a Deployment: the hash is the last part of its name."""
    labels = {"app": deployment, "pod-template-hash": name.rsplit("-", 1)[-1]}
    base = template or make_template(deployment)
    hashed = {**base, "metadata": {**base["metadata"], "labels": {**base["metadata"]["labels"], **labels}}}
    meta = {
        "labels": labels,
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": [make_owner("Deployment", deployment)],
    } | (metadata or {})
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": hashed}
    counts = {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "observedGeneration": 1}
    return _workload("ReplicaSet", name, spec, counts | (status or {}), meta)


def make_stateful_set(
    name: str = "db",
    *,
    replicas: int = 2,
    ready: int | None = None,
    template: Json | None = None,
    spec: Json | None = None,
    status: Json | None = None,
    metadata: Json | None = None,
) -> Json:
    ready = replicas if ready is None else ready
    base_spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template or make_template(name),
        "serviceName": name,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 10,
    }
    base_status = {
        "observedGeneration": 1,
        "replicas": replicas,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "currentReplicas": replicas,
        "updatedReplicas": replicas,
        "currentRevision": f"{name}-6f4b8d9c7",
        "updateRevision": f"{name}-6f4b8d9c7",
        "collisionCount": 0,
    }
    return _workload("StatefulSet", name, base_spec | (spec or {}), base_status | (status or {}), metadata)


def make_daemon_set(
    name: str = "agent",
    *,
    nodes: int = 3,
    ready: int | None = None,
    template: Json | None = None,
    spec: Json | None = None,
    status: Json | None = None,
    metadata: Json | None = None,
) -> Json:
    ready = nodes if ready is None else ready
    base_spec = {
        "selector": {"matchLabels": {"app": name}},
        "template": template or make_template(name),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        "revisionHistoryLimit": 10,
    }
    base_status = {
        "currentNumberScheduled": nodes,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": nodes,
        "numberReady": ready,
        "observedGeneration": 1,
        "updatedNumberScheduled": nodes,
        "numberAvailable": ready,
    }
    return _workload("DaemonSet", name, base_spec | (spec or {}), base_status | (status or {}), metadata)


def make_controller_revision(name: str, revision: int, owner: Json, template: Json, **metadata: Any) -> Json:
    """A revision of a StatefulSet or DaemonSet: the hash is the last part of its name."""
    labels = {**template["metadata"]["labels"], "controller-revision-hash": name.rsplit("-", 1)[-1]}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": make_metadata("ControllerRevision", name, labels=labels, ownerReferences=[owner], **metadata),
        "data": {"spec": {"template": {"$patch": "replace", **template}}},
        "revision": revision,
    }
