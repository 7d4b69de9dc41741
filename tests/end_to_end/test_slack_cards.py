"""What can be done with a confirmation card beside confirming it."""

import pytest

from assistant.slack.blocks.cards import CONFIRM, DENY, EDIT
from assistant.slack.blocks.denial import REASON
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


async def card_for(bot, person, request):
    person.mention(request, "shop")
    return await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT)


async def refusals(bot):
    return [one for one in await bot.app.audit.tail(50) if one.event["type"] == "infra-assistant.control.refused.v1"]


async def test_edited_arguments_make_a_new_plan_that_replaces_the_old_one(bot):
    alice = bot.slack.as_user("alice")

    old = await card_for(bot, alice, "scale frontend to 3 in staging")
    await alice.click(old, EDIT)
    await bot.slack.wait_for(lambda: alice.modal, timeout=TIMEOUT)
    sent = await alice.submit({"arg.replicas": "4"})
    new = await bot.slack.wait_for_message("from 2 to 4 replicas", timeout=TIMEOUT)
    await bot.slack.wait_for_message("Superseded", timeout=TIMEOUT)
    await alice.click(new, CONFIRM)
    await bot.slack.wait_for_message("Done, and healthy", timeout=TIMEOUT)

    assert sent.acked
    assert len(bot.cluster.mutations()) == 1


async def test_arguments_out_of_range_are_refused_in_the_form(bot):
    alice = bot.slack.as_user("alice")

    card = await card_for(bot, alice, "scale frontend to 3 in staging")
    await alice.click(card, EDIT)
    await bot.slack.wait_for(lambda: alice.modal, timeout=TIMEOUT)
    sent = await alice.submit({"arg.workload": "frontend", "arg.environment": "x" * 63, "arg.replicas": "3"})

    assert sent.acked
    await bot.slack.wait_for(
        lambda: len(alice.sees("shop")) > len(bot.slack.as_user("bob").sees("shop")), timeout=TIMEOUT
    )
    assert bot.cluster.mutations() == []


async def test_only_who_asked_may_edit(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")

    card = await card_for(bot, alice, "scale frontend to 3 in staging")
    await bob.click(card, EDIT)
    await bot.slack.wait_for(lambda: "can edit it" in bot.slack.transcript("shop", viewer="bob"), timeout=TIMEOUT)

    assert bob.modal is None


async def test_approvers_get_the_card_and_their_decision_is_shown_everywhere(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")

    card = await card_for(bot, alice, "restart frontend in production")
    await alice.click(card, CONFIRM)
    asked = await bot.slack.wait_for(
        lambda: [one for one in bob.sees() if "asks for your approval" in str(one.blocks)], timeout=TIMEOUT
    )
    await bob.click(asked[0], CONFIRM)
    await bot.slack.wait_for_message("Done, and healthy", timeout=TIMEOUT)
    await bot.slack.wait_for(lambda: "Done" in str(bob.sees()[-1].blocks), timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 1
    assert CONFIRM not in str(bob.sees()[-1].blocks)


async def test_a_denial_needs_its_reason_and_says_it_in_the_thread(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")

    card = await card_for(bot, alice, "restart frontend in production")
    await alice.click(card, CONFIRM)
    waiting = await bot.slack.wait_for_message("another person's approval until", channel="shop", timeout=TIMEOUT)
    await bob.click(waiting, DENY)
    await bot.slack.wait_for(lambda: bob.modal, timeout=TIMEOUT)
    sent = await bob.submit({REASON: "Not during the sale."})
    await bot.slack.wait_for_message("Not during the sale.", channel="shop", timeout=TIMEOUT)

    assert sent.acked
    assert bot.cluster.mutations() == []


async def test_unknown_stale_and_forged_controls_do_nothing_and_are_on_record(bot):
    alice = bot.slack.as_user("alice")

    card = await card_for(bot, alice, "restart frontend in staging")
    where = {"channel": {"id": card.channel}, "message": {"ts": card.ts}}
    await alice.forge_action({"action_id": "rm -rf", "value": "x"}, **where)
    await alice.forge_action({"action_id": CONFIRM, "value": "nonsense"}, **where)
    await alice.forge_action({"action_id": CONFIRM, "value": "p-aaaaa:" + "0" * 64}, **where)
    await bot.slack.wait_for(
        lambda: "no proposal p-aaaaa" in bot.slack.transcript("shop", viewer="alice"), timeout=TIMEOUT
    )

    assert {one.event["data"]["control"] for one in await refusals(bot)} == {"rm -rf", CONFIRM}
    assert len(await refusals(bot)) == 3
    assert bot.cluster.mutations() == []
