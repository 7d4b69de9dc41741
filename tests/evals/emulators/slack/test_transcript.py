"""The conversation as plain text."""

from tests.builders.slack_bot import client_for, make_workspace
from tests.builders.slack_views import make_card, make_input


async def test_blocks_markup_and_threads_read_like_a_screen() -> None:
    async with make_workspace() as workspace:
        client, alice = client_for(workspace), workspace.as_user("alice")
        first = alice.say("first", "shop")
        alice.say("second", "shop")
        blocks = [
            {"type": "header", "text": {"type": "plain_text", "text": "Checkout"}},
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "<@U0BOB> in <#C0SHOP>: a &lt;b&gt; <https://x.test|link> <!here>"},
                "fields": [{"type": "mrkdwn", "text": "3 of 5"}],
            },
            {"type": "divider"},
            *make_card("p")[1:],
            make_input(
                "why", {"type": "plain_text_input", "action_id": "why"}, hint={"type": "plain_text", "text": "short"}
            ),
            {"type": "image", "image_url": "http://x", "alt_text": "restarts over time"},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "pod"}, {"type": "raw_number", "value": 5}]]},
        ]
        await client.chat_postMessage(channel="C0SHOP", text="x", blocks=blocks, thread_ts=first.ts)
        await client.chat_postEphemeral(channel="C0SHOP", user="U0ALICE", text="psst")
        alice.react(first, "eyes")

        lines = workspace.transcript("shop", viewer="alice").splitlines()

    assert lines == [
        "alice: first",
        "  :eyes: 1",
        "  infra-assistant: Checkout",
        "    @bob in #shop: a <b> link (https://x.test) @here",
        "    3 of 5",
        "    ---",
        "    [Restart]",
        "    Why",
        "    short",
        "    [why]",
        "    [image: restarts over time]",
        "    pod | 5",
        "alice: second",
        "infra-assistant (only visible to you): psst",
    ]


async def test_an_ephemeral_message_is_not_in_anothers_transcript() -> None:
    async with make_workspace() as workspace:
        await client_for(workspace).chat_postEphemeral(channel="C0SHOP", user="U0ALICE", text="psst")

        assert workspace.transcript("shop", viewer="bob") == ""
