"""The life of one container: pull, configure, run, become ready, fail, back off, start again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from evals.emulators.kubernetes.behaviours import Behaviour
from evals.emulators.kubernetes.config_refs import missing_for_env
from evals.emulators.kubernetes.objects import Json, dig, name_of, namespace_of, uid_of
from evals.emulators.kubernetes.probes import default_failure
from evals.emulators.kubernetes.runtime import BACK_OFF_RESET, ContainerState, Phase, Run
from evals.emulators.kubernetes.timing import go_duration

if TYPE_CHECKING:
    from evals.emulators.kubernetes.cluster import Cluster

RETRY_SECONDS = 10.0  # how often a kubelet looks again at a container that cannot be configured
SHOW_SECONDS = 1.0  # how long an exit or a failed pull is seen before the back-off that follows it
_KILLED = 137


@dataclass
class ContainerLife:
    """Moves one container of a pod to its next state whenever it is due."""

    cluster: "Cluster"
    pod: Json
    spec: Json
    state: ContainerState

    def advance(self) -> None:
        """Take the step that is due."""
        steps: dict[Phase, Callable[[], None]] = {
            Phase.CREATING: self._pull,
            Phase.PULLING: self._pulled,
            Phase.PULL_FAILED: self._pull_back_off,
            Phase.PULL_BACK_OFF: self._pull,
            Phase.CONFIG_ERROR: self._create,
            Phase.RUNNING: self._while_running,
            Phase.EXITED: self._after_exit,
            Phase.RESTART_BACK_OFF: self._pull,
        }
        self.state.due = None
        steps[self.state.phase]()

    def _behaviour(self) -> Behaviour:
        return self.cluster.behaviours.of(self.pod, self.spec, self.cluster.kubelet.endpoints_ready)

    def _in(self, seconds: float) -> datetime:
        return self.cluster.after(seconds)

    def _event(self, kind: str, reason: str, message: str) -> None:
        group = "initContainers" if self.state.init else "containers"
        origin = {"component": "kubelet", "host": self.pod["spec"]["nodeName"]}
        self.cluster.events.record(
            self.pod, kind, reason, message, field_path=f"spec.{group}{{{self.state.name}}}", **origin
        )

    def _pull(self) -> None:
        image, behaviour = self.spec["image"], self._behaviour()
        if behaviour.do == "image_error":
            self._pull_failed(behaviour)
            return
        node = self.pod["spec"]["nodeName"]
        if self.spec.get("imagePullPolicy") != "Always" and self.cluster.kubelet.has_image(node, image):
            text = f'Container image "{image}" already present on machine and can be accessed by the pod'
            self._event("Normal", "Pulled", text)
            self._create()
            return
        self._event("Normal", "Pulling", f'Pulling image "{image}"')
        self.state.phase, self.state.message = Phase.PULLING, ""
        self.state.due = self._in(behaviour.pull_seconds)

    def _pull_failed(self, behaviour: Behaviour) -> None:
        image = self.spec["image"]
        error = behaviour.message.replace("{image}", image) or (
            f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        )
        self._event("Normal", "Pulling", f'Pulling image "{image}"')
        self._event("Warning", "Failed", f'Failed to pull image "{image}": {error}')
        self._event("Warning", "Failed", "Error: ErrImagePull")
        self.state.phase, self.state.reason, self.state.message = Phase.PULL_FAILED, "ErrImagePull", error
        self.state.due = self._in(SHOW_SECONDS)

    def _pull_back_off(self) -> None:
        image = self.spec["image"]
        self._event("Normal", "BackOff", f'Back-off pulling image "{image}"')
        self._event("Warning", "Failed", "Error: ImagePullBackOff")
        self.state.message = f'Back-off pulling image "{image}": ErrImagePull: {self.state.message}'
        self.state.phase, self.state.reason = Phase.PULL_BACK_OFF, "ImagePullBackOff"
        self.state.due = self._in(self.state.next_pull_back_off())

    def _pulled(self) -> None:
        image, seconds = self.spec["image"], self._behaviour().pull_seconds
        took = f"{round(seconds * 1000)}ms"
        size = 10_000_000 + len(image) * 123_457
        text = f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: {size} bytes.'
        self._event("Normal", "Pulled", text)
        self.cluster.kubelet.add_image(self.pod["spec"]["nodeName"], image)
        self._create()

    def _create(self) -> None:
        behaviour = self._behaviour()
        missing = missing_for_env(self.cluster.store, self.pod, self.spec)
        if missing is not None:
            self._cannot_create("CreateContainerConfigError", missing)
        elif behaviour.do == "create_error":
            self._cannot_create(behaviour.reason or "CreateContainerError", behaviour.message)
        else:
            self._start(behaviour)

    def _cannot_create(self, reason: str, message: str) -> None:
        self._event("Warning", "Failed", f"Error: {message}")
        self.state.phase, self.state.reason, self.state.message = Phase.CONFIG_ERROR, reason, message
        self.state.due = self._in(RETRY_SECONDS)

    def _start(self, behaviour: Behaviour) -> None:
        state = self.state
        if state.run is not None:
            state.previous, state.restarts = state.run, state.restarts + 1
        state.run = Run(behaviour, state.restarts, self.cluster.now(), f"containerd://{self.cluster.names.uid()}")
        state.phase, state.reason, state.message = Phase.RUNNING, "", ""
        state.image = self.spec["image"]
        state.failures, state.ready = 0, False
        self._event("Normal", "Created", "Container created")
        self._event("Normal", "Started", "Container started")
        state.ready_at = self._ready_at(behaviour)
        self._plan_running()

    def _ready_at(self, behaviour: Behaviour) -> datetime | None:
        if "readinessProbe" not in self.spec:
            return self.cluster.now()
        seconds = behaviour.seconds_to_ready
        return None if seconds is None else self._in(seconds)

    def _plan_running(self) -> None:
        """Set when the next thing happens to a running container."""
        state, run = self.state, self.state.run
        if run is None:
            return
        now, behaviour = self.cluster.now(), run.behaviour
        if behaviour.do in ("exit", "oom"):
            left = max(behaviour.after_seconds - self.cluster.elapsed(run.started), 0.0)
            state.due = self._in(left)
        if not state.ready and behaviour.do != "readiness" and state.ready_at is not None:
            if state.ready_at <= now:
                state.ready = True
            else:
                state.due = min(filter(None, (state.due, state.ready_at)))
        if behaviour.do in ("readiness", "liveness") or self._is_conditional():
            probe = self._in(self._probe().get("periodSeconds", 10))
            state.due = min(filter(None, (state.due, probe)))

    def _is_conditional(self) -> bool:
        return self.cluster.behaviours.may_change(self.pod, self.spec)

    def _probe(self) -> Json:
        kind = "livenessProbe" if self.state.run and self.state.run.behaviour.do == "liveness" else "readinessProbe"
        return dict(self.spec.get(kind) or {})

    def _while_running(self) -> None:
        run = self.state.run
        if run is None:
            return
        if run.behaviour.do not in ("exit", "oom"):
            self._follow_conditions(run)
        if run.behaviour.do in ("exit", "oom") and self.cluster.elapsed(run.started) >= run.behaviour.after_seconds:
            self._exit(run)
            return
        if run.behaviour.do in ("readiness", "liveness"):
            self._probe_failed(run)
        if self.state.running:
            self._plan_running()

    def _follow_conditions(self, run: Run) -> None:
        """A container whose dependency came or went behaves differently from now on."""
        behaviour = self._behaviour()
        if self._is_conditional() and behaviour != run.behaviour:
            run.behaviour = behaviour
            self.state.failures = 0
            if behaviour.do == "readiness":
                self.state.ready = False
            self.state.ready_at = self._ready_at(behaviour)

    def _probe_failed(self, run: Run) -> None:
        state, kind, probe = self.state, run.behaviour.do, self._probe()
        if self.cluster.elapsed(run.started) < float(probe.get("initialDelaySeconds", 0)):
            return
        state.failures += 1
        message = run.behaviour.message or default_failure(probe, self.cluster.kubelet.address_of(self.pod))
        self._event("Warning", "Unhealthy", f"{kind.capitalize()} probe failed: {message}")
        if state.failures < int(probe.get("failureThreshold", 3)):
            return
        if kind == "readiness":
            state.ready = False
            return
        self._event("Normal", "Killing", f"Container {state.name} failed liveness probe, will be restarted")
        self._finish(run, _KILLED, "Error")

    def _exit(self, run: Run) -> None:
        killed = run.behaviour.do == "oom"
        code = _KILLED if killed else run.behaviour.exit_code
        self._finish(run, code, "OOMKilled" if killed else ("Completed" if code == 0 else "Error"))

    def _finish(self, run: Run, code: int, reason: str) -> None:
        run.finished, run.exit_code, run.reason = self.cluster.now(), code, reason
        self.state.ready = False
        self.state.phase = Phase.EXITED
        if self._restarts(code):
            self.state.due = self._in(SHOW_SECONDS)
        else:
            self.state.phase = Phase.DONE

    def _restarts(self, code: int) -> bool:
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if self.state.init and code == 0:
            return False
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    def _after_exit(self) -> None:
        """The first restart comes at once, each later one after a longer back-off."""
        state, run = self.state, self.state.run
        lived = (run.finished - run.started) if run and run.finished else timedelta()
        if state.restarts == 0 or lived > timedelta(seconds=BACK_OFF_RESET):
            state.back_off = 0.0
            self._pull()
            return
        wait = state.next_back_off()
        identity = f"{name_of(self.pod)}_{namespace_of(self.pod)}({uid_of(self.pod)})"
        text = f"Back-off restarting failed container {state.name} in pod {identity}"
        self._event("Warning", "BackOff", text)
        state.phase, state.reason = Phase.RESTART_BACK_OFF, "CrashLoopBackOff"
        length = go_duration(timedelta(seconds=wait))
        state.message = f"back-off {length} restarting failed container={state.name} pod={identity}"
        state.due = self._in(wait)


def image_of(pod: Json, name: str) -> str:
    """The image a container of a pod should have now."""
    for group in ("initContainers", "containers"):
        for container in dig(pod, "spec", group) or []:
            if container["name"] == name:
                return str(container["image"])
    return ""
