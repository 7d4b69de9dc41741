import csv

import orjson
import pytest

from assistant.confirmation.export import COLUMNS, csv_lines, json_lines
from assistant.confirmation.story import story
from assistant.storage.engine import Database
from tests.builders.changes import NOON, Movable, Step, make_person, make_plan


@pytest.fixture
async def done(database: Database) -> Step:
    """A production change that was asked for, approved, applied and seen healthy."""
    step = Step(database, clock=Movable())
    shown = await step.propose(plan=make_plan(tier="prod", summary="=HYPERLINK(1)"))
    for name in ("ann", "bob"):
        step.clock.forward(minutes=1)
        await step.confirmations.confirm(shown.id, make_person(name))
    change = step.change()
    for act in (change.claim, change.apply, change.verify, change.finish):
        await act(shown.id)
    return step


async def test_the_story_of_a_change_has_who_what_when_and_by_which_rule(done: Step) -> None:
    told = "\n".join(story(await done.audit.of("p-1")))

    assert "call       restart_workload(environment='prod', workload='checkout')" in told
    assert "proposed   by the model rules, prompt ab12" in told
    assert "2026-03-02 12:01:00 UTC  #2  user:default/ann confirmed it; it waited for approval" in told
    assert "2026-03-02 12:02:00 UTC  #3  user:default/bob let it run" in told
    assert "rules      four-eyes-in-prod" in told
    assert "cluster    Kubernetes audit ids audit-1" in told
    assert told.endswith("why        Done, and healthy: 3 of 3 ready. a restart cannot be taken back")


def test_nothing_is_told_of_what_is_not_on_record() -> None:
    assert list(story(())) == []


async def test_an_export_begins_where_it_is_asked_to(done: Step) -> None:
    lines = [line async for line in json_lines(done.audit.since(NOON.replace(minute=2)))]

    assert [orjson.loads(line)["seq"] for line in lines] == [3, 4, 5, 6]


async def test_a_spreadsheet_gets_a_heading_and_runs_no_cell(done: Step) -> None:
    rows = list(csv.reader([line async for line in csv_lines(done.audit.since(None))]))

    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 7
    assert {row[COLUMNS.index("summary")] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert rows[-1][COLUMNS.index("kubernetes_audit_ids")] == "audit-1"
