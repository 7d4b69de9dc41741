"""The checkout workload of a shop in one fault each, as a 1.36 API server would show it."""

from typing import Any

from tests.builders.kubernetes import (
    Json,
    make_condition,
    make_container,
    make_container_status,
    make_deployment,
    make_owner,
    make_pod,
    make_pod_spec,
    make_replica_set,
    make_template,
    running,
    stamp,
    terminated,
    waiting,
)
from tests.builders.kubernetes_platform import make_event

NEW = "checkout-7d9f8c6b5"
OLD = "checkout-5c4b3a291"
POD = f"{NEW}-x2x1x"
IMAGE = "registry.example/checkout:2.4.1"
OLD_IMAGE = "registry.example/checkout:2.4.0"


def container(**more: Any) -> Json:
    return make_container("app", more.pop("image", IMAGE), **more)


def pod(suffix: str = "x2x1x", *, of: str = NEW, minutes_old: float = 20, **more: Any) -> Json:
    """A pod of a ReplicaSet of checkout."""
    born = {"creationTimestamp": stamp(minutes_old)}
    more.setdefault("spec", make_pod_spec([container()], nodeName="node-001"))
    more.setdefault("status", {"startTime": stamp(minutes_old)})
    return make_pod(f"{of}-{suffix}", owner=make_owner("ReplicaSet", of), metadata=born, **more)


def pod_with(
    state: Json, *, minutes_old: float = 20, box: Json | None = None, spec: Json | None = None, **status: Any
) -> Json:
    """A pod whose one container is in that state."""
    entry = make_container_status("app", state, **status)
    template = spec or make_pod_spec([box or container()], nodeName="node-001")
    return pod(statuses=[entry], spec=template, minutes_old=minutes_old)


def crashing(
    code: int = 1, reason: str = "Error", *, restarts: int = 6, box: Json | None = None, message: str = ""
) -> Json:
    """A pod in CrashLoopBackOff whose last run ended so."""
    text = f"back-off 5m0s restarting failed container=app pod={POD}_shop-staging(uid-pod-{POD})"
    last = terminated(code, reason, message=message)
    return pod_with(waiting("CrashLoopBackOff", text), box=box, lastState=last, restartCount=restarts)


def unscheduled(message: str, *, box: Json | None = None, **spec: Any) -> Json:
    """A pod that no node takes."""
    condition = make_condition("PodScheduled", "False", "Unschedulable", message)
    return pod(statuses=[], phase="Pending", spec=make_pod_spec([box or container()], **spec), conditions=[condition])


def not_ready(box: Json, *, minutes_running: float = 15, **status: Any) -> Json:
    """A pod whose container runs but is not ready."""
    return pod_with(running(minutes_running), box=box, **{"ready": False, **status})


def unhealthy(kind: str, why: str, *, count: int = 12) -> Json:
    """The kubelet's event of a failed probe."""
    return make_event(
        "Unhealthy",
        f"{kind} probe failed: {why}",
        name=POD,
        count=count,
        first_minutes_ago=12,
        field_path="spec.containers{app}",
    )


def killed(kind: str) -> Json:
    """The kubelet's event of a container killed for its probe (type Normal)."""
    text = f"Container app failed {kind} probe, will be restarted"
    return make_event("Killing", text, name=POD, severity="Normal", count=4, field_path="spec.containers{app}")


def deployment(ready: int = 0, replicas: int = 1, **more: Any) -> Json:
    return make_deployment(ready=ready, replicas=replicas, **more)


def current_set(box: Json | None = None, *, minutes_old: float = 20, revision: int = 2, **more: Any) -> Json:
    template = make_template("checkout", make_pod_spec([box or container()]))
    born = {
        "creationTimestamp": stamp(minutes_old),
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": [make_owner("Deployment", "checkout")],
        "labels": {"app": "checkout", "pod-template-hash": NEW.rsplit("-", 1)[-1]},
    }
    return make_replica_set(NEW, revision=revision, template=template, metadata=born, **more)


def previous_set(box: Json | None = None) -> Json:
    template = make_template("checkout", make_pod_spec([box or container(image=OLD_IMAGE)]))
    return make_replica_set(OLD, revision=1, replicas=0, template=template)
