"""While a turn runs: what the thread shows, and the Stop button."""

import pytest

from assistant.slack.blocks.cards import CONFIRM
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


def status(bot, message):
    session = bot.slack.state.sessions.get((message.channel, message.root_ts))
    return session.status if session else None


async def test_a_slow_turn_shows_its_session_and_steps_and_ends_as_one_message(bot):
    alice = bot.slack.as_user("alice")
    bot.cluster.faults.latency(2.0, r"/pods", times=1)

    asked = alice.mention("why is checkout failing in staging?", "shop")
    await bot.slack.wait_for(lambda: status(bot, asked) == "processing", timeout=TIMEOUT)
    await bot.slack.wait_for(lambda: bot.slack.find("Diagnosing checkout"), timeout=TIMEOUT)
    await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)
    await bot.slack.wait_for(lambda: status(bot, asked) == "active", timeout=TIMEOUT)

    replies = [one for one in bot.slack.state.replies(asked.channel, asked.ts) if one.user == "U0BOT"]
    assert len(replies) == 1


async def test_stop_ends_the_run_and_nothing_is_answered(bot):
    alice = bot.slack.as_user("alice")
    bot.cluster.faults.latency(20.0, r"/pods", times=50)

    asked = alice.mention("why is checkout failing in staging?", "shop")
    await bot.slack.wait_for(lambda: bot.slack.find("Diagnosing checkout"), timeout=TIMEOUT)
    alice.stop(asked)
    await bot.slack.wait_for_message("Stopped by", timeout=TIMEOUT)
    await bot.slack.wait_for(lambda: status(bot, asked) == "active", timeout=TIMEOUT)

    assert "PAYMENTS_TIMEOUT_MS" not in bot.slack.transcript("shop")


async def test_stop_cancels_what_waits_in_the_thread(bot):
    alice = bot.slack.as_user("alice")

    asked = alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT)
    await bot.slack.wait_for(lambda: status(bot, asked) == "suspended", timeout=TIMEOUT)
    bot.cluster.faults.latency(20.0, r"/pods", times=50)
    alice.reply(asked, "why is checkout failing in staging?")
    await bot.slack.wait_for(lambda: bot.slack.find("Diagnosing checkout"), timeout=TIMEOUT)
    alice.stop(asked)
    ended = await bot.slack.wait_for_message("Cancelled by", timeout=TIMEOUT)

    assert ended.ts == card.ts
    assert bot.cluster.mutations() == []


async def test_a_decided_card_gives_its_session_back(bot):
    alice = bot.slack.as_user("alice")

    asked = alice.mention("restart frontend in staging", "shop")
    card = await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT)
    await alice.click(card, CONFIRM)

    await bot.slack.wait_for(lambda: status(bot, asked) == "active", timeout=TIMEOUT)
