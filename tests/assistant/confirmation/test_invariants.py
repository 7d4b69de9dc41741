"""Random walks of clicks, waits, crashes and replicas: what must never happen does not."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from assistant.confirmation.apply import ApplyChange
from assistant.confirmation.proposal import Proposal, State, plan_hash
from assistant.errors import PersonError
from assistant.storage.engine import Database
from assistant.storage.tables import proposals
from assistant.storage.upgrade import upgrade
from tests.builders.changes import PLATFORM, SHOP, FakeWorld, Movable, Step, make_person, make_plan
from tools.contract import Outcome
from tools.errors import PlanStale, Unavailable

STRANGER = make_person("sam", "group:default/search")
PIA = make_person("pia", PLATFORM)
PEOPLE = (make_person("ann"), make_person("bob"), make_person("cat"), PIA, STRANGER)
ALLOWED_TO_BREAK = {PIA.id}
EDITED = make_plan(patch={"spec": {"replicas": 0}}).model_dump(mode="json")
STEPS = ("claim", "apply", "verify", "finish", "roll_back")
CONFIRMED = ("awaiting_approval", "approved")
FAILURES = (None, PlanStale("It moved."), Unavailable("No answer.", "cluster"))

Event = tuple[str, object, object]

# Tier, and replicas: to zero in production needs the owning and the platform team.
SHAPES = (("prod", None), ("prod", 0), ("prod", 3), ("nonprod", None), ("nonprod", 3))
PROPOSALS: list[Event] = [("propose", shape, who) for shape in SHAPES for who in PEOPLE[:2]]
CLICKS: list[Event] = [("confirm", who, replica) for who in PEOPLE for replica in (False, True)]
# Steps 1 to n, then the worker dies.
WORK: list[Event] = [("work", worker, steps) for worker in ("w1", "w2") for steps in range(1, len(STEPS) + 1)]
TROUBLE: list[Event] = [
    *(("reject", who, False) for who in PEOPLE),
    *(("wait", minutes, None) for minutes in (1, 3, 14, 31, 60 * 25)),
    *(("fail", failure, None) for failure in FAILURES),
    ("expire", None, None),
    ("remind", None, None),
    *(("glass", who, False) for who in PEOPLE),
    *(("health", healthy, None) for healthy in (True, False)),
    ("edit", None, None),
]
# Weighted, so that most walks get somewhere before trouble comes.
EVENTS = st.sampled_from([*PROPOSALS, *CLICKS * 4, *WORK * 4, *TROUBLE])


class Walk:
    """One installation with two replicas that share a database, and the record of what was shown and decided."""

    def __init__(self, folder: str) -> None:
        self.clock, self.world, ids = Movable(), FakeWorld(), itertools.count(1)
        url = f"sqlite:///{Path(folder)}/a.db"
        self.databases = [Database(url), Database(url)]
        self.replicas = [Step(one, clock=self.clock, world=self.world, ids=ids) for one in self.databases]
        self.workers: dict[str, ApplyChange] = {
            name: step.change(name) for name, step in zip(("w1", "w2"), self.replicas, strict=True)
        }
        self.shown: dict[str, str] = {}

    async def go(self, event: Event) -> None:
        kind, first, second = event
        acts: dict[str, Callable[[object, object], Awaitable[None]]] = {
            "propose": self.propose,
            "confirm": self.click,
            "reject": self.click,
            "wait": self.wait,
            "expire": self.expire,
            "fail": self.fail,
            "remind": self.remind,
            "glass": self.click,
            "health": self.health,
            "edit": self.edit,
            "work": self.work,
        }
        self.kind = kind
        await acts[kind](first, second)

    async def propose(self, shape: object, who: object) -> None:
        tier, replicas = shape  # type: ignore[misc]
        plan = make_plan(tier=tier, replicas=replicas)
        shown = await self.replicas[0].propose(who, plan=plan)  # type: ignore[arg-type]
        self.shown[shown.id] = shown.plan_hash

    async def click(self, who: object, second_replica: object) -> None:
        step = self.replicas[bool(second_replica)].confirmations
        decide: dict[str, Callable[..., Awaitable[object]]] = {
            "confirm": partial(step.confirm, roll_back=True),
            "reject": partial(step.reject, reason="No."),
            "glass": partial(step.break_glass, incident="INC-1", reason="It melts."),
        }
        for proposal_id in list(self.shown):
            try:
                await decide[self.kind](proposal_id, who)
            except PersonError:
                continue

    async def health(self, healthy: object, _: object) -> None:
        self.world.outcomes = [Outcome(settled=True, healthy=bool(healthy), summary="3 of 3.")] * 2

    async def remind(self, _first: object, _second: object) -> None:
        step = self.replicas[0].confirmations
        for proposal_id, stage in await step.due_reminders(self.clock()):
            await step.remind(proposal_id, stage)

    async def edit(self, _first: object, _second: object) -> None:
        """Somebody with the database changes the plan of the newest proposal, unless it is being applied."""
        if not self.shown:
            return
        newest = proposals.c.id == list(self.shown)[-1]
        begun = proposals.c.state.in_(("applying", "verifying"))
        async with self.databases[0].write() as connection:
            await connection.execute(update(proposals).where(newest, ~begun).values(plan=EDITED))

    async def wait(self, minutes: object, _: object) -> None:
        self.clock.forward(minutes=minutes)  # type: ignore[arg-type]

    async def expire(self, _first: object, _second: object) -> None:
        await self.replicas[0].confirmations.expire_due(self.clock())

    async def fail(self, failure: object, _: object) -> None:
        self.world.failure = failure  # type: ignore[assignment]

    async def work(self, worker: object, steps: object) -> None:
        for proposal_id, name in itertools.product(list(self.shown), STEPS[:steps]):  # type: ignore[misc]
            applied = len(self.world.applied)
            before = await self.replicas[0].store.get(proposal_id)
            made = await getattr(self.workers[str(worker)], name)(proposal_id)
            if name == "roll_back" and made:
                child = await self.replicas[0].store.get(made)
                assert child is not None
                self.shown[made] = child.plan_hash
            if len(self.world.applied) > applied:
                assert before is not None
                assert before.state is State.APPLYING
                assert self.world.applied[-1].plan == before.plan

    async def check(self) -> None:
        """At most one application each, of the shown plan, with all that the policy asked for, inside the window."""
        store, audit = self.replicas[0].store, self.replicas[0].audit
        change_ids = [one.change_id for one in self.world.applied]
        assert len(change_ids) == len(set(change_ids))
        for one in self.world.applied:
            assert plan_hash(one.plan, self.replicas[0].policy.hash) == self.shown[one.change_id]
        for proposal_id, shown in self.shown.items():
            records = [record.event for record in await audit.of(proposal_id)]
            kinds = [str(event["type"]).split(".")[2] for event in records]
            proposal = await store.get(proposal_id)
            assert proposal is not None
            assert proposal.plan_hash == shown
            if proposal_id in change_ids:
                await self.check_applied(proposal, records, kinds)
            if proposal.state in {State.EXPIRED, State.CANCELLED, State.DENIED}:
                assert proposal_id not in change_ids
        assert (await audit.verify()).intact

    async def check_applied(self, proposal: Proposal, records: list[dict[str, Any]], kinds: list[str]) -> None:
        """Who let it run: nobody less than the policy asks for."""
        began = datetime.fromisoformat(records[kinds.index("applying")]["time"])
        if proposal.automatic_of is not None:
            parent = await self.replicas[0].store.get(proposal.automatic_of)
            assert parent is not None
            assert (parent.state, parent.roll_back) == (State.FAILED, True)
            assert began - proposal.created_at <= self.replicas[0].windows.execution
            return
        approved = records[kinds.index("approved")]
        assert began - datetime.fromisoformat(approved["time"]) <= self.replicas[0].windows.execution
        if proposal.broken_glass is not None:
            assert approved["data"]["broken_glass"]["by"]["id"] in ALLOWED_TO_BREAK
            return
        confirmed = next(one for one, kind in zip(records, kinds, strict=True) if kind in CONFIRMED)
        assert confirmed["data"]["actor"]["id"] == proposal.requester.id
        others = {one.id: one for one in await self.replicas[0].store.approvers(proposal)}
        others.pop(proposal.requester.id, None)
        assert STRANGER.id not in others
        wanted = 0 if proposal.plan.tier == "nonprod" else 2 if proposal.plan.replicas_after == 0 else 1
        assert len(others) >= wanted
        if wanted == 2:
            assert any(SHOP in one.teams for one in others.values())
            assert any(PLATFORM in one.teams for one in others.values())


async def walk(events: list[Event]) -> list[str]:
    with TemporaryDirectory() as folder:
        installation = Walk(folder)
        await upgrade(installation.databases[0])
        for event in events:
            await installation.go(event)
        await installation.check()
        for database in installation.databases:
            await database.close()
    return [one.change_id for one in installation.world.applied]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PROPOSALS), st.lists(EVENTS, min_size=10, max_size=30))
def test_no_sequence_of_events_breaks_a_promise(first: Event, events: list[Event]) -> None:
    asyncio.run(walk([first, *events]))


def test_such_walks_do_apply_changes() -> None:
    ann, bob = PEOPLE[:2]
    decided = [("propose", ("prod", None), ann), ("confirm", ann, False), ("confirm", bob, True)]
    crash_and_go_on = [("work", "w1", 2), ("wait", 14, None), ("work", "w2", 4), ("work", "w1", 4)]

    assert asyncio.run(walk([*decided, *crash_and_go_on])) == ["p-1"]


def test_such_walks_do_take_changes_back() -> None:
    ann = PEOPLE[0]
    failed = [("propose", ("nonprod", 3), ann), ("confirm", ann, False), ("health", False, None), ("work", "w1", 5)]

    assert asyncio.run(walk([*failed, ("work", "w2", 5)])) == ["p-1", "p-1-back"]


def test_such_walks_do_break_the_glass() -> None:
    events = [("propose", ("prod", 0), PEOPLE[0]), ("glass", PIA, False), ("work", "w1", 5)]

    assert asyncio.run(walk(events)) == ["p-1"]
