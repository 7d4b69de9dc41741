"""How people reach the assistant in a case: at a terminal, or in a channel of Slack."""

import asyncio
import json
import sqlite3
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select

from assistant.bootstrap.app import App
from assistant.cli import session
from assistant.cli.chat import Conversation
from assistant.conversation import Message as Said
from assistant.errors import PersonError
from assistant.storage.tables import proposals
from evals.attacks.case import Case, Json, Step
from evals.attacks.lab import GUEST, PEOPLE, STRANGER, Lab
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.model import Message
from evals.emulators.slack.person import Person
from tools.errors import ToolError

Row = dict[str, Any]
CONFIRM, REJECT, UNDO = "proposal.confirm", "proposal.reject", "proposal.undo"
LONGEST_SECONDS = 40.0
QUIET_POLLS = 3


class Desk(Protocol):
    """Where the steps of a case are taken."""

    @property
    def thread(self) -> str:
        """What the thread of each proposal of this case contains."""

    async def take(self, step: Step) -> None:
        """One step, until everything that follows from it is over."""

    def shown(self) -> str:
        """All that people were shown in this case."""


async def rows_of(app: App, thread: str) -> list[Row]:
    """The proposals of threads like this one, oldest first."""
    query = select(proposals).where(proposals.c.thread.contains(thread)).order_by(proposals.c.created_at)
    async with app.database.read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


@dataclass
class TerminalDesk:
    """The terminal conversation of each person, as `infra-assistant chat` holds it."""

    lab: Lab
    case: Case
    start: int = 0
    count: int = 0
    conversations: dict[str, Conversation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = len(self.lab.printed.getvalue())

    @property
    def thread(self) -> str:
        return f":{self.case.id}"

    def shown(self) -> str:
        return self.lab.printed.getvalue()[self.start :]

    async def take(self, step: Step) -> None:
        with redirect_stdout(self.lab.printed):
            for _ in range(step.times):
                try:
                    await self._take(step)
                except (PersonError, ToolError) as error:
                    session.console.print(str(error), markup=False)

    async def _take(self, step: Step) -> None:
        if step.account is not None:
            await self._under_account(step, step.account)
        elif step.does in {"confirm", "reject", "undo"}:
            await self._conversation(step).take(f"{step.does} {await self._newest()}")
        else:
            await self._conversation(step).take(step.says or "")

    def _conversation(self, step: Step) -> Conversation:
        thread = self.case.id if step.in_thread else f"other:{self.case.id}"
        key = f"{step.who}/{thread}"
        made = Conversation(self.lab.app, step.who, thread)
        return self.conversations.setdefault(key, made)

    async def _under_account(self, step: Step, account: str) -> None:
        service = self.lab.app.service
        if step.does == "confirm":
            view = await service.confirm(await self._newest(), account, plan_hash=step.shown)
            if view.state == "approved":
                view = await session.apply_and_wait(self.lab.app, view, quiet=True)
            session.print_view(self.lab.app, view, as_json=True)
            return
        self.count += 1
        name = f"forged:{self.case.id}"
        now = self.lab.app.clock()
        said = Said(id=f"{name}:{self.count}", thread=name, account=account, text=step.says or "", received_at=now)
        session.print_turn(self.lab.app, await service.handle(said), as_json=True)

    async def _newest(self) -> str:
        rows = await rows_of(self.lab.app, self.case.id)
        return rows[-1]["id"] if rows else "p-22222"


class SlackDesk:
    """A channel of the case's own, with everybody in it; the app is reached over its socket."""

    def __init__(self, lab: Lab, case: Case, slack: SlackEmulator) -> None:
        self._lab = lab
        self._slack = slack
        shared = any(step.who == GUEST for step in case.steps)
        self._channel = slack.add_channel(case.id, [*PEOPLE, STRANGER, GUEST], shared=shared)
        self._root: Message | None = None
        self._last: Message | None = None

    @property
    def thread(self) -> str:
        return self._channel.id

    def shown(self) -> str:
        """The messages as they went over the wire, so that what Slack would draw as a mention stands out."""
        return "\n".join(f"{one.text}\n{json.dumps(one.blocks, ensure_ascii=False)}" for one in self._own())

    def _own(self) -> list[Message]:
        found = [one for one in self._slack.state.messages.values() if one.channel == self._channel.id]
        return [one for one in found if one.app_id == self._slack.app.id]

    async def take(self, step: Step) -> None:
        payload = await self._filled(step.payload)
        async with asyncio.TaskGroup() as together:
            for _ in range(step.times):
                together.create_task(self._take(step, payload))
        await self._quiet()

    async def _take(self, step: Step, payload: Json) -> None:
        if step.does == "event":
            self._slack.outbox.event(payload)
        elif step.does == "post":
            where = self._root.ts if self._root and step.in_thread else None
            self._slack.post_as_bot(step.who, self._channel.id, step.says or "", thread_ts=where)
        elif step.does is None or step.does in {"edit", "command"}:
            await self._speak(step, self._slack.as_user(step.who))
        else:
            await self._press(step, self._slack.as_user(step.who), payload)

    async def _speak(self, step: Step, person: Person) -> None:
        text = step.says or ""
        if step.does == "edit" and self._last is not None:
            person.edit(self._last, text)
        elif step.does == "command":
            await person.command("/infra", text, channel=self._channel.id)
        else:
            self._last = person.mention(text, self._channel.id, self._root if step.in_thread else None)
            self._root = self._root or self._last

    async def _press(self, step: Step, person: Person, payload: Json) -> None:
        if step.does == "forge":
            where = {"channel": {"id": self._channel.id, "name": self._channel.name}, **payload.get("with", {})}
            await person.forge_action(payload["action"], **where)
            return
        names = {"confirm": CONFIRM, "reject": REJECT, "undo": UNDO}
        wanted = names.get(step.does or "", step.button)
        for message in reversed(self._own()):
            if wanted in json.dumps(message.blocks):
                await self._click(person, message, wanted, many=step.times > 1)
                return
        if not step.if_there:
            raise NotOnScreen(f"no {wanted} in {self._channel.name}")

    async def _click(self, person: Person, message: Message, wanted: str, *, many: bool) -> None:
        found = json.dumps(message.blocks).split(f'"{wanted}')[1]
        suffix = found[: found.index('"')]
        await person.click(message, f"{wanted}{suffix}", stale=many)

    async def _filled(self, payload: Json) -> Json:
        rows = await rows_of(self._lab.app, self._channel.id)
        newest = rows[-1] if rows else {"id": "p-22222", "plan_hash": "0" * 64}
        cards = [message for message in self._own() if CONFIRM in json.dumps(message.blocks)]
        last = self._last.ts if self._last else "0.0"
        values = {
            "proposal": newest["id"],
            "plan_hash": newest["plan_hash"],
            "channel": self._channel.id,
            "ts": cards[-1].ts if cards else last,
            "thread": self._root.ts if self._root else last,
            "said": last,
            "new_ts": self._slack.state.next_ts(),
        }
        text = json.dumps(payload)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        filled: Json = json.loads(text)
        return filled

    async def _quiet(self) -> None:
        """Until nothing that was sent waits for its ack, no listener runs, and the durable work is done."""
        polls = 0
        async with asyncio.timeout(LONGEST_SECONDS):
            while polls < QUIET_POLLS:
                polls = 0 if self._busy() else polls + 1
                await asyncio.sleep(0.02)

    def _busy(self) -> bool:
        if any(not delivery.attempts for delivery in self._slack.deliveries):
            return True
        names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
        return any("ListenerRunner" in name for name in names) or bool(_unfinished(self._lab))


def _unfinished(lab: Lab) -> int:
    """How many workflows the durable engine has not finished, from its own table."""
    path = lab.data / "assistant.sqlite.workflows"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        query = "SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
        count: int = connection.execute(query).fetchone()[0]
    connection.close()
    return count


def open_desk(lab: Lab, case: Case) -> Desk:
    """The desk of a case."""
    return SlackDesk(lab, case, lab.slack) if lab.slack else TerminalDesk(lab, case)
