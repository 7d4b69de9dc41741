"""How containers behave: rules that a world declares, matched by namespace, workload, container and image."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.emulators.kubernetes.objects import Json, controller_of, dig, labels_of, name_of, namespace_of
from evals.emulators.kubernetes.quantities import parse_quantity
from evals.emulators.kubernetes.timing import Clock

_SOON = 10.0
EndpointsReady = Callable[[str, str], bool]


class Match(BaseModel):
    """When a rule applies. Texts are shell patterns; every given condition must hold.

    `workload` is the name of the Deployment, StatefulSet, DaemonSet or Job. `env` maps names to patterns of literal
    values. `memory_limit_below` holds for a container whose limit is smaller. `while_not_ready` names a Service
    (`name` or `namespace/name`): the rule holds while it has no ready endpoint. `args` is a pattern of the command
    line. `since` and `until` bound the time in which it holds; a world may write them as -15m.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespace: str = "*"
    workload: str = "*"
    container: str = "*"
    image: str = "*"
    node: str = "*"
    args: str = "*"
    env: dict[str, str] = {}
    memory_limit_below: str | None = None
    while_not_ready: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether it can begin or cease to hold while a container runs."""
        return bool(self.while_not_ready or self.since or self.until)


class Every(BaseModel):
    """Lines that a running container writes again and again, one after the other, one each `seconds`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = 5.0
    lines: list[str]


class Behaviour(BaseModel):
    """What a container does. Seconds are divided by the speed of the emulator.

    `do`: run (and stay), exit (with `exit_code` after `after_seconds`), oom (killed after `after_seconds`),
    image_error (`message` is the pull error), create_error (`message`; `reason` CreateContainerError or
    RunContainerError), readiness (the readiness probe fails), liveness (the liveness probe fails), mount_error
    (`message`, `volume`; `reason` FailedMount or FailedAttachVolume).

    `ready_after_seconds` is when the readiness probe first succeeds: after half a second, or never for a container
    that exits or is killed within ten seconds.

    `logs` are written at the start, one each 10 ms; `{pod}`, `{container}`, `{namespace}`, `{node}`, `{attempt}` and
    `{n}` (number of the line, in `every`) are filled in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Match = Match()
    do: Literal["run", "exit", "oom", "image_error", "create_error", "readiness", "liveness", "mount_error"] = "run"
    exit_code: int = 1
    after_seconds: float = 1.0
    pull_seconds: float = 0.5
    ready_after_seconds: float | None = None
    stop_seconds: float = 0.5
    message: str = ""
    reason: str = ""
    volume: str = ""
    termination_message: str = ""
    logs: list[str] = []
    every: Every | None = None

    @property
    def seconds_to_ready(self) -> float | None:
        """Seconds until the readiness probe succeeds, None when it never does."""
        if self.do == "readiness":
            return None
        if self.ready_after_seconds is None and self.do in ("exit", "oom") and self.after_seconds < _SOON:
            return None
        return self.ready_after_seconds if self.ready_after_seconds is not None else 0.5


@dataclass
class Behaviours:
    """The rules in order; the first that matches decides. Without one, a container runs and gets ready."""

    now: Clock
    rules: list[Behaviour] = field(default_factory=list)

    def of(self, pod: Json, container: Json, endpoints_ready: EndpointsReady) -> Behaviour:
        for rule in self.rules:
            holds = self._is_time(rule.match) and _waits(rule.match, pod, endpoints_ready)
            if holds and _matches(rule.match, pod, container):
                return rule
        return DEFAULT_JOB if _runs_to_completion(pod, container) else DEFAULT

    def _is_time(self, match: Match) -> bool:
        now = self.now()
        return (match.since is None or match.since <= now) and (match.until is None or now < match.until)

    def may_change(self, pod: Json, container: Json) -> bool:
        """Whether what a container does can change while it runs, with the time or with a Service it needs."""
        return any(rule.match.is_conditional and _matches(rule.match, pod, container) for rule in self.rules)


DEFAULT = Behaviour()
DEFAULT_JOB = Behaviour(do="exit", exit_code=0)


def _runs_to_completion(pod: Json, container: Json) -> bool:
    init = any(c["name"] == container["name"] for c in pod["spec"].get("initContainers") or [])
    return init or pod["spec"].get("restartPolicy") != "Always"


def workload_of(pod: Json) -> str:
    """The name of the workload a pod belongs to: the ReplicaSet's name without its hash, or the owner's name."""
    owner = controller_of(pod)
    if owner is None:
        return name_of(pod)
    suffix = f"-{labels_of(pod).get('pod-template-hash', '')}"
    return str(owner["name"]).removesuffix(suffix) if owner["kind"] == "ReplicaSet" else str(owner["name"])


def _matches(match: Match, pod: Json, container: Json) -> bool:
    line = " ".join([*(container.get("command") or []), *(container.get("args") or [])])
    pairs = [
        (match.namespace, namespace_of(pod)),
        (match.workload, workload_of(pod)),
        (match.container, container["name"]),
        (match.image, container["image"]),
        (match.node, pod["spec"].get("nodeName", "")),
        (match.args, line),
    ]
    texts = all(fnmatchcase(text, pattern) for pattern, text in pairs)
    return texts and _env_matches(match, container) and _memory_matches(match, container)


def _env_matches(match: Match, container: Json) -> bool:
    values = {entry["name"]: entry.get("value", "") for entry in container.get("env") or []}
    return all(fnmatchcase(values.get(name, ""), pattern) for name, pattern in match.env.items())


def _memory_matches(match: Match, container: Json) -> bool:
    if match.memory_limit_below is None:
        return True
    limit = dig(container, "resources", "limits", "memory")
    return limit is not None and parse_quantity(limit) < parse_quantity(match.memory_limit_below)


def _waits(match: Match, pod: Json, endpoints_ready: EndpointsReady) -> bool:
    if match.while_not_ready is None:
        return True
    namespace, _, name = match.while_not_ready.rpartition("/")
    return not endpoints_ready(namespace or namespace_of(pod), name)
