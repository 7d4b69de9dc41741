"""Random walks of clicks, waits, crashes and replicas: what must never happen does not."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.confirmation.apply import ApplyChange
from assistant.confirmation.proposal import State
from assistant.errors import PersonError
from assistant.storage.engine import Database
from assistant.storage.upgrade import upgrade
from tests.builders.changes import PLATFORM, FakeWorld, Movable, Step, make_person, make_plan
from tools.errors import PlanStale, Unavailable

STRANGER = make_person("sam", "group:default/search")
PEOPLE = (make_person("ann"), make_person("bob"), make_person("pia", PLATFORM), STRANGER)
STEPS = ("claim", "apply", "verify", "finish")
CONFIRMED = ("awaiting_approval", "approved")
FAILURES = (None, PlanStale("It moved."), Unavailable("No answer.", "cluster"))

Event = tuple[str, object, object]

PROPOSALS: list[Event] = [("propose", tier, who) for tier in ("prod", "nonprod") for who in PEOPLE[:2]]
CLICKS: list[Event] = [("confirm", who, replica) for who in PEOPLE for replica in (False, True)]
# Steps 1 to n, then the worker dies.
WORK: list[Event] = [("work", worker, steps) for worker in ("w1", "w2") for steps in range(1, len(STEPS) + 1)]
TROUBLE: list[Event] = [
    *(("reject", who, False) for who in PEOPLE),
    *(("wait", minutes, None) for minutes in (1, 3, 14, 31, 60 * 25)),
    *(("fail", failure, None) for failure in FAILURES),
    ("expire", None, None),
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
            "work": self.work,
        }
        self.kind = kind
        await acts[kind](first, second)

    async def propose(self, tier: object, who: object) -> None:
        shown = await self.replicas[0].propose(who, plan=make_plan(tier=str(tier)))  # type: ignore[arg-type]
        self.shown[shown.id] = shown.plan_hash

    async def click(self, who: object, second_replica: object) -> None:
        step = self.replicas[bool(second_replica)].confirmations
        decide = step.confirm if self.kind == "confirm" else step.reject
        for proposal_id in self.shown:
            try:
                await decide(proposal_id, who)  # type: ignore[arg-type]
            except PersonError:
                continue

    async def wait(self, minutes: object, _: object) -> None:
        self.clock.forward(minutes=minutes)  # type: ignore[arg-type]

    async def expire(self, _first: object, _second: object) -> None:
        await self.replicas[0].confirmations.expire_due(self.clock())

    async def fail(self, failure: object, _: object) -> None:
        self.world.failure = failure  # type: ignore[assignment]

    async def work(self, worker: object, steps: object) -> None:
        for proposal_id, name in itertools.product(self.shown, STEPS[:steps]):  # type: ignore[misc]
            applied = len(self.world.applied)
            before = await self.replicas[0].store.get(proposal_id)
            await getattr(self.workers[str(worker)], name)(proposal_id)
            if len(self.world.applied) > applied:
                assert before is not None
                assert before.state is State.APPLYING

    async def check(self) -> None:
        """At most one application each, of the shown plan, with all that the policy asked for, inside the window."""
        store, audit = self.replicas[0].store, self.replicas[0].audit
        change_ids = [one.change_id for one in self.world.applied]
        assert len(change_ids) == len(set(change_ids))
        for proposal_id, plan_hash in self.shown.items():
            records = [one.event for one in await audit.of(proposal_id)]
            kinds = [str(one["type"]).split(".")[2] for one in records]
            proposal = await store.get(proposal_id)
            assert proposal is not None
            assert proposal.plan_hash == plan_hash
            if proposal_id in change_ids:
                assert kinds.index("approved") < kinds.index("applying")
                confirmed = next(one for one, kind in zip(records, kinds, strict=True) if kind in CONFIRMED)
                assert confirmed["data"]["actor"]["id"] == proposal.requester.id
                others = {one.id for one in await store.approvers(proposal)} - {proposal.requester.id}
                assert STRANGER.id not in others
                assert len(others) >= (1 if proposal.plan.tier == "prod" else 0)
            if proposal.state in {State.EXPIRED, State.CANCELLED, State.DENIED}:
                assert proposal_id not in change_ids
        assert (await audit.verify()).intact


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
    decided = [("propose", "prod", ann), ("confirm", ann, False), ("confirm", bob, True)]
    crash_and_go_on = [("work", "w1", 2), ("wait", 14, None), ("work", "w2", 4), ("work", "w1", 4)]

    assert asyncio.run(walk([*decided, *crash_and_go_on])) == ["p-1"]
