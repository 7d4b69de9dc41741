"""The real Bolt app behind a request URL: signatures, form bodies, retries."""

import asyncio

import pytest
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from evals.emulators.slack.outbox import Failure
from tests.builders.slack_bot import client_for, make_workspace, served
from tests.builders.slack_views import make_card


async def noop() -> None:
    """Acknowledges what a test does not look at."""


def app_for(workspace, secret: str | None = None) -> AsyncApp:
    return AsyncApp(client=client_for(workspace), signing_secret=secret or workspace.app.signing_secret)


async def test_signed_events_clicks_and_commands_reach_the_app() -> None:
    async with make_workspace() as workspace:
        bolt = app_for(workspace)
        bolt.event("message")(noop)

        @bolt.event("app_mention")
        async def propose(event, say):
            await say(text="Restart checkout?", blocks=make_card("p-7"), thread_ts=event["ts"])

        @bolt.action("confirm")
        async def confirm(ack, action, respond):
            await ack()
            await respond(f"done {action['value']}", replace_original=True)

        @bolt.command("/infra")
        async def run(ack, command):
            await ack({"text": f"help for {command['text']}"})

        async with served(workspace, bolt):
            alice = workspace.as_user("alice")
            alice.mention("restart", "shop")
            card = await workspace.wait_for_message("Restart checkout?")
            await alice.click(card, "confirm")
            await workspace.wait_for(lambda: card.text == "done p-7")
            await alice.command("/infra", "me", "shop")

        assert card.blocks == []
        assert workspace.messages("shop", "alice")[-1].text == "help for me"


async def test_a_request_url_with_another_secret_fails_its_handshake() -> None:
    async with make_workspace() as workspace:
        with pytest.raises(ValueError, match="challenge"):
            async with served(workspace, app_for(workspace, secret="another")):
                pass


async def test_an_event_is_sent_again_until_it_is_answered() -> None:
    async with make_workspace() as workspace:
        bolt = app_for(workspace)
        seen = []

        @bolt.use
        async def slow_at_first(req, next):  # noqa: A002  # Bolt finds arguments by name
            seen.append((req.headers.get("x-slack-retry-num"), req.headers.get("x-slack-retry-reason")))
            if len(seen) == 2:
                await asyncio.Event().wait()
            return await next()

        async with served(workspace, bolt):
            workspace.outbox.ack_seconds = 0.1
            workspace.as_user("alice").say("first has no listener, so 404", "shop")
            [delivery] = workspace.deliveries
            await workspace.wait_for(lambda: len(delivery.attempts) == 4)

        assert seen[0] == (None, None)
        assert seen[1] == (["1"], ["http_error"])
        assert seen[2] == (["2"], ["http_timeout"])
        assert delivery.attempts[1] == Failure("http_timeout")


async def test_nothing_is_sent_again_when_the_app_forbids_it() -> None:
    async with make_workspace() as workspace:
        bolt = app_for(workspace)

        @bolt.use
        async def refuse(resp):
            return BoltResponse(status=500, headers={"X-Slack-No-Retry": ["1"]})

        async with served(workspace, bolt):
            workspace.as_user("alice").say("hello", "shop")
            [delivery] = workspace.deliveries
            await workspace.wait_for(lambda: delivery.attempts)

        assert delivery.attempts == [Failure("http_error", final=True)]
