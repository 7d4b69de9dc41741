"""The Home tab and the Messages tab of one person."""

import asyncio
from datetime import UTC, datetime

import pytest

from assistant.conversation import Message
from assistant.slack.blocks.cards import CONFIRM, UNDO
from assistant.slack.home import ASK, REVIEW
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as running:
        yield running


async def home_of(bot, person, text):
    """The Home tab once it shows a text."""
    person.open_home()
    await bot.slack.wait_for(lambda: person.home and text in str(person.home.definition), timeout=TIMEOUT)
    return person.home


async def test_my_services_are_shown_with_their_health_failing_ones_first(bot):
    alice = bot.slack.as_user("alice")

    shown = str((await home_of(bot, alice, "Checkout")).definition)

    assert "shop-staging: :x: failing" in shown
    assert "shop-production: :white_check_mark: healthy" in shown
    assert shown.index("Checkout") < shown.index("Frontend")


async def test_a_skeleton_is_there_before_the_cluster_has_answered(bot):
    alice = bot.slack.as_user("alice")
    bot.cluster.faults.latency(5.0, r"/deployments", times=50)

    await home_of(bot, alice, "Reading them")


async def test_why_on_a_failing_service_is_answered_in_a_direct_message(bot):
    alice = bot.slack.as_user("alice")

    await alice.click(await home_of(bot, alice, "Checkout"), ASK, block_id=await failing_block(bot, alice))

    await bot.slack.wait_for(lambda: "PAYMENTS_TIMEOUT_MS" in str(alice.sees()), timeout=TIMEOUT)


async def failing_block(bot, person):
    blocks = person.home.blocks
    return next(one["block_id"] for one in blocks if "Checkout" in str(one) and one.get("accessory"))


async def test_what_waits_for_my_approval_is_reviewed_whole_and_decided_there(bot):
    alice, bob = bot.slack.as_user("alice"), bot.slack.as_user("bob")
    alice.mention("restart frontend in production", "shop")
    card = await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT)
    await alice.click(card, CONFIRM)
    await bot.slack.wait_for_message("another person's approval until", channel="shop", timeout=TIMEOUT)

    await bob.click(await home_of(bot, bob, "Restart frontend"), REVIEW)
    modal = await bot.slack.wait_for(lambda: bob.modal, timeout=TIMEOUT)
    await bob.click(modal, CONFIRM)
    await bot.slack.wait_for_message("Done, and healthy", channel="shop", timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 1
    assert CONFIRM not in str(bob.modal.definition)


async def test_my_recent_changes_can_be_undone(bot):
    alice = bot.slack.as_user("alice")
    alice.mention("scale frontend to 3 in staging", "shop")
    await alice.click(await bot.slack.wait_for_message("Waits for confirmation", timeout=TIMEOUT), CONFIRM)
    await bot.slack.wait_for_message("Done, and healthy", timeout=TIMEOUT)

    await alice.click(await home_of(bot, alice, "Undo: "), UNDO)

    await bot.slack.wait_for_message("from 3 to 2 replicas", channel="shop", timeout=TIMEOUT)


async def test_a_stranger_is_told_whom_to_ask(bot):
    await home_of(bot, bot.slack.as_user("mallory"), "carol of the platform team")


async def test_the_messages_tab_suggests_what_fails(bot):
    alice = bot.slack.as_user("alice")

    alice.open_messages()
    prompts = await bot.slack.wait_for(
        lambda: [one for session in bot.slack.state.sessions.values() for one in session.prompts], timeout=TIMEOUT
    )

    assert "failing in shop-staging" in prompts[0]["message"]


async def test_what_was_asked_in_a_terminal_is_undone_from_the_home_tab_in_a_direct_message(bot):
    alice, service = bot.slack.as_user("alice"), bot.app.service
    asked = Message(
        id="m-1", thread="cli:x", account="cli:alice", text="scale frontend to 3 in staging", received_at=NOW
    )
    (proposal,) = (await service.handle(asked)).proposals
    await service.confirm(proposal.id, "cli:alice")
    await bot.work.durable.start_change(proposal.id)

    await alice.click(await undo_shown(bot, alice), UNDO)
    card = await bot.slack.wait_for(
        lambda: [one for one in alice.sees() if "from 3 to 2 replicas" in str(one.blocks)], timeout=TIMEOUT
    )
    await alice.click(card[0], CONFIRM)
    await bot.slack.wait_for(lambda: "Done, and healthy" in str([one.blocks for one in alice.sees()]), timeout=TIMEOUT)

    assert len(bot.cluster.mutations()) == 2


async def undo_shown(bot, person):
    """The Home tab, opened again until the change is verified."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            await home_of(bot, person, "My recent changes")
            if UNDO in str(person.home.definition):
                return person.home
            await asyncio.sleep(0.2)
