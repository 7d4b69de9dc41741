from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from assistant.confirmation.apply import Attempt, Claim
from assistant.confirmation.carry_out import carry_out, run_step
from assistant.conversation import ProposalView
from assistant.identity.principal import Principal
from assistant.storage.engine import Database
from assistant.storage.tables import decisions, proposals
from tests.builders.changes import PLATFORM, Step, make_person, make_plan, make_policy
from tools.contract import Outcome
from tools.errors import Forbidden, PlanStale, Unavailable

ANN, BOB = make_person("ann"), make_person("bob")
ADMIN = make_person("pia", PLATFORM)


@pytest.fixture
def step(database: Database) -> Step:
    return Step(database)


def sleep_of(step: Step) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        step.clock.forward(seconds=seconds)

    return sleep


async def run(step: Step, proposal_id: str, **other: Any) -> ProposalView:
    await carry_out(step.change(**other), proposal_id, run_step, sleep_of(step))
    return await step.confirmations.get(proposal_id)


async def states(step: Step, proposal_id: str) -> list[str]:
    return [str(record.event["type"]).split(".")[2] for record in await step.audit.of(proposal_id)]


async def test_an_approved_change_is_applied_once_as_shown_and_verified(step: Step) -> None:
    shown = await step.approved()

    done = await run(step, shown.id)

    assert [(one.change_id, one.plan) for one in step.world.applied] == [(shown.id, shown.plan)]
    assert done.state == "succeeded"
    assert done.outcome == "Done, and healthy: 3 of 3 ready. a restart cannot be taken back"
    assert await states(step, shown.id) == ["proposed", "approved", "applying", "verifying", "succeeded"]
    assert (await step.audit.verify()).intact


async def test_it_acts_as_the_person_who_asked(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, ANN)
    await step.confirmations.confirm(shown.id, BOB)
    acted: list[Principal] = []

    done = await run(step, shown.id, toolbox_for=step.world.toolbox_for(acted))

    assert done.state == "succeeded"
    assert {who.id for who in acted} == {ANN.id}


@pytest.mark.parametrize("confirmations", [0, 1])
async def test_what_is_not_approved_is_not_applied(step: Step, confirmations: int) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    for _ in range(confirmations):
        await step.confirmations.confirm(shown.id, ANN)

    assert await step.change().claim(shown.id) == Claim.OVER
    await run(step, shown.id)

    assert step.world.applied == []


async def test_every_step_may_be_repeated(step: Step) -> None:
    shown = await step.approved()
    change = step.change()

    claims = [await change.claim(shown.id) for _ in range(2)]
    attempts = [await change.apply(shown.id) for _ in range(2)]
    again = await change.claim(shown.id)
    looks = [await change.verify(shown.id) for _ in range(2)]
    ends = [(await change.finish(shown.id), await change.shown(shown.id)) for _ in range(2)]

    assert claims == [Claim.MINE, Claim.MINE]
    assert attempts == [Attempt.APPLIED, Attempt.APPLIED]
    assert again == Claim.MINE
    assert looks == [True, True]
    assert ends[0] == ends[1]
    assert len(step.world.applied) == 1
    assert await states(step, shown.id) == ["proposed", "approved", "applying", "verifying", "succeeded"]


async def test_an_object_that_moved_supersedes_the_plan(step: Step) -> None:
    step.world.failure = PlanStale("Somebody scaled it to 5.")
    shown = await step.approved()

    done = await run(step, shown.id)

    assert done.state == "superseded"
    assert done.outcome is not None
    assert done.outcome.startswith("Nothing changed")
    assert "Somebody scaled it to 5." in done.outcome


async def test_a_refusal_of_the_cluster_is_told(step: Step) -> None:
    step.world.failure = Forbidden("ann may not patch deployments in shop.", "patch deployments in shop")
    shown = await step.approved()

    done = await run(step, shown.id)

    assert (done.state, done.outcome) == (
        "failed",
        "Nothing changed: the cluster refused it. ann may not patch deployments in shop.",
    )


async def test_a_silent_cluster_is_tried_again_and_then_called_unknown(step: Step) -> None:
    step.world.failure = Unavailable("The cluster did not answer.", "cluster")
    shown = await step.approved()

    done = await run(step, shown.id)

    assert done.state == "failed"
    assert done.outcome is not None
    assert done.outcome.startswith("It is unknown whether this was applied")


async def test_a_cluster_that_answers_late_gets_the_change_once(step: Step) -> None:
    shown = await step.approved()
    step.world.failure = Unavailable("The cluster did not answer.", "cluster")
    change = step.change()
    await change.claim(shown.id)

    first = await change.apply(shown.id)
    step.world.failure = None
    second = await change.apply(shown.id)

    assert (first, second) == (Attempt.UNANSWERED, Attempt.APPLIED)
    assert len(step.world.applied) == 1


async def test_it_waits_until_the_object_settles(step: Step) -> None:
    moving = Outcome(settled=False, healthy=False, summary="1 of 3 ready.")
    step.world.outcomes = [moving, Unavailable("gone", "cluster"), moving]
    shown = await step.approved()

    assert (await run(step, shown.id)).state == "succeeded"


async def test_an_unhealthy_end_is_a_failure_that_says_what_was_seen(step: Step) -> None:
    step.world.outcomes = [Outcome(settled=True, healthy=False, summary="2 of 3 pods crash.")]
    shown = await step.approved(make_plan(replicas=3))

    done = await run(step, shown.id)

    assert (done.state, done.outcome) == (
        "failed",
        "Applied, but not healthy: 2 of 3 pods crash. Undo takes it back.",
    )


async def test_a_change_that_never_settles_ends_at_its_deadline(step: Step) -> None:
    step.world.outcomes = [Outcome(settled=False, healthy=False, summary="1 of 3 ready.")] * 1000
    shown = await step.approved(make_plan(replicas=3))

    done = await run(step, shown.id)

    assert (done.state, done.outcome) == (
        "failed",
        "Applied, but not settled after 10 min: 1 of 3 ready. Look at it again, or undo it.",
    )
    assert timedelta(minutes=10) <= step.clock() - shown.created_at < timedelta(minutes=11)


async def test_too_late_is_too_late(step: Step) -> None:
    shown = await step.approved()
    step.clock.forward(minutes=31)

    done = await run(step, shown.id)

    assert done.state == "expired"
    assert step.world.applied == []


async def test_a_plan_edited_after_the_approval_is_not_applied(step: Step) -> None:
    shown = await step.approved()
    edited = make_plan(patch={"spec": {"replicas": 0}}).model_dump(mode="json")
    async with step.database.write() as connection:
        await connection.execute(update(proposals).values(plan=edited))

    done = await run(step, shown.id)

    assert done.state == "superseded"
    assert step.world.applied == []


async def test_a_freeze_stops_an_approved_production_change(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, ANN)
    await step.confirmations.confirm(shown.id, BOB)

    done = await run(step, shown.id, policy=make_policy(freeze=True))

    assert done.state == "cancelled"
    assert done.outcome is not None
    assert done.outcome.startswith(
        "Nothing changed: the policy forbids it now. A change freeze is active: production is"
    )
    assert step.world.applied == []


async def test_an_approval_given_for_another_plan_does_not_count(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, ANN)
    await step.confirmations.confirm(shown.id, BOB)
    async with step.database.write() as connection:
        await connection.execute(update(decisions).where(decisions.c.kind == "approve").values(plan_hash="0" * 64))

    done = await run(step, shown.id)

    assert done.state == "cancelled"
    assert step.world.applied == []


async def test_two_changes_of_one_object_do_not_run_together(step: Step) -> None:
    first = await step.approved(thread="a")
    second = await step.approved(thread="b")
    change = step.change()
    await change.claim(first.id)

    assert await change.claim(second.id) == Claim.BUSY
    await change.apply(first.id)
    assert await change.claim(second.id) == Claim.BUSY
    await change.finish(first.id)
    assert await change.claim(second.id) == Claim.MINE


async def test_a_dead_workers_change_is_taken_over_after_its_lease(step: Step) -> None:
    shown = await step.approved()
    dead, alive = step.change("w1"), step.change("w2")
    await dead.claim(shown.id)
    await dead.apply(shown.id)

    early = await alive.claim(shown.id)
    step.clock.forward(minutes=3)
    late = await alive.claim(shown.id)

    assert (early, late) == (Claim.BUSY, Claim.MINE)
    assert await dead.apply(shown.id) == Attempt.OVER
    assert (await run(step, shown.id, worker="w2")).state == "succeeded"
    assert len(step.world.applied) == 1


async def test_a_change_can_be_given_up_as_unknown(step: Step) -> None:
    shown = await step.approved()
    change = step.change()
    await change.claim(shown.id)

    await change.give_up(shown.id)
    await change.give_up(shown.id)

    done = await step.confirmations.get(shown.id)
    assert done.state == "failed"
    assert await states(step, shown.id) == ["proposed", "approved", "applying", "failed"]


SICK = Outcome(settled=True, healthy=False, summary="2 of 3 pods crash.", regressed="CrashLoopBackOff is new.")


async def agreed_to_roll_back(step: Step, tier: str = "nonprod") -> ProposalView:
    """A change that can be undone, confirmed with the wish to take it back when it is not healthy."""
    shown = await step.propose(plan=make_plan(replicas=3, tier=tier))
    return await step.confirmations.confirm(shown.id, ANN, roll_back=True)


async def run_all(step: Step, proposal_id: str) -> str:
    return await carry_out(step.change(), proposal_id, run_step, sleep_of(step))


async def test_a_failed_change_is_taken_back_when_that_was_agreed(step: Step) -> None:
    step.world.outcomes = [SICK]
    shown = await agreed_to_roll_back(step)
    step.world.plan = make_plan()

    back = await run_all(step, shown.id)
    after = await run_all(step, back)

    failed, undone = await step.confirmations.get(shown.id), await step.confirmations.get(back)
    assert (failed.state, undone.state, undone.automatic_of, after) == ("failed", "succeeded", shown.id, "")
    assert failed.outcome is not None
    assert failed.outcome.endswith(f"As agreed on its card it is being taken back now, by {back}.")
    assert "worse than before: CrashLoopBackOff is new." in failed.outcome
    assert [one.change_id for one in step.world.applied] == [shown.id, back]
    assert await states(step, back) == ["proposed", "applying", "verifying", "succeeded"]
    assert (await step.audit.of(back))[0].event["data"]["actor"]["id"] == "clock"


async def test_a_repeated_step_takes_back_once(step: Step) -> None:
    step.world.outcomes = [SICK]
    shown = await agreed_to_roll_back(step)
    step.world.plan = make_plan()
    back = await run_all(step, shown.id)

    again = await step.change("w2").roll_back(shown.id)

    assert again == back
    assert await states(step, back) == ["proposed"]


@pytest.mark.parametrize("outcomes", [[], [SICK]])
async def test_nothing_is_taken_back_without_need_and_agreement(step: Step, outcomes: list[Outcome]) -> None:
    step.world.outcomes = outcomes
    shown = await step.approved(make_plan(replicas=3)) if outcomes else await agreed_to_roll_back(step)

    assert await run_all(step, shown.id) == ""
    assert len(step.world.applied) == 1


async def test_what_cannot_be_undone_is_not_taken_back(step: Step) -> None:
    step.world.outcomes = [SICK]
    shown = await step.propose()

    confirmed = await step.confirmations.confirm(shown.id, ANN, roll_back=True)

    assert not confirmed.roll_back
    assert await run_all(step, shown.id) == ""


async def test_in_production_it_stands_on_the_approvals_of_the_change(step: Step) -> None:
    step.world.outcomes = [SICK]
    shown = await agreed_to_roll_back(step, "prod")
    await step.confirmations.confirm(shown.id, BOB)
    step.world.plan = make_plan(tier="prod")

    back = await run_all(step, shown.id)
    await run_all(step, back)

    assert (await step.confirmations.get(back)).state == "succeeded"


async def test_a_policy_may_forbid_what_was_agreed(step: Step, tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("by-hand") @message("Roll back by hand.") '
        'forbid (principal, action == Action::"apply", resource) when { context.automatic };'
    )
    step = Step(step.database, policy=make_policy(extra=tmp_path))
    step.world.outcomes = [SICK]
    shown = await agreed_to_roll_back(step)
    step.world.plan = make_plan()

    back = await run_all(step, shown.id)

    assert back == ""
    outcome = (await step.confirmations.get(shown.id)).outcome
    assert outcome is not None
    assert outcome.endswith("It was to be taken back by itself, but was not: Roll back by hand. Undo it by hand.")


async def test_another_object_of_that_name_is_not_touched(step: Step) -> None:
    step.world.outcomes = [SICK]
    shown = await agreed_to_roll_back(step)
    planned = make_plan()
    step.world.plan = planned.model_copy(update={"target": planned.target.model_copy(update={"uid": "u-2"})})

    assert await run_all(step, shown.id) == ""


async def test_a_broken_glass_runs_in_a_freeze_without_approvals(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.break_glass(shown.id, ADMIN, incident="INC-1", reason="It melts.")

    done = await run(step, shown.id, policy=make_policy(freeze=True))

    assert done.state == "succeeded"
    assert done.outcome is not None
    assert "Pia broke the glass for INC-1" in done.outcome
    assert "review it by Tuesday 2026-03-03" in done.outcome


async def test_a_glass_broken_by_somebody_who_left_the_team_does_not_run(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.break_glass(shown.id, ADMIN, incident="INC-1", reason="It melts.")
    async with step.database.write() as connection:
        stored = (await step.store.get(shown.id)).broken_glass.model_dump(mode="json")
        stored["who"]["teams"] = []
        await connection.execute(update(proposals).values(broken_glass=stored))

    assert (await run(step, shown.id)).state == "cancelled"
