"""The real Bolt app in Socket Mode cannot tell the workspace from Slack."""

from slack_bolt.async_app import AsyncApp

from tests.builders.slack_bot import bolt_for, connected, make_workspace

CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Restart checkout?"}},
    {
        "type": "actions",
        "block_id": "decision",
        "elements": [
            {
                "type": "button",
                "action_id": "confirm",
                "value": "p-7",
                "style": "primary",
                "text": {"type": "plain_text", "text": "Restart"},
            }
        ],
    },
]


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

        @bolt.event("app_mention")
        async def mention(body):
            seen.append((body["event"]["type"], body["event_id"], body["event"]["ts"]))

        @bolt.event("message")
        async def message(body):
            seen.append((body["event"]["type"], body["event_id"], body["event"]["ts"]))

        async with connected(workspace, bolt):
            root = workspace.as_user("bob").say("deploy is done", "shop")
            workspace.as_user("alice").mention("and now?", "shop", thread=root)
            await workspace.wait_for(lambda: len(workspace.deliveries) == 3 and all(d.ack for d in workspace.deliveries))

        replies = [row for row in seen if row[2] != root.ts]
        assert sorted(row[0] for row in replies) == ["app_mention", "message"]
        assert len({row[1] for row in replies}) == 2
        assert len({row[2] for row in replies}) == 1


def with_card(bolt: AsyncApp) -> None:
    @bolt.event("app_mention")
    async def propose(event, say):
        await say(text="Restart checkout?", blocks=CARD, thread_ts=event["ts"])

    @bolt.action("confirm")
    async def confirm(ack, body, action, client):
        await ack()
        done = [{"type": "context", "elements": [{"type": "mrkdwn", "text": f"{action['value']} <@{body['user']['id']}>"}]}]
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="done", blocks=done)


async def test_a_click_is_acknowledged_and_the_message_is_replaced() -> None:
    async with make_workspace() as workspace:
        bolt = bolt_for(workspace)
        with_card(bolt)
        bolt.event("message")(noop)

        async with connected(workspace, bolt):
            workspace.as_user("alice").mention("restart checkout", "shop")
            card = await workspace.wait_for_message("Restart checkout?")
            ack = await workspace.as_user("bob").click(card, "confirm")
            await workspace.wait_for(lambda: card.text == "done")

        assert ack is not None
        assert ack.payload is None
        assert workspace.transcript("shop").splitlines()[-1] == "  infra-assistant (edited): p-7 @bob"


async def noop() -> None:
    """Acknowledges what a test does not look at."""
