"""The real Bolt app in Socket Mode cannot tell the workspace from Slack."""

import asyncio

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from evals.emulators.slack.outbox import Ack, Failure
from tests.builders.slack_bot import bolt_for, connected, make_workspace
from tests.builders.slack_views import make_card, make_modal


async def noop() -> None:
    """Acknowledges what a test does not look at."""


def with_card(bolt: AsyncApp) -> None:
    """An app that answers a mention with a card whose button replaces the card."""
    bolt.event("message")(noop)

    @bolt.event("app_mention")
    async def propose(event, say):
        await say(text="Restart checkout?", blocks=make_card("p-7"), thread_ts=event["ts"])

    @bolt.action("confirm")
    async def confirm(ack, body, action, client):
        await ack()
        words = f"{action['value']} confirmed by <@{body['user']['id']}>"
        blocks = [{"type": "context", "elements": [{"type": "mrkdwn", "text": words}]}]
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="done", blocks=blocks)


async def test_a_mention_is_answered_in_its_thread() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)

        @bolt.event("app_mention")
        async def answer(event, say):
            await say(text="checking", thread_ts=event["ts"])

        async with connected(workspace, bolt):
            asked = workspace.as_user("alice").mention("why is checkout failing?", "shop")
            reply = await workspace.wait_for_message("checking")

        assert reply.thread_ts == asked.ts
        assert workspace.transcript("shop").splitlines() == [
            "alice: @infra-assistant why is checkout failing?",
            "  infra-assistant: checking",
        ]


async def test_a_mention_in_a_thread_is_two_events_with_different_ids() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        seen = []

        async def note(body):
            seen.append((body["event"]["type"], body["event_id"], body["event"]["ts"]))

        bolt.event("app_mention")(note)
        bolt.event("message")(note)

        async with connected(workspace, bolt):
            root = workspace.as_user("bob").say("deploy is done", "shop")
            workspace.as_user("alice").mention("and now?", "shop", thread=root)
            await workspace.wait_for(
                lambda: len(workspace.deliveries) == 3 and all(d.ack for d in workspace.deliveries)
            )

        replies = [row for row in seen if row[2] != root.ts]
        assert sorted(row[0] for row in replies) == ["app_mention", "message"]
        assert len({row[1] for row in replies}) == 2
        assert len({row[2] for row in replies}) == 1


async def test_a_direct_message_at_top_level_has_no_thread() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        seen = []

        @bolt.event("message")
        async def answer(event, say):
            seen.append(event)
            await say("hello")

        async with connected(workspace, bolt):
            workspace.as_user("alice").dm("hi")
            await workspace.wait_for_message("hello")

        assert seen[0]["channel_type"] == "im"
        assert "thread_ts" not in seen[0]
        assert [message.text for message in workspace.as_user("alice").sees()] == ["hi", "hello"]


async def test_a_click_is_acknowledged_and_the_message_is_replaced() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        with_card(bolt)

        async with connected(workspace, bolt):
            workspace.as_user("alice").mention("restart checkout", "shop")
            card = await workspace.wait_for_message("Restart checkout?")
            ack = await workspace.as_user("bob").click(card, "confirm")
            await workspace.wait_for(lambda: card.text == "done")

        assert ack is not None
        assert ack.payload is None
        assert workspace.transcript("shop").splitlines()[-1] == "  infra-assistant (edited): p-7 confirmed by @bob"


async def test_a_listener_that_never_acks_gives_the_person_nothing() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        workspace.outbox.ack_seconds = 0.05
        bolt.command("/infra")(asyncio.Event().wait)

        async with connected(workspace, bolt):
            ack = await workspace.as_user("alice").command("/infra", "help")

        assert ack is None
        assert [attempt for delivery in workspace.deliveries for attempt in delivery.attempts] == [Failure("timeout")]


async def test_a_slash_command_is_answered_to_the_person_alone() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)

        @bolt.command("/infra")
        async def run(ack, command, respond):
            await ack(f"looking at {command['text']}")
            await respond("found it", response_type="in_channel")

        async with connected(workspace, bolt):
            await workspace.as_user("alice").command("/infra", "checkout", "shop")
            await workspace.wait_for_message("found it")

        # Bolt may send the answer of respond() before the ack itself.
        seen_by_alice = {message.text for message in workspace.messages("shop", "alice")}
        assert seen_by_alice == {"looking at checkout", "found it"}
        assert [message.text for message in workspace.messages("shop", "bob")] == ["found it"]


async def test_a_modal_is_opened_refused_with_errors_and_then_submitted() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        submitted = []

        @bolt.shortcut("new_environment")
        async def show(ack, body, client):
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=make_modal())

        @bolt.view("environment")
        async def submit(ack, view):
            values = view["state"]["values"]
            if values["name"]["value"]["value"] == "prod":
                await ack(response_action="errors", errors={"name": "That name is taken"})
                return
            submitted.append(values)
            await ack()

        async with connected(workspace, bolt):
            alice = workspace.as_user("alice")
            await alice.shortcut("new_environment")
            await workspace.wait_for(lambda: alice.modal)
            refused = await alice.submit({"name": "prod"})
            accepted = await alice.submit({"name": "fix-42", "size": "small"})

        assert refused.errors == {"name": "That name is taken"}
        assert refused.view is not None
        assert accepted.errors == {}
        assert alice.modal is None
        assert submitted[0]["size"]["size"]["selected_option"]["value"] == "small"


async def test_an_external_select_offers_what_the_app_finds() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        chosen = []

        @bolt.options("service")
        async def find(ack, payload):
            text = {"type": "plain_text", "text": payload["value"]}
            await ack(options=[{"text": text, "value": payload["value"]}])

        @bolt.action("service")
        async def choose(ack, action):
            await ack()
            chosen.append(action["selected_option"]["value"])

        async with connected(workspace, bolt):
            select = {"type": "external_select", "action_id": "service", "min_query_length": 1}
            blocks = [{"type": "actions", "elements": [select]}]
            await bolt.client.chat_postMessage(channel="C0SHOP", text="Which service?", blocks=blocks)
            [message] = workspace.messages("shop")
            [option] = await workspace.as_user("alice").suggestions(message, "service", "checkout")
            await workspace.as_user("alice").click(message, "service", option)
            await workspace.wait_for(lambda: chosen)

        assert chosen == ["checkout"]


async def test_the_home_tab_is_published_and_its_buttons_work() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        clicked = []

        @bolt.event("app_home_opened")
        async def publish(event, client):
            view = {"type": "home", "blocks": make_card("env-1")}
            await client.views_publish(user_id=event["user"], view=view)

        @bolt.action("confirm")
        async def extend(ack, action, body):
            await ack()
            clicked.append((action["value"], body["view"]["type"]))

        async with connected(workspace, bolt):
            alice = workspace.as_user("alice")
            alice.open_home()
            home = await workspace.wait_for(lambda: alice.home)
            await alice.click(home, "confirm")
            await workspace.wait_for(lambda: clicked)

        assert clicked == [("env-1", "home")]


async def test_an_event_that_is_not_acknowledged_comes_again_with_its_number() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        seen = []

        @bolt.use
        async def refuse_twice(req, next):  # noqa: A002  # Bolt finds arguments by name
            seen.append((req.headers["x-slack-retry-num"], req.body["event_id"]))
            return BoltResponse(status=500) if len(seen) < 3 else await next()

        bolt.event("message")(noop)
        workspace.outbox.ack_seconds = 0.1

        async with connected(workspace, bolt):
            workspace.as_user("alice").say("hello", "shop")
            [delivery] = workspace.deliveries
            await workspace.wait_for(lambda: delivery.ack)

        event_id = delivery.payload["event_id"]
        assert seen == [(["0"], event_id), (["1"], event_id), (["2"], event_id)]
        assert [type(attempt) for attempt in delivery.attempts] == [Failure, Failure, Ack]


async def test_copies_of_an_event_carry_the_same_id() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        workspace.outbox.copies = 2
        seen = []

        @bolt.event("message")
        async def note(body):
            seen.append(body["event_id"])

        async with connected(workspace, bolt):
            workspace.as_user("alice").say("hello", "shop")
            await workspace.wait_for(lambda: len(seen) == 2 and all(d.ack for d in workspace.deliveries))

        assert len(set(seen)) == 1


async def test_the_app_reconnects_when_slack_asks_and_loses_nothing() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        seen = []

        @bolt.event("message")
        async def note(event):
            seen.append(event["text"])

        async with connected(workspace, bolt):
            await workspace.socket.disconnect("refresh_requested")
            workspace.as_user("alice").say("during", "shop")
            await workspace.wait_for(lambda: workspace.socket.connections_made == 2)
            workspace.as_user("alice").say("after", "shop")
            await workspace.wait_for(lambda: {"during", "after"} <= set(seen))

        assert sorted(set(seen)) == ["after", "during"]


async def test_the_app_reconnects_after_a_broken_connection() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        bolt.event("message")(noop)

        async with connected(workspace, bolt):
            await workspace.socket.drop()
            workspace.as_user("alice").say("hello", "shop")
            await workspace.wait_for(lambda: workspace.deliveries[0].ack)

        assert workspace.socket.connections_made == 2


async def test_several_sockets_share_the_envelopes() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        bolt.event("message")(noop)

        async with connected(workspace, bolt, sockets=2):
            for number in range(4):
                workspace.as_user("alice").say(str(number), "shop")
            await workspace.wait_for(lambda: all(delivery.ack for delivery in workspace.deliveries))

        assert all(len(delivery.attempts) == 1 for delivery in workspace.deliveries)


async def test_stop_ends_the_stream_and_tells_the_app() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        bolt.event("message")(noop)
        stopped = []

        @bolt.event("app_mention")
        async def work(event, client, say_stream):
            await client.agents_sessions_setStatus(
                channel_id=event["channel"], thread_ts=event["ts"], status="processing"
            )
            stream = await say_stream(buffer_size=1)
            await stream.append(markdown_text="thinking")

        @bolt.event("agent_session_stopped")
        async def stop(event):
            stopped.append(event)

        async with connected(workspace, bolt):
            asked = workspace.as_user("alice").mention("go", "shop")
            answer = await workspace.wait_for_message("thinking")
            workspace.as_user("alice").stop(asked)
            await workspace.wait_for(lambda: stopped)

        assert stopped[0]["streaming_message_ts"] == [answer.ts]
        assert stopped[0]["thread_ts"] == asked.ts
        assert workspace.state.sessions[asked.channel, asked.ts].status == "processing"
