"""Thumbs below an answer, and where opinions end."""

import asyncio

import pytest

from assistant.slack.blocks.feedback import FEEDBACK, WANTED, WRONG
from assistant.storage.feedback import FeedbackBox
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


async def completed(box, turn):
    """The opinion with its comment: it is stored after the form was acknowledged."""
    async with asyncio.timeout(TIMEOUT):
        while not (found := [one for one in await box.of(turn) if one.comment]):
            await asyncio.sleep(0.01)
    return found[0]


async def answer_to(bot, person, question):
    asked = person.mention(question, "shop")
    answer = await bot.slack.wait_for_message("owned by", timeout=TIMEOUT)
    return answer, f"slack:T0SHOP:{asked.channel}:{asked.ts}"


async def test_a_thumb_up_is_kept_with_the_answer(bot):
    alice, box = bot.slack.as_user("alice"), FeedbackBox(bot.app.database)

    answer, turn = await answer_to(bot, alice, "who owns cart?")
    await alice.click(answer, FEEDBACK, choice=f"good:{turn}")
    await bot.slack.wait_for(lambda: "Thank you" in bot.slack.transcript("shop", viewer="alice"), timeout=TIMEOUT)

    assert [(one.account, one.value) for one in await box.of(turn)] == [("slack:T0SHOP:U0ALICE", "good")]


async def test_a_thumb_down_asks_two_questions_and_keeps_the_replies(bot):
    alice, box = bot.slack.as_user("alice"), FeedbackBox(bot.app.database)

    answer, turn = await answer_to(bot, alice, "who owns cart?")
    await alice.click(answer, FEEDBACK, choice=f"bad:{turn}")
    await bot.slack.wait_for(lambda: alice.modal, timeout=TIMEOUT)
    sent = await alice.submit({WRONG: "no_help", WANTED: "the on-call person"})

    assert sent.acked
    opinion = await completed(box, turn)
    assert (opinion.value, opinion.comment) == ("bad", "no_help: the on-call person")


async def test_a_stranger_has_no_opinion(bot):
    alice, mallory = bot.slack.as_user("alice"), bot.slack.as_user("mallory")

    answer, turn = await answer_to(bot, alice, "who owns cart?")
    await mallory.click(answer, FEEDBACK, choice=f"good:{turn}")
    await bot.slack.wait_for(lambda: "I do not know you" in bot.slack.transcript("shop", viewer="mallory"), timeout=30)

    assert await FeedbackBox(bot.app.database).of(turn) == []
