"""The turns that run in this process, by thread, so that a person can stop one."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """A person stopped the turn. `by`: who, as the channel names them."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass
class Running:
    """One run per thread at a time: the durable queue sees to that."""

    _tasks: dict[str, "asyncio.Task[Any]"] = field(default_factory=dict)
    _stopped_by: dict[str, str] = field(default_factory=dict)

    async def run(self, thread: str, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`. Raises Stopped when somebody stopped it; what it had begun to read is given up."""
        task: asyncio.Task[T] = asyncio.create_task(work)
        self._tasks[thread] = task
        try:
            await asyncio.wait([task])
        finally:
            self._tasks.pop(thread, None)
            by = self._stopped_by.pop(thread, None)
            task.cancel()  # no effect unless we ourselves are being cancelled
        if task.cancelled() and by is not None:
            raise Stopped(by)
        return task.result()

    def stop(self, thread: str, by: str) -> bool:
        """Whether a turn of this thread was running here; it ends at its next await."""
        task = self._tasks.get(thread)
        if task is None or task.done():
            return False
        self._stopped_by[thread] = by
        return task.cancel()
