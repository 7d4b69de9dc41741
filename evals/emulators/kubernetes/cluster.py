"""The cluster behind the API: store, time, controllers, simulated kubelet, all in one place."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from evals.emulators.kubernetes import controllers
from evals.emulators.kubernetes.behaviours import Behaviours
from evals.emulators.kubernetes.catalogue import builtin_registry
from evals.emulators.kubernetes.engine import Engine
from evals.emulators.kubernetes.events import EventRecorder
from evals.emulators.kubernetes.kubelet import Kubelet
from evals.emulators.kubernetes.names import Names
from evals.emulators.kubernetes.objects import Json
from evals.emulators.kubernetes.rbac import Authorizer
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.scheduler import Scheduler
from evals.emulators.kubernetes.store import Store
from evals.emulators.kubernetes.timing import Clock
from evals.emulators.kubernetes.users import Users
from evals.emulators.kubernetes.writes import Writer

_BOOTSTRAP = Path(__file__).with_name("bootstrap.yaml")


class Cluster:
    """State and behaviour without HTTP. `tick` does what is due; `advance` plays time up to a moment."""

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        self._clock = clock
        self._speed = speed
        self._played: datetime | None = None
        self.names = Names(seed)
        self.registry = builtin_registry()
        self.store = Store()
        self.users = Users()
        self.behaviours = Behaviours(self.now)
        self.authorizer = Authorizer(self.store)
        self.writer = Writer(self.store, self.names, self.now)
        self.engine = Engine(self.store, self.now)
        self.events = EventRecorder(self)
        self.kubelet = Kubelet(self)
        self._start()

    def _start(self) -> None:
        self.engine.register("events", self.events)
        for name, make in controllers.ALL.items():
            self.engine.register(name, make(self))
        self.engine.register("scheduler", Scheduler(self))
        self.engine.register("kubelet", self.kubelet)
        for obj in yaml.safe_load(_BOOTSTRAP.read_text(encoding="utf-8")):
            resource = self.resource_of(obj)
            self.writer.create(resource, obj["metadata"].get("namespace", ""), obj)
        self.engine.run()

    def now(self) -> datetime:
        """The time of the cluster: the clock's, or the moment that is being played."""
        return self._played or self._clock()

    def after(self, seconds: float) -> datetime:
        """The moment at which something that takes this long is over. History is played at natural speed."""
        return self.now() + timedelta(seconds=seconds / (1.0 if self._played else self._speed))

    def elapsed(self, since: datetime) -> float:
        """Seconds since a moment, as the simulation counts them."""
        return (self.now() - since).total_seconds() * (1.0 if self._played else self._speed)

    def resource_of(self, obj: Json) -> Resource:
        """The resource of an object. Raises ValueError for an unknown kind."""
        found = self.registry.of_kind(obj.get("apiVersion", ""), obj.get("kind", ""))
        if found is None:
            raise ValueError(f"no resource of apiVersion {obj.get('apiVersion')} and kind {obj.get('kind')}")
        return found

    def tick(self) -> None:
        """Do everything that is due."""
        self.engine.run()

    def play(self, moment: datetime, action: Callable[[], None] | None = None) -> None:
        """Let the cluster live through the time up to `moment`, event by event, then do `action` then and there."""
        self._played = self._played or min(moment, self._clock())
        self.engine.run()
        while (due := self.engine.next_due()) is not None and due <= moment:
            self._played = max(due, self._played)
            self.engine.run()
        self._played = moment
        if action is not None:
            action()
        self.engine.run()

    def live(self) -> None:
        """End of the played history: from now on the clock counts."""
        self.play(self._clock())
        self._played = None
