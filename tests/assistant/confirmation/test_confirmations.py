import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from assistant.confirmation.proposal import State
from assistant.conversation import ProposalView
from assistant.errors import (
    NotAllowed,
    PersonError,
    ProposalExpired,
    ProposalNotFound,
    ProposalNotPending,
    ProposalStale,
)
from assistant.storage.engine import Database
from assistant.storage.tables import proposals
from tests.builders.changes import OPERATOR, PLATFORM, Step, make_person, make_plan, make_policy
from tools.errors import Forbidden

ANN, BOB, CAT = make_person("ann"), make_person("bob"), make_person("cat")
ADMIN = make_person("pia", PLATFORM)
STRANGER = make_person("sam", "group:default/search")


@pytest.fixture
def step(database: Database) -> Step:
    return Step(database)


async def states(step: Step, proposal_id: str) -> list[str]:
    return [str(record.event["type"]).split(".")[2] for record in await step.audit.of(proposal_id)]


async def test_a_proposal_shows_the_plan_and_waits_for_its_requester(step: Step) -> None:
    shown = await step.propose()

    assert shown.state == "awaiting_confirmation"
    assert shown.plan == step.world.plan
    assert shown.approver == "Ann"
    assert shown.expires_at - shown.created_at == timedelta(minutes=15)
    assert step.world.applied == []


async def test_a_production_proposal_says_who_else_must_approve(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))

    assert shown.approver == "Ann, then another person of shop or the platform team"
    assert shown.reasons == ("Production changes need the approval of another person.",)


async def test_what_the_policy_forbids_is_not_even_stored(step: Step) -> None:
    with pytest.raises(NotAllowed, match="Only the owning team") as refused:
        await step.propose(STRANGER)

    assert refused.value.rules == ("not-owner",)
    assert await step.confirmations.pending() == ()


async def test_the_requester_confirms_outside_production(step: Step) -> None:
    shown = await step.propose()

    confirmed = await step.confirmations.confirm(shown.id, ANN, plan_hash=shown.plan_hash)

    assert (confirmed.state, confirmed.decided_by) == ("approved", "Ann")
    assert confirmed.expires_at - step.clock() == timedelta(minutes=30)


async def test_production_takes_the_requester_and_another_person(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))

    first = await step.confirmations.confirm(shown.id, ANN)
    with pytest.raises(NotAllowed, match="another person"):
        await step.confirmations.confirm(shown.id, ANN)
    second = await step.confirmations.confirm(shown.id, BOB)

    assert (first.state, second.state) == ("awaiting_approval", "approved")
    assert first.expires_at - step.clock() == timedelta(hours=24)
    assert second.decided_by == "Bob"
    stored = await step.store.get(shown.id)
    assert stored is not None
    assert [one.id for one in await step.store.approvers(stored)] == [BOB.id]


async def test_the_operator_needs_another_person_in_production_too(step: Step) -> None:
    shown = await step.propose(OPERATOR, plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, OPERATOR)

    with pytest.raises(NotAllowed):
        await step.confirmations.confirm(shown.id, OPERATOR)

    assert (await step.confirmations.confirm(shown.id, BOB)).state == "approved"


async def test_somebody_elses_click_changes_nothing_and_is_on_record(step: Step) -> None:
    shown = await step.propose()

    with pytest.raises(NotAllowed, match="Only the person who asked"):
        await step.confirmations.confirm(shown.id, BOB)

    assert (await step.confirmations.get(shown.id)).state == "awaiting_confirmation"
    assert await states(step, shown.id) == ["proposed", "refused"]


async def test_ten_simultaneous_confirmations_have_one_winner(database: Database, database_url: str) -> None:
    step, elsewhere = Step(database), Step(Database(database_url))
    shown = await step.propose()

    async def click(where: Step) -> str:
        try:
            return (await where.confirmations.confirm(shown.id, ANN)).state
        except ProposalNotPending:
            return "too late"

    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(click(step if number % 2 else elsewhere)) for number in range(10)]
    await elsewhere.database.close()

    assert sorted(click.result() for click in clicks) == ["approved"] + ["too late"] * 9
    assert await states(step, shown.id) == ["proposed", "approved"]
    assert (await step.audit.verify()).intact


async def test_ten_simultaneous_approvals_approve_once(database: Database, database_url: str) -> None:
    step, elsewhere = Step(database), Step(Database(database_url))
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, ANN)

    async def click(where: Step, number: int) -> str:
        try:
            return (await where.confirmations.confirm(shown.id, make_person(f"p{number}"))).state
        except ProposalNotPending:
            return "too late"

    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(click(step if number % 2 else elsewhere, number)) for number in range(10)]
    await elsewhere.database.close()

    assert [click.result() for click in clicks].count("approved") == 1
    assert await states(step, shown.id) == ["proposed", "awaiting_approval", "approved"]
    stored = await step.store.get(shown.id)
    assert stored is not None
    assert stored.approvals == 1
    assert len(await step.store.approvers(stored)) == 1


async def test_a_quorum_of_two_takes_two_different_people(database: Database, tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("two") @message("Two people must approve.") '
        'forbid (principal, action == Action::"apply", resource) when { context.approvals < 2 };'
    )
    step = Step(database, policy=make_policy(extra=tmp_path))
    shown = await step.propose(plan=make_plan(tier="prod"))
    await step.confirmations.confirm(shown.id, ANN)

    first = await step.confirmations.confirm(shown.id, BOB)
    with pytest.raises(ProposalNotPending, match=r"You approved p-1 already\. It has 1 of 2 approvals"):
        await step.confirmations.confirm(shown.id, BOB)
    second = await step.confirmations.confirm(shown.id, ADMIN)

    assert shown.approver == "Ann, then 2 other people of shop or the platform team"
    assert (first.state, second.state) == ("awaiting_approval", "approved")
    assert await states(step, shown.id) == ["proposed", "awaiting_approval", "approval_added", "approved"]


async def test_an_expired_proposal_says_so_and_stays_without_effect(step: Step) -> None:
    shown = await step.propose()
    step.clock.forward(minutes=15)

    with pytest.raises(ProposalExpired, match=r"expired at 2026-03-02 12:15 UTC, and nothing changed\. Ask again"):
        await step.confirmations.confirm(shown.id, ANN)

    assert (await step.confirmations.get(shown.id)).state == "expired"
    assert await states(step, shown.id) == ["proposed", "expired"]


async def test_every_window_that_is_over_is_ended_once(step: Step) -> None:
    waiting = await step.propose(thread="a", plan=make_plan(name="a"))
    approved = await step.propose(thread="b", plan=make_plan(name="b"))
    await step.confirmations.confirm(approved.id, ANN)
    step.clock.forward(minutes=20)
    fresh = await step.propose(thread="c", plan=make_plan(name="c"))

    first = await step.confirmations.expire_due(step.clock())
    again = await step.confirmations.expire_due(step.clock())

    assert [one.id for one in first] == [waiting.id]
    assert again == ()
    assert (await step.confirmations.get(fresh.id)).state == "awaiting_confirmation"
    step.clock.forward(minutes=14)
    assert [one.id for one in await step.confirmations.expire_due(step.clock())] == [approved.id]


async def test_a_newer_plan_for_the_same_object_supersedes_the_older_one(step: Step) -> None:
    older = await step.propose()

    newer = await step.propose()

    with pytest.raises(ProposalNotPending, match=f"superseded. Replaced by {newer.id}"):
        await step.confirmations.confirm(older.id, ANN)
    assert (await step.confirmations.confirm(newer.id, ANN)).state == "approved"


async def test_other_threads_and_other_objects_are_left_alone(step: Step) -> None:
    elsewhere = await step.propose(thread="cli:b")
    other = await step.propose(plan=make_plan(name="cart"))

    await step.propose(plan=make_plan(name="checkout"))

    assert (await step.confirmations.get(elsewhere.id)).state == "awaiting_confirmation"
    assert (await step.confirmations.get(other.id)).state == "awaiting_confirmation"


async def test_a_card_of_another_plan_confirms_nothing(step: Step) -> None:
    shown = await step.propose()

    with pytest.raises(ProposalStale, match="another plan"):
        await step.confirmations.confirm(shown.id, ANN, plan_hash="0" * 64)

    assert (await step.confirmations.get(shown.id)).state == "awaiting_confirmation"


async def test_a_plan_edited_in_the_database_is_void(step: Step) -> None:
    shown = await step.propose()
    edited = make_plan(patch={"spec": {"replicas": 0}}).model_dump(mode="json")
    async with step.database.write() as connection:
        await connection.execute(update(proposals).values(plan=edited))

    with pytest.raises(ProposalStale, match="not the one that was shown"):
        await step.confirmations.confirm(shown.id, ANN)

    assert (await step.confirmations.get(shown.id)).state == "superseded"


async def test_a_plan_does_not_outlive_the_policy_it_was_allowed_under(step: Step) -> None:
    shown = await step.propose()
    stricter = Step(step.database, policy=make_policy(denials=2))

    with pytest.raises(ProposalStale, match="the policy changed"):
        await stricter.confirmations.confirm(shown.id, ANN)


async def test_an_unknown_id_says_what_to_do(step: Step) -> None:
    with pytest.raises(ProposalNotFound, match=r"There is no proposal p-zzz\. Check the id"):
        await step.confirmations.confirm("p-zzz", ANN)


async def test_the_requester_withdraws_and_an_approver_denies(step: Step) -> None:
    mine = await step.propose(plan=make_plan(name="a"))
    theirs = await step.propose(plan=make_plan(name="b", tier="prod"))
    await step.confirmations.confirm(theirs.id, ANN)

    withdrawn = await step.confirmations.reject(mine.id, ANN)
    denied = await step.confirmations.reject(theirs.id, BOB, reason="Not on a Friday.")

    assert withdrawn.state == "cancelled"
    assert (denied.state, denied.decided_by, denied.outcome) == ("denied", "Bob", "Not on a Friday.")
    with pytest.raises(ProposalNotPending, match=r"it was denied by Bob\. Not on a Friday\."):
        await step.confirmations.confirm(theirs.id, CAT)


async def test_a_stranger_cannot_reject(step: Step) -> None:
    shown = await step.propose()

    with pytest.raises(NotAllowed, match="Only the person who asked or the platform team"):
        await step.confirmations.reject(shown.id, STRANGER)

    assert (await step.confirmations.reject(shown.id, ADMIN)).state == "cancelled"


async def test_a_change_can_be_withdrawn_until_it_runs(step: Step) -> None:
    shown = await step.propose()
    await step.confirmations.confirm(shown.id, ANN)

    assert (await step.confirmations.reject(shown.id, ANN)).state == "cancelled"


@pytest.mark.parametrize("state", [State.APPLYING, State.VERIFYING, State.SUCCEEDED, State.FAILED])
async def test_what_was_begun_can_be_neither_confirmed_nor_withdrawn(step: Step, state: State) -> None:
    shown = await step.propose()
    async with step.database.write() as connection:
        await connection.execute(update(proposals).values(state=state.value))

    async def both() -> list[PersonError]:
        errors = []
        for click in (step.confirmations.confirm, step.confirmations.reject):
            try:
                await click(shown.id, ANN)
            except ProposalNotPending as error:
                errors.append(error)
        return errors

    assert len(await both()) == 2
    assert (await step.confirmations.get(shown.id)).state == state.value


async def test_people_see_what_waits_for_them(step: Step) -> None:
    mine = await step.propose(plan=make_plan(name="a"))
    theirs = await step.propose(BOB, plan=make_plan(name="b", tier="prod"))
    await step.confirmations.confirm(theirs.id, BOB)

    def ids(views: tuple[ProposalView, ...]) -> list[str]:
        return [one.id for one in views]

    assert ids(await step.confirmations.pending(ANN)) == [mine.id, theirs.id]
    assert ids(await step.confirmations.pending(BOB)) == []
    assert ids(await step.confirmations.pending(thread="cli:a")) == [mine.id, theirs.id]
    assert ids(await step.confirmations.pending(thread="cli:other")) == []


async def test_a_freeze_that_began_meanwhile_does_not_change_who_may_click(step: Step) -> None:
    shown = await step.propose(plan=make_plan(tier="prod"))
    frozen = Step(step.database, policy=make_policy(freeze=True))

    assert (await frozen.confirmations.confirm(shown.id, ANN)).state == "awaiting_approval"


async def test_a_taken_id_is_replaced(step: Step) -> None:
    first = await step.propose(thread="a")
    again = Step(step.database)

    second = await again.propose(thread="b")

    assert (first.id, second.id) == ("p-1", "p-2")


async def test_errors_of_planning_reach_the_caller(step: Step) -> None:
    class Refusing(type(step.world)):  # type: ignore[misc]
        async def plan_it(self, _args: object, /) -> object:
            raise Forbidden("You may not patch deployments.", "patch deployments in shop")

    step.world = Refusing()

    with pytest.raises(Forbidden):
        await step.propose()


async def offline_in_prod(step: Step) -> ProposalView:
    """Needs two others: one of shop, one of the platform team."""
    shown = await step.propose(plan=make_plan(tier="prod", replicas=0))
    return await step.confirmations.confirm(shown.id, ANN)


async def test_a_quorum_of_roles_waits_for_each_role(step: Step) -> None:
    shown = await offline_in_prod(step)

    first = await step.confirmations.confirm(shown.id, BOB)
    second = await step.confirmations.confirm(shown.id, CAT)
    last = await step.confirmations.confirm(shown.id, ADMIN)

    assert shown.approver == (
        "Ann, then 2 other people of shop or the platform team, at least one of shop and one of the platform team"
    )
    assert shown.progress == "0 of 2 approvals, still one of shop and one of the platform team"
    assert first.progress == "1 of 2 approvals, still one of the platform team"
    assert second.progress == "2 of 2 approvals, still one of the platform team"
    assert (first.state, second.state, last.state) == ("awaiting_approval", "awaiting_approval", "approved")


async def test_a_denial_needs_a_reason(step: Step) -> None:
    shown = await offline_in_prod(step)

    with pytest.raises(PersonError, match="Say why you deny"):
        await step.confirmations.reject(shown.id, BOB, reason=" ")

    assert (await step.confirmations.get(shown.id)).state == "awaiting_approval"


async def test_as_many_denials_as_the_limits_ask_for_end_it(database: Database) -> None:
    step = Step(database, policy=make_policy(denials=2))
    shown = await offline_in_prod(step)

    first = await step.confirmations.reject(shown.id, BOB, reason="No.")
    with pytest.raises(ProposalNotPending, match=r"You denied p-1 already\. It ends with 1 more"):
        await step.confirmations.reject(shown.id, BOB, reason="No!")
    second = await step.confirmations.reject(shown.id, CAT, reason="Not today.")

    assert (first.state, second.state, second.outcome) == ("awaiting_approval", "denied", "Not today.")
    assert await states(step, shown.id) == ["proposed", "awaiting_approval", "denial_added", "denied"]


async def test_the_glass_is_broken_with_an_incident_and_a_reason_on_record(step: Step) -> None:
    shown = await offline_in_prod(step)

    broken = await step.confirmations.break_glass(shown.id, ADMIN, incident="INC-1", reason="It melts.")

    assert broken.state == "approved"
    assert broken.broken_glass == "Pia broke the glass for INC-1: It melts."
    records = await step.audit.of(shown.id)
    assert records[-1].event["data"]["broken_glass"] == {
        "by": {"id": ADMIN.id, "kind": "person", "user": ADMIN.user},
        "incident": "INC-1",
        "reason": "It melts.",
    }


@pytest.mark.parametrize(("incident", "reason"), [("", "It melts."), ("INC-1", " ")])
async def test_the_glass_stays_whole_without_incident_or_reason(step: Step, incident: str, reason: str) -> None:
    shown = await offline_in_prod(step)

    with pytest.raises(PersonError, match="needs the incident and a reason"):
        await step.confirmations.break_glass(shown.id, ADMIN, incident=incident, reason=reason)


async def test_an_owner_who_is_not_on_call_breaks_no_glass(step: Step) -> None:
    shown = await offline_in_prod(step)

    with pytest.raises(NotAllowed, match="who is on call"):
        await step.confirmations.break_glass(shown.id, BOB, incident="INC-1", reason="It melts.")

    assert await states(step, shown.id) == ["proposed", "awaiting_approval", "refused"]


async def test_in_a_freeze_the_platform_team_confirms_by_breaking_the_glass_only(database: Database) -> None:
    step = Step(database, policy=make_policy(freeze=True))
    shown = await step.propose(ADMIN, plan=make_plan(tier="prod"))

    with pytest.raises(NotAllowed, match="A change freeze is active"):
        await step.confirmations.confirm(shown.id, ADMIN)
    broken = await step.confirmations.break_glass(shown.id, ADMIN, incident="INC-1", reason="It melts.")

    assert "--break-glass" in shown.reasons[0]
    assert broken.state == "approved"


async def test_approvers_are_reminded_then_the_platform_team_is_asked_then_all_again(step: Step) -> None:
    shown = await offline_in_prod(step)
    told = []

    for hours in (1, 1, 1, 1, 4, 1):
        step.clock.forward(hours=hours)
        for proposal_id, stage in await step.confirmations.due_reminders(step.clock()):
            told.append(await step.confirmations.remind(proposal_id, stage))

    assert [(one.stage, one.escalated) for one in told if one] == [(1, False), (2, True), (3, True)]
    kinds = ["proposed", "awaiting_approval", "reminded", "escalated", "reminded"]
    assert await states(step, shown.id) == kinds


async def test_reminders_missed_while_nobody_served_are_told_as_one(step: Step) -> None:
    await offline_in_prod(step)
    step.clock.forward(hours=9)

    due = await step.confirmations.due_reminders(step.clock())

    assert due == (("p-1", 3),)
    assert (await step.confirmations.remind(*due[0])).escalated


async def test_a_reminder_that_is_told_again_after_a_crash_is_on_record_once(step: Step) -> None:
    shown = await offline_in_prod(step)
    step.clock.forward(hours=2)

    told = [await step.confirmations.remind(shown.id, 1) for _ in range(2)]

    assert all(told)
    assert (await states(step, shown.id)).count("reminded") == 1


async def test_what_is_decided_reminds_nobody(step: Step) -> None:
    shown = await offline_in_prod(step)
    step.clock.forward(hours=2)
    await step.confirmations.reject(shown.id, BOB, reason="No.")

    assert await step.confirmations.due_reminders(step.clock()) == ()
    assert await step.confirmations.remind(shown.id, 1) is None
