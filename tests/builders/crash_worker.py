"""A process that applies one approved change and kills itself at a given point: python -m ... URL FOLDER POINT."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assistant.confirmation.apply import Pace
from assistant.conversation import Message, ProposalView, Reminder
from assistant.storage.cards import Cards
from assistant.storage.engine import Database, workflows_url
from assistant.storage.upgrade import upgrade
from assistant.workflows import Durable, DurableSettings, Work
from tests.builders.changes import NOON, FakeWorld, Step
from tools.contract import Confirmed, Outcome, Plan, Receipt

POINTS = ("before_apply", "after_effect", "before_verify", "before_report", "after_report", "in_turn")


@dataclass
class FileWorld(FakeWorld):
    """A cluster of one file: a line per change that was really applied, by its change id."""

    folder: Path = Path()
    point: str = ""

    async def apply_it(self, confirmed: Confirmed[Plan], /) -> Receipt:
        self.crash("before_apply")
        again = confirmed.change_id in lines(self.folder / "applied")
        if not again:
            write_line(self.folder / "applied", confirmed.change_id)
        self.crash("after_effect")
        return Receipt(
            change_id=confirmed.change_id,
            target=confirmed.plan.target,
            applied_at=NOON,
            resource_version="8",
            already_applied=again,
        )

    async def verify_it(self, _plan: Plan, _receipt: Receipt, /) -> Outcome:
        self.crash("before_verify")
        return Outcome(settled=True, healthy=True, summary="3 of 3 ready.")

    def crash(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def write_line(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


async def no_reminder(_reminder: Reminder) -> None:
    """Nobody waits for long here."""


async def no_checkpoint() -> None:
    """Nothing is signed here."""


async def main(url: str, folder: Path, point: str) -> None:
    database = Database(url)
    await upgrade(database)
    world, cards, done = FileWorld(folder=folder, point=point), Cards(database), asyncio.Event()
    step = Step(database, world=world)

    async def report(shown: ProposalView) -> None:
        world.crash("before_report")
        if not await cards.was_reported(shown.id, shown.state):
            write_line(folder / "reported", f"{shown.id} {shown.state}")
            await cards.mark_reported(shown.id, shown.state, NOON)
        world.crash("after_report")
        done.set()

    async def handle(message: Message) -> None:
        write_line(folder / "begun", message.id)
        world.crash("in_turn")
        write_line(folder / "handled", message.id)
        if message.id == "last":
            done.set()

    change = step.change("replica-0", pace=Pace(pause=timedelta(milliseconds=10)))
    durable = Durable(
        DurableSettings(workflows_url(url), "replica-0", retry_after=timedelta(milliseconds=10)),
        Work(handle, change, step.confirmations, report, no_reminder, step.clock, no_checkpoint),
    )
    await durable.launch()
    for message_id in lines(folder / "messages"):
        await durable.enqueue_turn(
            Message(id=message_id, thread="cli:a", account="cli:ann", text="hello", received_at=NOON)
        )
    async with asyncio.timeout(60):
        await done.wait()
    await durable.shutdown()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
