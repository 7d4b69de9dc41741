"""Alerts start a diagnosis in a thread: once per cause, not when they go away by themselves, never too many."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from assistant.alerts import Alert
from assistant.conversation import Message
from assistant.slack.escape import escape, when
from assistant.slack.payloads import Place
from assistant.slack.posting import REFUSED, code_of, open_thread
from assistant.storage.events import SeenEvents
from tools.clock import Clock

log = structlog.get_logger()
HOUR = timedelta(hours=1)
MAX_TITLE = 200
MAX_KEY = 255


@dataclass(frozen=True)
class Rules:
    """`channel`: where threads begin. `account`: as whom the diagnosis reads; whatever it proposes, a person confirms.

    `wait`: an alert that resolves within it starts nothing. `per_hour`: most diagnoses begun in an hour.
    """

    channel: str
    account: str
    wait: timedelta
    per_hour: int


class Queue(Protocol):
    """What it needs of the durable work."""

    async def enqueue_turn(self, message: Message) -> None: ...


@dataclass
class Triage:
    """Use as a context manager: what still waits at its end is begun then, so that a restart loses nothing.

    One cause: alerts of one subject. While its diagnosis is younger than an hour, further ones join it in silence.
    """

    client: AsyncWebClient
    queue: Queue
    seen: SeenEvents
    rules: Rules
    clock: Clock
    _waiting: "dict[str, tuple[Alert, Place | None, asyncio.Task[None]]]" = field(default_factory=dict)
    _begun: dict[str, datetime] = field(default_factory=dict)
    _starts: deque[datetime] = field(default_factory=deque)
    _told_limit: datetime | None = None
    _team: str = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        waiting, self._waiting = list(self._waiting.values()), {}
        for alert, place, task in waiting:
            task.cancel()
            await self._begin(alert, place)

    async def take(self, alerts: Sequence[Alert], place: Place | None = None) -> None:
        """Alerts as they come in. `place`: the thread of the message that told them, when it was one."""
        for alert in alerts:
            if alert.status == "resolved":
                self._forget(alert)
            elif not await self.seen.seen([_key(alert)]):
                self._wait_for(alert, place)

    def _forget(self, alert: Alert) -> None:
        """It went away by itself: nothing is begun."""
        found = self._waiting.pop(alert.subject, None)
        if found:
            found[2].cancel()
            log.info("alert.resolved_by_itself", subject=alert.subject)

    def _wait_for(self, alert: Alert, place: Place | None) -> None:
        begun = self._begun.get(alert.subject)
        if alert.subject in self._waiting or (begun and self.clock() - begun < HOUR):
            return
        task = asyncio.create_task(self._after_a_while(alert, place))
        self._waiting[alert.subject] = (alert, place, task)

    async def _after_a_while(self, alert: Alert, place: Place | None) -> None:
        await asyncio.sleep(self.rules.wait.total_seconds())
        if self._waiting.pop(alert.subject, None):
            await self._begin(alert, place)

    async def _begin(self, alert: Alert, place: Place | None) -> None:
        now = self.clock()
        if not await self.seen.record([_key(alert)], now):  # another replica has begun it
            return
        while self._starts and now - self._starts[0] >= HOUR:
            self._starts.popleft()
        try:
            if len(self._starts) >= self.rules.per_hour:
                await self._say_limit(now)
                return
            self._starts.append(now)
            self._begun[alert.subject] = now
            await self._ask(alert, place or await self._announce(alert))
        except REFUSED as error:
            log.exception("alert.not_told", subject=alert.subject, error=code_of(error))

    async def _ask(self, alert: Alert, place: Place) -> None:
        await self.queue.enqueue_turn(
            Message(
                id=f"slack:{place}:alert",
                thread=str(place),
                account=self.rules.account,
                text=alert.question,
                received_at=self.clock(),
            )
        )

    async def _announce(self, alert: Alert) -> Place:
        line = f":rotating_light: *{escape(alert.title[:MAX_TITLE])}*  since {when(alert.starts_at)}"
        return await open_thread(self.client, await self._own_team(), self.rules.channel, line)

    async def _say_limit(self, now: datetime) -> None:
        """Once per hour: silence must not look like health."""
        if self._told_limit and now - self._told_limit < HOUR:
            return
        self._told_limit = now
        free = when(self._starts[0] + HOUR)
        most = self.rules.per_hour
        line = f":mute: {most} alerts were diagnosed within an hour: I look at no further ones until {free}."
        await open_thread(self.client, await self._own_team(), self.rules.channel, line)

    async def _own_team(self) -> str:
        if not self._team:
            self._team = str((await self.client.auth_test())["team_id"])
        return self._team


def _key(alert: Alert) -> str:
    return f"alert:{alert.occurrence}"[:MAX_KEY]
