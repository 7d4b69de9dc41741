"""The scale subresource: autoscaling/v1 Scale of a workload."""

from evals.emulators.kubernetes.errors import Cause, invalid
from evals.emulators.kubernetes.objects import Json, copy_json, dig, prune
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.selectors import selector_text

AUTOSCALING = Resource("autoscaling", "v1", "scales", "Scale")


def scale_of(obj: Json) -> Json:
    """The Scale of a workload."""
    metadata = obj["metadata"]
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    selector = dig(obj, "spec", "selector")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": prune({name: metadata.get(name) for name in names}),
        "spec": prune({"replicas": dig(obj, "spec", "replicas") or None}),
        "status": prune(
            {
                "replicas": dig(obj, "status", "replicas") or 0,
                "selector": selector_text(selector) if selector else None,
            }
        ),
    }


def with_scale(obj: Json, scale: Json) -> Json:
    """The workload with the size of a Scale, whose resourceVersion is a precondition. Raises ApiError 422."""
    replicas = dig(scale, "spec", "replicas") or 0
    if not isinstance(replicas, int) or replicas < 0:
        message = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise invalid(AUTOSCALING, obj["metadata"]["name"], [Cause("FieldValueInvalid", message, "spec.replicas")])
    changed: Json = copy_json(obj)
    changed["spec"]["replicas"] = replicas
    version = dig(scale, "metadata", "resourceVersion")
    if version:
        changed["metadata"]["resourceVersion"] = version
    return changed
