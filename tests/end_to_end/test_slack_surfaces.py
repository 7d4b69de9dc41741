"""Ways in beside a mention: the message shortcut and the subcommands."""

import pytest

from assistant.slack.listeners.shortcuts import DIAGNOSE
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


async def test_an_alert_is_diagnosed_in_its_thread_on_request(bot):
    alice = bot.slack.as_user("alice")

    alert = bot.slack.post_as_bot(
        "alertmanager", "shop", "KubePodCrashLooping namespace=shop-staging deployment=checkout"
    )
    await alice.message_shortcut(alert, DIAGNOSE)
    answer = await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)

    assert answer.thread_ts == alert.ts


async def test_a_message_nobody_asked_about_is_left_alone(bot):
    alert = bot.slack.post_as_bot("alertmanager", "shop", "checkout is down <@U0BOT>")
    bot.slack.as_user("alice").mention("who owns cart?", "shop")
    await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)

    assert [one for one in bot.slack.state.replies(alert.channel, alert.ts) if one.user == "U0BOT"] == []


async def test_the_status_of_a_proposal_is_told_privately(bot):
    alice = bot.slack.as_user("alice")
    alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT)
    proposal = str(card.blocks[-1]).rpartition("· ")[2].partition("'")[0]

    await alice.command("/infra", f"status {proposal}", channel="shop")
    await bot.slack.wait_for(lambda: "asked by Alice" in bot.slack.transcript("shop", viewer="alice"), timeout=TIMEOUT)

    assert "asked by Alice" not in bot.slack.transcript("shop", viewer="bob")


async def test_the_status_of_no_proposal_is_said(bot):
    alice = bot.slack.as_user("alice")

    await alice.command("/infra", "status p-zzzzz", channel="shop")

    await bot.slack.wait_for(
        lambda: "no proposal p-zzzzz" in bot.slack.transcript("shop", viewer="alice"), timeout=TIMEOUT
    )
