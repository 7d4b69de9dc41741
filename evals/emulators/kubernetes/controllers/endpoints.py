"""Services -> Endpoints and EndpointSlices of the pods that their selectors match."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import ENDPOINTS, NODES, PODS, SERVICES, SLICES
from evals.emulators.kubernetes.controllers.shared import key_of, own_key, owner_reference
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.objects import Json, dig, is_deleting, labels_of, name_of, pod_ready, prune, uid_of
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import rfc3339

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_ZONE = "topology.kubernetes.io/zone"
_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
_TERMINAL = ("Succeeded", "Failed")


class EndpointsController:
    """One slice for each Service with a selector; a Service that matches nothing has an empty one."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self.watches: Watches = {"services": own_key, "pods": self._of_pod}

    def _of_pod(self, change: Change) -> Iterable[Key]:
        pod, before = change.object, change.previous
        if before is not None and change.type == "MODIFIED" and _endpoint_facts(before) == _endpoint_facts(pod):
            return
        for service in self._cluster.store.items(SERVICES, pod["metadata"]["namespace"]):
            if _selects(service, pod) or (before is not None and _selects(service, before)):
                yield key_of(service)

    def reconcile(self, key: Key) -> None:
        service = self._cluster.store.get(SERVICES, *key)
        if service is None or is_deleting(service) or not dig(service, "spec", "selector"):
            return
        pods = [pod for pod in self._cluster.store.items(PODS, key[0]) if _selects(service, pod)]
        pods = [pod for pod in pods if dig(pod, "status", "podIP") and dig(pod, "status", "phase") not in _TERMINAL]
        self._slice(service, pods)
        self._endpoints(service, pods)

    def _slice(self, service: Json, pods: list[Json]) -> None:
        owned = self._cluster.store.owned(uid_of(service))
        current = next((obj for resource, obj in owned if resource.shelf == SLICES.shelf), None)
        content = {
            "addressType": "IPv4",
            "endpoints": [self._endpoint(pod) for pod in pods] or None,  # null, as Go writes an empty slice
            "ports": _ports(service, pods) if pods else None,
        }
        labels = {
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": name_of(service),
        }
        metadata: Json = {
            "generateName": f"{name_of(service)}-",
            "labels": {**labels_of(service), **labels},
            "annotations": {_TRIGGER: rfc3339(self._cluster.now())},
            "ownerReferences": [owner_reference(service)],
        }
        self._write(SLICES, service, current, {"metadata": metadata, **content})

    def _endpoint(self, pod: Json) -> Json:
        ready, leaving = pod_ready(pod), is_deleting(pod)
        node = self._cluster.store.get(NODES, "", dig(pod, "spec", "nodeName") or "")
        reference = {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": name_of(pod), "uid": uid_of(pod)}
        return prune(
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {"ready": ready and not leaving, "serving": ready, "terminating": leaving},
                "targetRef": reference,
                "nodeName": dig(pod, "spec", "nodeName"),
                "zone": labels_of(node).get(_ZONE) if node else None,
            }
        )

    def _endpoints(self, service: Json, pods: list[Json]) -> None:
        current = self._cluster.store.get(ENDPOINTS, *key_of(service))
        staying = [pod for pod in pods if not is_deleting(pod)]
        subset = {
            "addresses": [_address(pod) for pod in staying if pod_ready(pod)],
            "notReadyAddresses": [_address(pod) for pod in staying if not pod_ready(pod)],
        }
        body: Json = {"metadata": {"name": name_of(service), "labels": dict(labels_of(service))}}
        if staying:
            ports = _ports(service, staying)
            body["subsets"] = [{**{key: value for key, value in subset.items() if value}, "ports": ports}]
        self._write(ENDPOINTS, service, current, body)

    def _write(self, resource: Resource, service: Json, current: Json | None, body: Json) -> None:
        if current is None:
            self._cluster.writer.create(resource, service["metadata"]["namespace"], body)
            return
        content = {key: value for key, value in body.items() if key != "metadata"}
        before = {key: value for key, value in current.items() if key not in ("metadata", "apiVersion", "kind")}
        if content != before:
            metadata = {**current["metadata"], **{k: v for k, v in body["metadata"].items() if k == "annotations"}}
            kept = {"apiVersion": current["apiVersion"], "kind": current["kind"], "metadata": metadata}
            self._cluster.writer.update(resource, current, {**kept, **content})


def _selects(service: Json, pod: Json) -> bool:
    selector: dict[str, str] = dig(service, "spec", "selector") or {}
    return bool(selector) and all(labels_of(pod).get(key) == value for key, value in selector.items())


def _endpoint_facts(pod: Json) -> tuple[object, ...]:
    status = pod.get("status") or {}
    return labels_of(pod), status.get("podIP"), status.get("phase"), pod_ready(pod), is_deleting(pod)


def _address(pod: Json) -> Json:
    reference = {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": name_of(pod), "uid": uid_of(pod)}
    return {"ip": pod["status"]["podIP"], "nodeName": dig(pod, "spec", "nodeName"), "targetRef": reference}


def _ports(service: Json, pods: list[Json]) -> list[Json]:
    ports = dig(service, "spec", "ports") or []
    found: list[Json] = []
    for port in ports:
        number = _target_port(port, pods)
        if number is not None:
            found.append({"name": port.get("name", ""), "protocol": port["protocol"], "port": number})
    return found


def _target_port(port: Json, pods: list[Json]) -> int | None:
    """The number behind `targetPort`; a name that no container has leads nowhere."""
    target = port.get("targetPort")
    if isinstance(target, int):
        return target
    for pod in pods:
        for container in pod["spec"].get("containers") or []:
            for declared in container.get("ports") or []:
                if declared.get("name") == target:
                    return int(declared["containerPort"])
    return None
