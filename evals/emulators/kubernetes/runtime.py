"""What the simulated container runtime knows of a container: its runs, its state, what happens next and when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from evals.emulators.kubernetes.behaviours import Behaviour
from evals.emulators.kubernetes.objects import Json, prune
from evals.emulators.kubernetes.timing import rfc3339

FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0
BACK_OFF_RESET = 600.0  # a run this long starts the back-off anew


class Phase(StrEnum):
    """Where a container is."""

    CREATING = "creating"
    PULLING = "pulling"
    PULL_FAILED = "pull failed"
    PULL_BACK_OFF = "pull back-off"
    CONFIG_ERROR = "config error"
    RUNNING = "running"
    EXITED = "exited"
    RESTART_BACK_OFF = "restart back-off"
    DONE = "done"


# phases in which the last run is over and the next has not begun
WAITS_AFTER_RUN = (Phase.RESTART_BACK_OFF, Phase.CONFIG_ERROR, Phase.PULLING, Phase.PULL_FAILED, Phase.PULL_BACK_OFF)


@dataclass
class Run:
    """One run of a container: the `attempt` counts from 0; `finished` is None while it runs."""

    behaviour: Behaviour
    attempt: int
    started: datetime
    id: str
    finished: datetime | None = None
    exit_code: int = 0
    reason: str = ""

    def terminated(self) -> Json:
        """`state.terminated` of a finished run."""
        return prune(
            {
                "exitCode": self.exit_code,
                "reason": self.reason,
                "message": self.behaviour.termination_message or None,
                "startedAt": rfc3339(self.started),
                "finishedAt": rfc3339(self.finished or self.started),
                "containerID": self.id,
            }
        )


@dataclass
class ContainerState:
    """A container of a pod on its node. `due` is when something happens next, None when nothing will by itself."""

    name: str
    init: bool = False
    phase: Phase = Phase.CREATING
    message: str = ""
    reason: str = ""
    due: datetime | None = None
    run: Run | None = None
    previous: Run | None = None
    restarts: int = 0
    back_off: float = 0.0
    pull_back_off: float = 0.0
    ready: bool = False
    failures: int = 0
    pulled: bool = False
    image: str = ""
    ready_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.phase == Phase.RUNNING

    @property
    def succeeded(self) -> bool:
        return self.phase == Phase.DONE and self.run is not None and self.run.exit_code == 0

    @property
    def waiting(self) -> tuple[str, str]:
        """Reason and message of `state.waiting`."""
        fixed = {Phase.CREATING: "ContainerCreating", Phase.PULLING: "ContainerCreating"}
        return fixed.get(self.phase, self.reason), self.message

    def next_back_off(self) -> float:
        """Seconds to wait before the next restart: 10, 20, 40 … 300, anew after a long run."""
        if self.run and self.run.finished and self.run.finished - self.run.started > timedelta(seconds=BACK_OFF_RESET):
            self.back_off = 0.0
        self.back_off = min(self.back_off * 2, LONGEST_BACK_OFF) if self.back_off else FIRST_BACK_OFF
        return self.back_off

    def next_pull_back_off(self) -> float:
        self.pull_back_off = min(self.pull_back_off * 2, LONGEST_BACK_OFF) if self.pull_back_off else FIRST_BACK_OFF
        return self.pull_back_off


@dataclass
class PodState:
    """A pod on its node."""

    uid: str
    address: str = ""
    started: datetime | None = None
    containers: list[ContainerState] = field(default_factory=list)
    mounted: bool = False
    mount_back_off: float = 0.0
    mount_due: datetime | None = None
    stop_due: datetime | None = None
    stopping: bool = False

    def container(self, name: str) -> ContainerState | None:
        return next((state for state in self.containers if state.name == name), None)

    @property
    def initialized(self) -> bool:
        return all(state.succeeded for state in self.containers if state.init)

    def next_due(self) -> datetime | None:
        moments = [state.due for state in self.containers] + [self.mount_due, self.stop_due]
        return min((moment for moment in moments if moment is not None), default=None)
