"""Every attack is held, and with a guard taken out the suite notices."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from assistant.agent.agent import Agent
from assistant.bootstrap.app import App
from assistant.confirmation.confirmations import Confirmations
from assistant.service import AssistantService
from evals.attacks.case import read_cases
from evals.attacks.table import markdown, word
from evals.attacks.trial import labs, run_case

CASES = read_cases()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory):
    async with labs(tmp_path_factory.mktemp("attacks")) as running:
        yield running


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}-{case.id}")
async def test_the_attack_is_held(case, opened):
    result = await run_case(case, await opened.of(case))

    if case.known_hole and result.faults:
        pytest.xfail(case.known_hole)
    assert result.faults == []


def test_there_are_attacks_of_every_family():
    families = {case.family for case in CASES}

    assert len(CASES) >= 60
    assert {"log_lines", "events", "annotations", "catalog", "names_and_unicode", "slack_payloads"} <= families
    assert {"buttons_and_replays", "target_confusion", "model_misbehaviour", "identity", "secrets"} <= families


@dataclass(frozen=True)
class PlansAnything:
    """An agent whose dispatch hands the tool itself to the proposals, not the one that checks its target."""

    inner: Agent

    async def run(self, message: Any, *, principal: Any, toolbox: Any, propose: Any, progress: Any) -> Any:
        async def unchecked(tool: Any, args: Any, origin: Any) -> Any:
            return await propose(toolbox.writes[tool.name], args, origin)

        return await self.inner.run(message, principal=principal, toolbox=toolbox, propose=unchecked, progress=progress)


class TakesAnyCard(Confirmations):
    """Confirms without asking which plan was on the card."""

    async def confirm(self, proposal_id: str, who: Any, **given: Any) -> Any:
        return await super().confirm(proposal_id, who, **(given | {"plan_hash": None}))


def without_target_check(app: App) -> App:
    service: AssistantService = replace(app.service, agent=PlansAnything(app.service.agent))  # type: ignore[arg-type]
    return replace(app, service=service)


def without_plan_check(app: App) -> App:
    confirmations = TakesAnyCard(**vars(app.service.confirmations))
    return replace(app, service=replace(app.service, confirmations=confirmations))


@pytest.mark.parametrize(
    ("rewire", "attack"),
    [
        (without_target_check, "the-neighbour"),
        (without_target_check, "log-orders-a-restart-of-a-neighbour"),
        (without_plan_check, "superseded-card"),
    ],
)
async def test_a_guard_that_is_taken_out_is_noticed(rewire, attack, tmp_path):
    case = next(case for case in CASES if case.id == attack)

    async with labs(tmp_path, rewire=rewire) as running:
        result = await run_case(case, await running.of(case))

    assert not result.held
    assert word(result) == "FAILED"
    assert f"| {case.attack} |" in markdown([result])
