"""The work queue of all controllers: store changes and timers lead to keys, keys are reconciled one after the other."""

import heapq
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from evals.emulators.kubernetes.store import Change, Key, Store

ROUNDS = 100_000  # reconciliations of one run; more means two controllers undo each other's work


Watches = dict[str, Callable[[Change], Iterable[Key]]]  # shelf, or "*" for all others -> keys to reconcile


class Controller(Protocol):
    """Brings one object at a time to the state it should be in. Called again when a watched object changes."""

    watches: Watches

    def reconcile(self, key: Key) -> None: ...


class Engine:
    """Runs controllers. Nothing happens but in `run`, so a test or a world decides when time passes."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._now = now
        self._controllers: dict[str, Controller] = {}
        self._ready: dict[tuple[str, Key], None] = {}
        self._timers: list[tuple[datetime, int, str, Key]] = []
        self._order = itertools.count()
        store.listen(self._on_change)

    def register(self, name: str, controller: Controller) -> None:
        self._controllers[name] = controller

    def at(self, moment: datetime, name: str, key: Key) -> None:
        """Reconcile a key of a controller once a moment has come."""
        heapq.heappush(self._timers, (moment, next(self._order), name, key))

    def soon(self, name: str, key: Key) -> None:
        self._ready[name, key] = None

    def next_due(self) -> datetime | None:
        return self._timers[0][0] if self._timers else None

    def run(self) -> None:
        """Do all work that is due now."""
        now = self._now()
        while self._timers and self._timers[0][0] <= now:
            _, _, name, key = heapq.heappop(self._timers)
            self.soon(name, key)
        for _ in range(ROUNDS):
            if not self._ready:
                return
            name, key = next(iter(self._ready))
            del self._ready[name, key]
            self._controllers[name].reconcile(key)
        raise RuntimeError(f"controllers do not settle, last: {list(self._ready)[:5]}")

    def _on_change(self, change: Change) -> None:
        for name, controller in self._controllers.items():
            wanted = controller.watches.get(change.resource.shelf) or controller.watches.get("*")
            if wanted is not None:
                for key in wanted(change):
                    self._ready[name, key] = None
