import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from dbos import DBOS

from assistant.confirmation.apply import Pace
from assistant.confirmation.carry_out import carry_out_here
from assistant.conversation import Message, ProposalView, Reminder
from assistant.storage.engine import Database, workflows_url
from assistant.workflows import Durable, DurableSettings, Work
from tests.builders.changes import NOON, Step, make_person, make_plan
from tests.builders.databases import database, database_url
from tools.contract import Confirmed, Outcome, Plan, Receipt

__all__ = ["database", "database_url"]


def make_message(number: int, thread: str = "cli:a") -> Message:
    return Message(id=f"m{number}", thread=thread, account="cli:ann", text=f"text {number}", received_at=NOON)


@dataclass
class Served:
    """A running engine, and what it did."""

    step: Step
    durable: Durable
    handled: list[str] = field(default_factory=list)
    reported: list[tuple[str, str]] = field(default_factory=list)
    reminded: list[tuple[str, int, bool]] = field(default_factory=list)
    signed: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    running: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0

    async def handle(self, message: Message) -> None:
        self.running[message.thread] = self.running.get(message.thread, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.running.values())
        await self.gate.wait()
        self.running[message.thread] -= 1
        self.handled.append(message.id)

    async def report(self, shown: ProposalView) -> None:
        self.reported.append((shown.id, shown.state))

    async def remind(self, reminder: Reminder) -> None:
        self.reminded.append((reminder.view.id, reminder.stage, reminder.escalated))

    async def checkpoint(self) -> None:
        self.signed += 1

    async def state_of(self, proposal_id: str) -> str:
        return (await self.step.confirmations.get(proposal_id)).state


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


async def until_settled(served: Served, proposal_id: str) -> None:
    async with asyncio.timeout(60):
        while await served.state_of(proposal_id) != "succeeded":
            await served.durable.sweep()
            await asyncio.sleep(0.05)


def make_served(step: Step, url: str, executor: str = "replica-0") -> Served:
    change = step.change(executor, pace=Pace(pause=timedelta(milliseconds=10)))
    served = Served(step, None)  # type: ignore[arg-type]  # set below: each knows the other
    work = Work(served.handle, change, step.confirmations, served.report, served.remind, step.clock, served.checkpoint)
    settings = DurableSettings(workflows_url(url), executor, retry_after=timedelta(milliseconds=10))
    served.durable = Durable(settings, work)
    served.gate.set()
    return served


@pytest.fixture
async def served(database: Database, database_url: str) -> AsyncIterator[Served]:
    running = make_served(Step(database), database_url)
    await running.durable.launch()
    yield running
    await running.durable.shutdown()


async def test_a_message_is_handled_once_however_often_it_comes(served: Served) -> None:
    for _ in range(3):
        await served.durable.enqueue_turn(make_message(1))
    await served.durable.enqueue_turn(make_message(2))

    await until(lambda: len(served.handled) == 2)

    assert served.handled == ["m1", "m2"]


async def test_turns_of_one_thread_keep_their_order_and_do_not_overlap(served: Served) -> None:
    served.gate.clear()
    for number in range(6):
        await served.durable.enqueue_turn(make_message(number))
    await until(lambda: served.running.get("cli:a") == 1)

    served.gate.set()
    await until(lambda: len(served.handled) == 6)

    assert served.handled == [f"m{number}" for number in range(6)]
    assert served.most_at_once == 1


async def test_a_busy_thread_does_not_hold_up_another(served: Served) -> None:
    served.gate.clear()

    await served.durable.enqueue_turn(make_message(1, "cli:a"))
    await served.durable.enqueue_turn(make_message(2, "cli:b"))

    await until(lambda: served.running == {"cli:a": 1, "cli:b": 1})
    served.gate.set()
    await until(lambda: len(served.handled) == 2)


async def test_a_turn_that_fails_does_not_stop_its_thread(database: Database, database_url: str) -> None:
    running = make_served(Step(database), database_url)
    handled = running.handle

    async def fail_first(message: Message) -> None:
        if message.id == "m1":
            raise RuntimeError("a bug")
        await handled(message)

    work = running.durable._work
    failing = dataclasses.replace(work, handle_turn=fail_first)
    durable = Durable(running.durable._settings, failing)
    await durable.launch()
    await durable.enqueue_turn(make_message(1))
    await durable.enqueue_turn(make_message(2))

    await until(lambda: running.handled == ["m2"])

    await durable.shutdown()


async def test_an_approved_change_is_applied_and_reported_once(served: Served) -> None:
    shown = await served.step.approved()

    for _ in range(5):
        await served.durable.start_change(shown.id)
    await until(lambda: bool(served.reported))
    await served.durable.start_change(shown.id)
    await served.durable.sweep()

    assert len(served.step.world.applied) == 1
    assert served.reported == [(shown.id, "succeeded")]


async def test_it_verifies_until_the_object_settles(served: Served) -> None:
    served.step.world.outcomes = [Outcome(settled=False, healthy=False, summary="1 of 3 ready.")] * 3
    shown = await served.step.approved()

    await served.durable.start_change(shown.id)
    await until(lambda: bool(served.reported))

    assert served.reported == [(shown.id, "succeeded")]


async def test_what_the_command_line_ended_is_reported_once(served: Served) -> None:
    shown = await served.step.approved()
    await carry_out_here(served.step.change("cli-1"), shown.id)

    await served.durable.sweep()
    await served.durable.sweep()
    await until(lambda: bool(served.reported))

    assert served.reported == [(shown.id, "succeeded")]
    assert len(served.step.world.applied) == 1


async def test_a_change_left_by_a_dead_command_line_is_taken_over(served: Served) -> None:
    shown = await served.step.approved()
    await served.step.change("cli-1").claim(shown.id)
    served.step.clock.forward(minutes=3)

    await served.durable.sweep()
    await until(lambda: bool(served.reported))

    assert served.reported == [(shown.id, "succeeded")]
    assert len(served.step.world.applied) == 1


async def test_the_sweep_ends_windows_and_starts_what_was_forgotten(served: Served) -> None:
    waiting = await served.step.propose(plan=make_plan(name="cart"), thread="b")
    served.step.clock.forward(minutes=14)
    approved = await served.step.approved(make_plan(name="checkout"))
    served.step.clock.forward(minutes=2)

    await served.durable.sweep()
    await until(lambda: len(served.reported) == 2)

    assert sorted(served.reported) == sorted([(waiting.id, "expired"), (approved.id, "succeeded")])


async def test_the_schedule_sweeps(served: Served) -> None:
    waiting = await served.step.propose(plan=make_plan(name="cart"), thread="b")
    served.step.clock.forward(minutes=14)
    approved = await served.step.approved(make_plan(name="checkout"))
    served.step.clock.forward(minutes=2)

    await asyncio.to_thread(DBOS.trigger_schedule, "expire_proposals")
    await until(lambda: len(served.reported) == 2)

    assert sorted(served.reported) == sorted([(waiting.id, "expired"), (approved.id, "succeeded")])


async def test_the_schedule_sweeps_while_a_change_is_under_way(served: Served) -> None:
    moving = Outcome(settled=False, healthy=False, summary="1 of 3 ready.")
    served.step.world.outcomes = [moving] * 10_000
    waiting = await served.step.propose(plan=make_plan(name="cart"), thread="b")
    served.step.clock.forward(minutes=14)
    approved = await served.step.approved(make_plan(name="checkout"))
    await served.durable.start_change(approved.id)
    await until(lambda: len(served.step.world.outcomes) < 10_000)
    served.step.clock.forward(minutes=2)

    swept = await asyncio.to_thread(DBOS.trigger_schedule, "expire_proposals")
    await until(lambda: served.reported == [(waiting.id, "expired")])
    ended = await asyncio.to_thread(swept.get_result)
    served.step.world.outcomes.clear()
    await until(lambda: len(served.reported) == 2)

    assert ended is None
    assert served.reported[1] == (approved.id, "succeeded")
    assert len(served.step.world.applied) == 1


async def test_finished_work_is_forgotten_after_its_time(served: Served) -> None:
    await served.durable.enqueue_turn(make_message(1))
    await (await DBOS.retrieve_workflow_async("turn:m1")).get_result()
    await served.durable.sweep()
    await served.durable.enqueue_turn(make_message(1))
    assert served.handled == ["m1"]

    served.step.clock.now = datetime.now(UTC) + timedelta(days=8)
    await served.durable.sweep()
    await served.durable.enqueue_turn(make_message(1))
    await until(lambda: len(served.handled) == 2)

    assert served.handled == ["m1", "m1"]


async def test_a_report_that_fails_is_made_again_without_applying_again(served: Served) -> None:
    shown = await served.step.approved()
    failures = [RuntimeError("the chat is down")] * 5

    async def fail_at_first(told: ProposalView) -> None:
        if failures:
            raise failures.pop()
        await served.report(told)

    served.durable._work = dataclasses.replace(served.durable._work, report=fail_at_first)
    await served.durable.start_change(shown.id)
    await until(lambda: bool(served.reported))

    assert failures == []
    assert len(served.step.world.applied) == 1


async def test_a_change_whose_workflow_broke_is_begun_again(served: Served) -> None:
    def broken_clock() -> datetime:
        raise RuntimeError("a bug before the claim")

    shown, whole = await served.step.approved(), served.durable._work
    served.durable._work = dataclasses.replace(whole, change=dataclasses.replace(whole.change, clock=broken_clock))
    await served.durable.start_change(shown.id)
    await until(lambda: served.reported == [(shown.id, "approved")])

    served.durable._work = whole
    await until_settled(served, shown.id)

    assert len(served.step.world.applied) == 1


async def test_a_bug_in_a_tool_ends_as_unknown_and_is_reported(served: Served) -> None:
    class Broken(type(served.step.world)):  # type: ignore[misc]
        async def apply_it(self, _confirmed: Confirmed[Plan], /) -> Receipt:
            raise ZeroDivisionError

    served.step.world.__class__ = Broken
    shown = await served.step.approved()

    await served.durable.start_change(shown.id)
    await until(lambda: bool(served.reported))

    assert served.reported == [(shown.id, "failed")]
    outcome = (await served.step.confirmations.get(shown.id)).outcome
    assert outcome is not None
    assert outcome.startswith("It is unknown whether this was applied")


async def test_a_second_engine_after_the_first_takes_up_where_it_stopped(database: Database, database_url: str) -> None:
    first = make_served(Step(database), database_url)
    first.gate.clear()
    await first.durable.launch()
    await first.durable.enqueue_turn(make_message(1))
    await until(lambda: first.running == {"cli:a": 1})
    await first.durable.shutdown()
    assert await asyncio.to_thread(lambda: "threads still work") == "threads still work"

    second = make_served(Step(database), database_url)
    await second.durable.launch()
    await until(lambda: second.handled == ["m1"])
    await second.durable.shutdown()

    assert first.handled == []


async def test_two_engines_at_once_are_refused(served: Served) -> None:
    other = make_served(served.step, "sqlite:///unused.db")

    with pytest.raises(RuntimeError, match="launched already"):
        await other.durable.launch()


async def test_a_wait_for_approval_is_brought_to_mind_once_per_stage(served: Served) -> None:
    shown = await served.step.propose(plan=make_plan(tier="prod"))
    await served.step.confirmations.confirm(shown.id, make_person())

    for hours in (2, 2):
        served.step.clock.forward(hours=hours)
        for _ in range(2):
            await served.durable.sweep()
        await until(lambda: served.reminded[-1:] != [] and served.reminded[-1][1] * 2 == _hours_waited(served))

    assert served.reminded == [(shown.id, 1, False), (shown.id, 2, True)]


def _hours_waited(served: Served) -> int:
    return int((served.step.clock() - NOON).total_seconds() // 3600)


async def test_a_failed_change_is_taken_back_and_both_ends_are_told(served: Served) -> None:
    served.step.world.outcomes = [Outcome(settled=True, healthy=False, summary="2 of 3 pods crash.")]
    shown = await served.step.propose(plan=make_plan(replicas=3))
    await served.step.confirmations.confirm(shown.id, make_person(), roll_back=True)
    served.step.world.plan = make_plan()

    await served.durable.start_change(shown.id)
    await until(lambda: len(served.reported) == 2)

    assert served.reported == [(shown.id, "failed"), (f"{shown.id}-back", "succeeded")]
    assert [one.change_id for one in served.step.world.applied] == [shown.id, f"{shown.id}-back"]
