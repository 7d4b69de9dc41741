import ast
from datetime import timedelta
from pathlib import Path

import pytest

import assistant
import tools
from assistant.confirmation.proposal import (
    TRANSITIONS,
    Proposal,
    State,
    Windows,
    confirmed,
    plan_hash,
    random_id,
)
from tests.builders.changes import NOON, make_person, make_plan
from tools.contract import Precondition

TERMINAL = {State.SUCCEEDED, State.FAILED, State.DENIED, State.CANCELLED, State.EXPIRED, State.SUPERSEDED}


def make_proposal(state: State = State.APPLYING) -> Proposal:
    plan = make_plan()
    return Proposal(
        id="p-1",
        state=state,
        action="workload.restart",
        thread="cli:a",
        plan=plan,
        plan_hash=plan_hash(plan, "policy"),
        policy_hash="policy",
        requester=make_person(),
        created_at=NOON,
        expires_at=NOON + timedelta(minutes=15),
        changed_at=NOON,
    )


def test_only_a_claimed_change_with_its_own_plan_is_confirmed() -> None:
    licence = confirmed(make_proposal())

    assert (licence.plan, licence.change_id) == (make_plan(), "p-1")


@pytest.mark.parametrize("state", [state for state in State if state is not State.APPLYING])
def test_no_other_state_gives_a_licence_to_apply(state: State) -> None:
    with pytest.raises(ValueError, match="p-1"):
        confirmed(make_proposal(state))


def test_a_changed_plan_gives_no_licence() -> None:
    changed = make_proposal().model_copy(update={"plan": make_plan(patch={"spec": {"replicas": 0}})})

    with pytest.raises(ValueError, match="p-1"):
        confirmed(changed)


def test_nothing_but_proposal_py_makes_the_licence() -> None:
    makers = []
    for package in (assistant, tools):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
            names = [ast.unparse(call.value if isinstance(call, ast.Subscript) else call) for call in calls]
            makers += [f"{path.parent.name}/{path.name}" for name in names if name.split(".")[-1] == "Confirmed"]

    assert makers == ["confirmation/proposal.py"]


@pytest.mark.parametrize(
    "change",
    [
        {"patch": {"spec": {"replicas": 9}}},
        {"args": {"workload": "cart"}},
        {"version": 2},
        {"tier": "prod"},
        {"precondition": Precondition(target=make_plan().target, resource_version="8", generation=4)},
        {"target": make_plan().target.model_copy(update={"uid": "u-2"})},
    ],
)
def test_the_hash_covers_all_that_a_person_agrees_to(change: dict[str, object]) -> None:
    assert plan_hash(make_plan().model_copy(update=change), "policy") != plan_hash(make_plan(), "policy")


def test_the_hash_covers_the_policy_and_not_the_time() -> None:
    later = make_plan(planned_at=NOON + timedelta(days=1))

    assert plan_hash(make_plan(), "a") != plan_hash(make_plan(), "b")
    assert plan_hash(later, "a") == plan_hash(make_plan(), "a")


def test_ends_are_ends_and_every_other_state_leads_to_one() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == TERMINAL
    for state in State:
        reached, frontier = {state}, {state}
        while frontier:
            frontier = set().union(*(TRANSITIONS[one] for one in frontier)) - reached
            reached |= frontier
        assert reached & TERMINAL


def test_nothing_is_applied_without_having_been_approved() -> None:
    into = {state for state in State if State.APPLYING in TRANSITIONS[state]}

    assert into == {State.APPROVED}


def test_windows_differ_by_state() -> None:
    windows = Windows()

    assert windows.of(State.AWAITING_CONFIRMATION) == timedelta(minutes=15)
    assert windows.of(State.AWAITING_APPROVAL) == timedelta(hours=24)
    assert windows.of(State.APPROVED) == timedelta(minutes=30)


def test_ids_are_short_and_hardly_repeat() -> None:
    ids = {random_id() for _ in range(500)}

    assert len(ids) > 490
    assert all(len(one) == 7 for one in ids)
