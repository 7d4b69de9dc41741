"""Progress of one turn: any number of callers, one writer to Slack."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from assistant.slack.blocks.kit import Block
from assistant.slack.posting import REFUSED, post
from assistant.slack.progress.faces import Face, Thread, open_face
from assistant.slack.progress.session import Status
from assistant.slack.progress.steps import Steps


@dataclass(frozen=True)
class Pace:
    """Seconds. `grace`: an answer that comes within it needs no timeline, the session's status says enough.

    `stream`, `update`: between two changes of a message. Slack allows a workspace 100 appended chunks a minute and 50
    updates.
    """

    grace: float = 0.8
    stream: float = 1.0
    update: float = 3.0


@dataclass
class TurnProgress:
    """Use as a context manager: the writer runs inside it. `title`: of a new session."""

    thread: Thread
    title: str
    pace: Pace = field(default_factory=Pace)
    _steps: Steps = field(default_factory=Steps)
    _face: Face | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _writer: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer and not self._writer.done():
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer

    async def __call__(self, step: str, /) -> None:
        """The next step begins. Never waits for Slack."""
        self._steps.add(step)
        self._news.set()

    async def finish(self, text: str, blocks: list[Block], status: Status = "active") -> None:
        """Become the final message. Raises what Slack answers when it takes none."""
        self._done.set()
        self._news.set()
        if self._writer:
            await self._writer
        if self._face is not None:
            await self._face.finish(self._steps, text, blocks, status)
            return
        await post(self.thread.client, self.thread.place, text, blocks)
        await self.thread.session.set(status)

    async def _write(self) -> None:
        """Runs until the turn is done; only here, and after it, is Slack told anything: order is kept."""
        shown = await self.thread.session.set("processing", title=self.title, user=self.thread.user or None)
        await self._pause(self.pace.grace if shown else 0)
        while not self._done.is_set():
            self._news.clear()
            with suppress(*REFUSED):
                self._face = await (self._face.show(self._steps) if self._face else open_face(self.thread, self._steps))
            slow = self._face is None or self._face.pace == "update"
            await self._pause(self.pace.update if slow else self.pace.stream)
            await self._news.wait()

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the turn."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._done.wait()
