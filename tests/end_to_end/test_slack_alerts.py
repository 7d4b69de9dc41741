"""Alerts are diagnosed in threads: once, quietly, boundedly."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.alerts import Alert
from assistant.settings import AlertSettings
from tests.builders.assistant_bot import running_bot

TIMEOUT = 30
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHECKOUT = {"namespace": "shop-staging", "deployment": "checkout"}


@pytest.fixture
async def bot(tmp_path):
    alerts = AlertSettings(channel="C0SHOP", account="cli:carol", wait_seconds=0.2, per_hour=2)
    async with running_bot(tmp_path, alerts=alerts) as running:
        yield running


def alert(fingerprint="f1", status="firing", **labels):
    return Alert(
        status=status, fingerprint=fingerprint, starts_at=NOW, title="KubePodCrashLooping", labels=labels or CHECKOUT
    )


def roots(bot):
    return [one for one in bot.slack.messages("shop") if ":rotating_light:" in one.text]


async def test_an_alert_is_diagnosed_in_a_thread_of_its_own_once(bot):
    await bot.work.triage.take([alert(), alert(), alert("f2", pod="checkout-7d9f6b5c4-x2x1a", **CHECKOUT)])
    answer = await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)
    await bot.work.triage.take([alert(), alert("f3")])

    assert len(roots(bot)) == 1
    assert answer.thread_ts == roots(bot)[0].ts
    assert bot.cluster.mutations() == []


async def test_what_resolves_by_itself_is_not_told(bot):
    await bot.work.triage.take([alert()])
    await bot.work.triage.take([alert(status="resolved")])
    await bot.work.triage.take([alert("f2", namespace="shop-staging", deployment="cart")])
    await bot.slack.wait_for(lambda: roots(bot), timeout=TIMEOUT)

    assert len(roots(bot)) == 1
    assert "PAYMENTS_TIMEOUT_MS" not in bot.slack.transcript("shop")


async def test_no_more_than_some_per_hour_and_the_limit_is_said_once(bot):
    await bot.work.triage.take([alert(f"f{number}", deployment=f"d{number}") for number in range(6)])

    await bot.slack.wait_for_message("I look at no further ones", timeout=TIMEOUT)

    assert len(roots(bot)) == 2
    assert bot.slack.transcript("shop").count("I look at no further ones") == 1


async def test_an_alert_that_a_bot_posts_is_diagnosed_in_its_thread(bot):
    told = bot.slack.post_as_bot("alertmanager", "shop", "[FIRING] namespace=shop-staging deployment=checkout")

    answer = await bot.slack.wait_for_message("PAYMENTS_TIMEOUT_MS", timeout=TIMEOUT)

    assert answer.thread_ts == told.ts


async def test_what_waits_when_the_process_ends_is_begun_then(bot):
    soon = bot.work.triage.rules
    bot.work.triage.rules = type(soon)(soon.channel, soon.account, timedelta(hours=1), soon.per_hour)
    await bot.work.triage.take([alert()])

    await bot.work.triage.__aexit__(None, None, None)

    assert len(roots(bot)) == 1
