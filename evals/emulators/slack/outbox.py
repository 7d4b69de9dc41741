"""What Slack sends to the app: events with retries, interactions once, every attempt recorded."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from evals.emulators.slack.changes import Changes
from evals.emulators.slack.model import Json

Kind = Literal["events_api", "interactive", "slash_commands"]
ACK_SECONDS = 3.0  # docs.slack.dev/interactivity/handling-user-interaction: 3 seconds
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)  # docs.slack.dev/apis/events-api: at once, a minute, five minutes


@dataclass(frozen=True)
class Ack:
    """The app's acknowledgement: its payload (None when empty) and how long it took."""

    payload: Json | None
    seconds: float


@dataclass(frozen=True)
class Failure:
    """Why an attempt was not acknowledged, in the words of X-Slack-Retry-Reason."""

    reason: str
    final: bool = False


@dataclass
class Delivery:
    """One thing sent to the app, and what became of each attempt, oldest first."""

    kind: Kind
    payload: Json
    attempts: list[Ack | Failure] = field(default_factory=list)

    @property
    def ack(self) -> Ack | None:
        last = self.attempts[-1] if self.attempts else None
        return last if isinstance(last, Ack) else None

    @property
    def event_type(self) -> str | None:
        """The type of the event inside, as in `app_mention`; None for anything else."""
        found: str | None = self.payload.get("event", {}).get("type") if self.kind == "events_api" else None
        return found


@dataclass(frozen=True)
class Retry:
    """Which repetition of an event this is; None stands for the first attempt."""

    number: int
    reason: str


class Transport(Protocol):
    """One way to reach the app: Socket Mode or signed HTTP requests."""

    async def attempt(self, delivery: Delivery, retry: Retry | None, timeout: float) -> Ack | Failure:  # noqa: ASYNC109  # Slack's own limit
        """Send once and wait for the ack, at most `timeout` seconds."""


class Outbox:
    """Sends in the background and owns the tasks that do it."""

    def __init__(self, transport: Transport, changes: Changes) -> None:
        self.transport = transport
        self.ack_seconds = ACK_SECONDS
        self.retry_after_seconds = RETRY_AFTER_SECONDS
        self.copies = 1
        self.deliveries: list[Delivery] = []
        self._changes = changes
        self._tasks: set[asyncio.Task[Any]] = set()

    def event(self, payload: Json) -> Delivery:
        """Deliver an event in the background, `copies` times, each repeated until it is acknowledged."""
        first = self._note("events_api", payload)
        self._start(self._until_acked(first))
        for _ in range(self.copies - 1):
            self._start(self._until_acked(self._note("events_api", payload)))
        return first

    async def interact(self, kind: Kind, payload: Json) -> Ack | None:
        """Deliver an interaction once; None when it was not acknowledged in time (the person sees an error)."""
        delivery = self._note(kind, payload)
        await self._attempt(delivery, None)
        return delivery.ack

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks) if self._tasks else None

    def _note(self, kind: Kind, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        return delivery

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_acked(self, delivery: Delivery) -> None:
        result = await self._attempt(delivery, None)
        for number, pause in enumerate(self.retry_after_seconds, 1):
            if isinstance(result, Ack) or result.final:
                return
            await asyncio.sleep(pause)
            result = await self._attempt(delivery, Retry(number, result.reason))

    async def _attempt(self, delivery: Delivery, retry: Retry | None) -> Ack | Failure:
        result = await self.transport.attempt(delivery, retry, self.ack_seconds)
        delivery.attempts.append(result)
        self._changes.notify()
        return result
