"""What Slack does to an app, and what the assistant makes of it."""

import pytest

from assistant.slack.blocks.cards import CONFIRM
from evals.emulators.slack.faults import rate_limited
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


def answers(bot, channel="shop"):
    return [one for one in bot.slack.messages(channel) if one.user == "U0BOT" and "owned by" in str(one.blocks)]


async def test_a_question_asked_while_all_sockets_are_gone_is_answered_once(bot):
    alice = bot.slack.as_user("alice")

    await bot.slack.socket.drop()
    alice.mention("who owns cart?", "shop")
    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)

    assert len(answers(bot)) == 1


async def test_a_refresh_of_a_socket_loses_nothing(bot):
    alice = bot.slack.as_user("alice")

    await bot.slack.socket.disconnect("refresh_requested")
    for _ in range(3):
        alice.mention("who owns cart?", "shop")
    await bot.slack.wait_for(lambda: len(answers(bot)) == 3, timeout=TIMEOUT)


async def test_an_answer_waits_out_a_rate_limit(bot):
    bot.slack.faults.add("chat.postMessage", rate_limited(1), times=2)

    bot.slack.as_user("alice").mention("who owns cart?", "shop")
    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)

    assert len(answers(bot)) == 1


async def test_in_a_channel_shared_with_others_it_does_not_answer(bot):
    bot.slack.add_channel("partners", ["alice"], shared=True)
    alice = bot.slack.as_user("alice")

    alice.mention("who owns cart?", "partners")
    await bot.slack.wait_for(
        lambda: "shared with another" in bot.slack.transcript("partners", viewer="alice"), timeout=30
    )

    assert answers(bot, "partners") == []


async def test_a_guest_of_another_organisation_is_refused(bot):
    bot.slack.add_user("eve", id="U0ALICEX", team_id="T9OTHER")
    bot.slack.state.channel_named("shop").members.append("U0ALICEX")

    bot.slack.as_user("eve").mention("restart frontend in staging", "shop")
    await bot.slack.wait_for_message("I do not know you", timeout=TIMEOUT)

    assert bot.cluster.mutations() == []


async def test_edits_and_deletions_are_no_new_questions(bot):
    alice = bot.slack.as_user("alice")

    asked = alice.mention("who owns cart?", "shop")
    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)
    alice.edit(asked, "<@U0BOT> restart frontend in staging")
    alice.mention("who owns checkout?", "shop")
    await bot.slack.wait_for(lambda: len(answers(bot)) == 2, timeout=TIMEOUT)

    assert CONFIRM not in str([one.blocks for one in bot.slack.messages("shop")])


async def test_a_renamed_channel_stays_the_same_conversation(bot):
    alice = bot.slack.as_user("alice")

    asked = alice.mention("why is checkout failing in staging?", "shop")
    await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)
    bot.slack.rename_channel("shop", "store")
    alice.reply(asked, "and in production?")

    await bot.slack.wait_for_message("checkout is healthy in shop-production", timeout=TIMEOUT)


async def test_an_invitation_is_greeted_once_and_briefly(bot):
    bot.slack.add_channel("ops", ["alice"], bot=False)

    bot.slack.as_user("alice").invite_bot("ops")
    greeting = await bot.slack.wait_for_message("Mention me with a question", timeout=TIMEOUT)

    assert greeting.thread_ts is None


async def test_being_removed_is_taken_without_a_word(bot):
    bot.slack.uninstall()

    await bot.slack.wait_for(
        lambda: {one.event_type for one in bot.slack.deliveries if one.ack} >= {"app_uninstalled", "tokens_revoked"},
        timeout=TIMEOUT,
    )
