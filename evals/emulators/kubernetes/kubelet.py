"""The simulated kubelet: brings pods up on their nodes, reports their status, stops them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.catalogue import NODES, PODS, SLICES
from evals.emulators.kubernetes.config_refs import missing_volumes, referred_names
from evals.emulators.kubernetes.containers import ContainerLife, image_of
from evals.emulators.kubernetes.engine import Watches
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.objects import Json, dig, is_deleting, labels_of, name_of, namespace_of, uid_of
from evals.emulators.kubernetes.pod_defaults import containers_of
from evals.emulators.kubernetes.pod_status import build_status
from evals.emulators.kubernetes.runtime import ContainerState, Phase, PodState
from evals.emulators.kubernetes.store import Change, Key
from evals.emulators.kubernetes.timing import rfc3339
from evals.emulators.kubernetes.writes import WriteOptions

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

_STATUS = WriteOptions(Manager("kubelet", subresource="status"))
_MOUNT_RETRY = 2.0
_LONGEST_MOUNT_RETRY = 122.0
_TERMINAL = ("Succeeded", "Failed")
_SERVICE = "kubernetes.io/service-name"


class Kubelet:
    """All nodes' kubelets in one: the runtime state of pods by uid, the images by node."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._pods: dict[str, PodState] = {}
        self._images: set[tuple[str, str]] = set()
        self.watches: Watches = {
            "pods": self._of_pod,
            "configmaps": self._of_config,
            "secrets": self._of_config,
        }

    def state_of(self, pod: Json) -> PodState | None:
        """What runs of a pod; None before it came to a node."""
        return self._pods.get(uid_of(pod))

    def address_of(self, pod: Json) -> str:
        state = self.state_of(pod)
        return state.address if state else ""

    def has_image(self, node: str, image: str) -> bool:
        return (node, image) in self._images

    def add_image(self, node: str, image: str) -> None:
        self._images.add((node, image))

    def endpoints_ready(self, namespace: str, service: str) -> bool:
        """Whether a Service has a ready endpoint."""
        slices = self._cluster.store.items(SLICES, namespace)
        mine = [item for item in slices if labels_of(item).get(_SERVICE) == service]
        return any(dig(end, "conditions", "ready") for item in mine for end in item.get("endpoints") or [])

    def reconcile(self, key: Key) -> None:
        """Bring one pod forward as far as it is due, and report."""
        pod = self._cluster.store.get(PODS, *key)
        if pod is None or not dig(pod, "spec", "nodeName"):
            return
        state = self._pods.setdefault(uid_of(pod), PodState(uid_of(pod)))
        if is_deleting(pod):
            self._stop(pod, state)
        elif dig(pod, "status", "phase") not in _TERMINAL:
            self._sync(pod, state)
        due = state.next_due()
        if due is not None:
            self._cluster.engine.at(due, "kubelet", key)

    def _sync(self, pod: Json, state: PodState) -> None:
        now = self._cluster.now()
        if state.started is None:
            self._arrive(pod, state)
        if not state.mounted and (state.mount_due is None or state.mount_due <= now):
            self._mount(pod, state)
        if state.mounted:
            self._restart_changed(pod, state)
            for spec in self._startable(pod, state):
                self._step(pod, spec, state)
        self._report(pod, state)

    def _restart_changed(self, pod: Json, state: PodState) -> None:
        """A container whose image was changed in place starts anew."""
        for container in state.containers:
            if container.run and container.image != image_of(pod, container.name) and not container.init:
                container.phase, container.due, container.ready = Phase.RESTART_BACK_OFF, self._cluster.now(), False
                container.run.finished = container.run.finished or self._cluster.now()
                container.run.reason = container.run.reason or "Completed"
                container.image = image_of(pod, container.name)

    def _arrive(self, pod: Json, state: PodState) -> None:
        state.started = self._cluster.now()
        init = {container["name"] for container in pod["spec"].get("initContainers") or []}
        state.containers = [ContainerState(c["name"], init=c["name"] in init) for c in containers_of(pod["spec"])]

    def _startable(self, pod: Json, state: PodState) -> list[Json]:
        """Containers that may move: init containers one after the other, then all others."""
        if not state.initialized:
            waiting = next(c for c in state.containers if c.init and not c.succeeded)
            return [spec for spec in pod["spec"]["initContainers"] if spec["name"] == waiting.name]
        return list(pod["spec"]["containers"])

    def _step(self, pod: Json, spec: Json, state: PodState) -> None:
        now = self._cluster.now()
        container = state.container(spec["name"])
        if container is None:
            return
        fresh = container.phase == Phase.CREATING and container.due is None
        while fresh or (container.due is not None and container.due <= now):
            fresh = False
            ContainerLife(self._cluster, pod, spec, container).advance()
        if container.init and container.succeeded:
            for following in self._startable(pod, state):
                if following["name"] != spec["name"]:
                    self._step(pod, following, state)

    def _mount(self, pod: Json, state: PodState) -> None:
        problems = missing_volumes(self._cluster.store, pod)
        texts = [f'MountVolume.SetUp failed for volume "{name}" : {reason}' for name, reason in problems]
        failing = [("FailedMount", text) for text in texts] + self._declared_mount_errors(pod)
        state.mounted, state.mount_due = not failing, None
        if not failing:
            state.address = self._cluster.names.address()
            return
        for reason, text in failing:
            self._cluster.events.record(pod, "Warning", reason, text, component="kubelet", host=pod["spec"]["nodeName"])
        state.mount_back_off = min(max(state.mount_back_off * 2, _MOUNT_RETRY), _LONGEST_MOUNT_RETRY)
        state.mount_due = self._cluster.after(state.mount_back_off)

    def _declared_mount_errors(self, pod: Json) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for container in pod["spec"]["containers"]:
            behaviour = self._cluster.behaviours.of(pod, container, self.endpoints_ready)
            if behaviour.do == "mount_error":
                found.append((behaviour.reason or "FailedMount", behaviour.message))
        return found

    def _report(self, pod: Json, state: PodState) -> None:
        current = self._cluster.store.get(PODS, namespace_of(pod), name_of(pod))
        if current is None or uid_of(current) != state.uid:
            return
        status = build_status(current, state, rfc3339(self._cluster.now()), self._host_address(current))
        if status != current.get("status"):
            self._cluster.writer.update(PODS, current, {**current, "status": status}, _STATUS)

    def _host_address(self, pod: Json) -> str:
        node = self._cluster.store.get(NODES, "", pod["spec"]["nodeName"])
        addresses = dig(node, "status", "addresses") or []
        return next((str(item["address"]) for item in addresses if item["type"] == "InternalIP"), "127.0.0.1")

    def _stop(self, pod: Json, state: PodState) -> None:
        now = self._cluster.now()
        if not state.stopping:
            state.stopping = True
            self._say_killing(pod, state)
            state.stop_due = self._cluster.after(self._stop_seconds(pod))
            for container in state.containers:
                container.due, container.ready = None, False
            self._report(pod, state)
        elif state.stop_due is not None and state.stop_due <= now:
            state.stop_due = None
            del self._pods[state.uid]
            self._finish(pod)

    def _finish(self, pod: Json) -> None:
        if pod["metadata"].get("finalizers"):
            return
        self._cluster.writer.remove(PODS, pod)

    def _stop_seconds(self, pod: Json) -> float:
        grace = float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)
        wanted = [
            self._cluster.behaviours.of(pod, container, self.endpoints_ready).stop_seconds
            for container in pod["spec"]["containers"]
        ]
        return min(grace, max(wanted))

    def _say_killing(self, pod: Json, state: PodState) -> None:
        for container in state.containers:
            if container.running:
                self._cluster.events.record(
                    pod,
                    "Normal",
                    "Killing",
                    f"Stopping container {container.name}",
                    component="kubelet",
                    host=pod["spec"]["nodeName"],
                    field_path=f"spec.containers{{{container.name}}}",
                )

    def _of_pod(self, change: Change) -> Iterable[Key]:
        pod = change.object
        key = (namespace_of(pod), name_of(pod))
        if change.type == "DELETED":
            self._pods.pop(uid_of(pod), None)
            return []
        state = self._pods.get(uid_of(pod))
        if state is None:
            return [key] if dig(pod, "spec", "nodeName") else []
        is_new_image = any(c.run and c.image and c.image != image_of(pod, c.name) for c in state.containers)
        return [key] if is_new_image or (is_deleting(pod) and not state.stopping) else []

    def _of_config(self, change: Change) -> Iterable[Key]:
        """A kubelet sees a ConfigMap or Secret that it missed, and tries again soon."""
        if change.type == "DELETED":
            return
        wanted = (change.resource.shelf, name_of(change.object))
        for pod in self._cluster.store.items(PODS, namespace_of(change.object)):
            state = self._pods.get(uid_of(pod))
            if state is not None and wanted in referred_names(pod):
                self._retry_soon(state)
                yield (namespace_of(pod), name_of(pod))

    def _retry_soon(self, state: PodState) -> None:
        soon = self._cluster.after(1.0)
        if state.mount_due is not None:
            state.mount_due = min(state.mount_due, soon)
        for container in state.containers:
            if container.phase == Phase.CONFIG_ERROR and container.due is not None:
                container.due = min(container.due, soon)
