"""From a mention to a verified change, with nothing replaced but the systems at the other end of the wire."""

import asyncio

import pytest

from assistant.slack.blocks.cards import CANCEL, CONFIRM, UNDO
from assistant.slack.blocks.turns import ACTION, EVIDENCE
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


async def test_a_mention_is_answered_with_the_cause_and_its_evidence(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("why is checkout failing in staging?", "shop")
    answer = await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS is not a number", timeout=TIMEOUT)
    await alice.click(answer, EVIDENCE)
    await bot.slack.wait_for(lambda: alice.modal, timeout=TIMEOUT)

    assert "Confirmed" in bot.slack.transcript("shop")
    assert "exit code 1" in str(alice.modal)


async def test_a_restart_is_shown_confirmed_applied_once_and_reported(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    before = len(bot.cluster.mutations())
    await alice.click(card, CONFIRM)
    await bot.slack.wait_for_message("healthy", timeout=TIMEOUT)

    changed = bot.cluster.mutations()[before:]
    assert [(request.method, request.path.rpartition("/")[2]) for request in changed] == [("PATCH", "frontend")]
    assert changed[0].impersonated_user == "alice@example.com"
    assert "Undo" in bot.slack.transcript("shop")


async def test_ten_clicks_at_once_apply_the_change_once(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    async with asyncio.TaskGroup() as clicks:
        for _ in range(10):
            clicks.create_task(alice.click(card, CONFIRM, stale=True))
    await bot.slack.wait_for_message("healthy", timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 1


async def test_a_suggested_action_becomes_a_proposal_like_any_other(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("why is checkout failing in staging?", "shop")
    answer = await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS is not a number", timeout=TIMEOUT)
    await alice.click(answer, f"{ACTION}.0")
    card = await bot.slack.wait_for_message("Waits for confirmation until", timeout=TIMEOUT)
    assert bot.cluster.mutations() == []
    await alice.click(card, CONFIRM)
    await bot.slack.wait_for_message("Done, and healthy", timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 1


async def test_what_is_cancelled_changes_nothing(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    await alice.click(card, CANCEL)
    await bot.slack.wait_for_message("Cancelled", timeout=TIMEOUT)

    assert bot.cluster.mutations() == []


async def test_a_colleague_cannot_confirm_what_somebody_else_asked_for(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")

    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    await bob.click(card, CONFIRM)
    await bot.slack.wait_for(lambda: len(bob.sees("shop")) > len(alice.sees("shop")), timeout=TIMEOUT)

    assert bot.cluster.mutations() == []


async def test_production_needs_a_second_person(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")

    alice.mention("restart frontend in production", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    await alice.click(card, CONFIRM)
    waiting = await bot.slack.wait_for_message("another person's approval until", timeout=TIMEOUT)
    assert bot.cluster.mutations() == []
    await bob.click(waiting, CONFIRM)
    await bot.slack.wait_for_message("healthy", timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 1


async def test_a_change_is_undone_by_one_more_confirmation(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("scale frontend to 3 in staging", "shop")
    card = await bot.slack.wait_for_message("Scale frontend", timeout=TIMEOUT)
    await alice.click(card, CONFIRM)
    outcome = await bot.slack.wait_for_message("Undo: ", timeout=TIMEOUT)
    await alice.click(outcome, UNDO)
    back = await bot.slack.wait_for_message("from 3 to 2 replicas", timeout=TIMEOUT)
    await alice.click(back, CONFIRM)
    await bot.slack.wait_for(lambda: len(bot.cluster.mutations()) == 2, timeout=TIMEOUT)


async def test_somebody_unknown_is_told_whom_to_ask(bot):
    bot.slack.as_user("mallory").mention("restart frontend in staging", "shop")

    await bot.slack.wait_for_message("carol of the platform team", timeout=TIMEOUT)

    assert bot.cluster.mutations() == []


async def test_a_follow_up_in_the_thread_needs_no_mention(bot):
    alice = bot.slack.as_user("alice")

    first = alice.mention("why is checkout failing in staging?", "shop")
    await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)
    alice.reply(first, "and in production?")

    await bot.slack.wait_for_message("checkout is healthy in shop-production", timeout=TIMEOUT)


async def test_an_event_that_slack_sends_twice_is_answered_once(bot):
    bot.slack.outbox.copies = 2

    bot.slack.as_user("alice").mention("who owns cart?", "shop")
    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)

    assert len([message for message in bot.slack.messages("shop") if "owned by" in message.text]) == 1


async def test_the_command_opens_a_thread_and_answers_there(bot):
    alice = bot.slack.as_user("alice")

    await alice.command("/infra", "who owns cart?", channel="shop")

    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)


async def test_a_forged_button_does_nothing(bot):
    alice = bot.slack.as_user("alice")

    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Restart frontend", timeout=TIMEOUT)
    where = {"channel": {"id": card.channel}, "message": {"ts": card.ts}}
    await alice.forge_action({"action_id": CONFIRM, "value": "p-aaaaa:" + "0" * 64}, **where)
    await bot.slack.wait_for(lambda: len(bot.slack.messages("shop", viewer="alice")) > 3, timeout=TIMEOUT)

    assert bot.cluster.mutations() == []
