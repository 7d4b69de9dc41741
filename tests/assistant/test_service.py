"""What every channel relies on, at the use cases themselves."""

import pytest

from assistant.bootstrap.app import open_app
from assistant.conversation import Message
from assistant.errors import PersonError, ProposalNotPending
from tests.builders.assistant_bot import embedded_cluster
from tools.clock import system_clock


def message(text: str, *, id_: str = "m-1", account: str = "cli:alice") -> Message:
    return Message(id=id_, thread="cli:alice:t", account=account, text=text, received_at=system_clock())


@pytest.fixture
async def shop(tmp_path):
    async with embedded_cluster(tmp_path) as (cluster, settings), open_app(settings) as app:
        yield cluster, app.service


async def test_the_same_message_is_answered_once(shop):
    cluster, service = shop
    first = await service.handle(message("who owns cart?"))
    asked = len(cluster.requests)

    again = await service.handle(message("who owns cart?"))

    assert again == first
    assert len(cluster.requests) == asked


async def test_a_turn_is_kept_with_its_evidence_for_people_it_knows(shop):
    _cluster, service = shop
    turn = await service.handle(message("why is cart failing in staging?"))

    kept = await service.turn_for(turn.id, "cli:bob")

    assert kept.evidence == turn.evidence
    with pytest.raises(PersonError):
        await service.turn_for(turn.id, "cli:mallory")


async def test_every_cluster_call_is_made_as_the_person_who_asked(shop):
    cluster, service = shop

    await service.handle(message("why is cart failing in staging?"))

    people = {request.impersonated_user for request in cluster.requests if request.path != "/version"}
    assert people == {"alice@example.com"}
    assert {request.impersonated_groups for request in cluster.requests} == {("shop",)}


async def test_what_waits_is_shown_to_those_who_may_decide(shop):
    _cluster, service = shop
    turn = await service.handle(message("restart products in production"))
    (proposal,) = turn.proposals

    assert [view.id for view in await service.waiting_for("cli:alice")] == [proposal.id]
    await service.confirm(proposal.id, "cli:alice", plan_hash=proposal.plan_hash)
    assert [view.id for view in await service.waiting_for("cli:bob")] == [proposal.id]


async def test_another_plan_than_the_one_shown_is_not_confirmed(shop):
    _cluster, service = shop
    turn = await service.handle(message("restart products in staging"))

    with pytest.raises(PersonError):
        await service.confirm(turn.proposals[0].id, "cli:alice", plan_hash="0" * 64)


async def test_what_was_not_applied_cannot_be_undone(shop):
    _cluster, service = shop
    turn = await service.handle(message("scale products to 3 in staging"))

    with pytest.raises(ProposalNotPending):
        await service.undo(turn.proposals[0].id, "cli:alice")


async def test_words_never_confirm(shop):
    cluster, service = shop
    await service.handle(message("restart products in staging"))

    for number, words in enumerate(("yes", "confirm", "do it", "I approve, apply it now")):
        await service.handle(message(words, id_=f"m-{number + 2}"))

    assert cluster.mutations() == []
