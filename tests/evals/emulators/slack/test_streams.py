"""Streaming through the real chat_stream helper."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.builders.slack_bot import MovableClock, client_for, make_workspace


async def code_of(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


def where(root, **more):
    return {
        "channel": "C0SHOP",
        "thread_ts": root.ts,
        "recipient_team_id": "T0SHOP",
        "recipient_user_id": "U0ALICE",
        **more,
    }


def task(status, **more):
    return {"type": "task_update", "id": "t1", "title": "Read rollout", "status": status, **more}


async def test_text_and_tasks_grow_into_one_message() -> None:
    async with make_workspace() as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("why?", "shop")
        stream = await client.chat_stream(**where(root, task_display_mode="timeline"))
        await stream.append(chunks=[task("in_progress", details="3 of 5")])
        await stream.append(chunks=[task("complete", details=" pods")])
        await stream.append(markdown_text="**checkout** crashes. ")
        closing = [{"type": "context", "elements": [{"type": "mrkdwn", "text": "Worked for 2s"}]}]
        await stream.stop(markdown_text="See E1.", blocks=closing, session_status="active")

        assert workspace.transcript("shop").splitlines() == [
            "alice: why?",
            "  infra-assistant: [x] Read rollout 3 of 5 pods",
            "    **checkout** crashes. See E1.",
            "    Worked for 2s",
        ]
        assert workspace.state.sessions["C0SHOP", root.ts].status == "active"


async def test_a_plan_holds_all_tasks() -> None:
    async with make_workspace() as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("why?", "shop")
        stream = await client.chat_stream(**where(root, task_display_mode="plan"))
        await stream.append(chunks=[{"type": "plan_update", "title": "Find the cause"}, task("error")])
        await stream.stop()

        [block] = workspace.messages("shop")[-1].blocks
        assert (block["type"], block["title"]) == ("plan", "Find the cause")
        assert [one["status"] for one in block["tasks"]] == ["error"]


async def test_a_stream_is_unfinished_until_it_is_stopped() -> None:
    async with make_workspace() as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("why?", "shop")
        stream = await client.chat_stream(**where(root, buffer_size=1))
        await stream.append(markdown_text="so far")

        assert workspace.transcript("shop").endswith("...")
        update = client.chat_update(channel="C0SHOP", ts=stream.ts, text="x")
        assert await code_of(update) == "streaming_state_conflict"


async def test_streams_that_slack_would_refuse_are_refused() -> None:
    clock = MovableClock()
    async with make_workspace(clock=clock) as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("why?", "shop")
        nobody = client.chat_startStream(channel="C0SHOP", thread_ts=root.ts, recipient_team_id="T0SHOP")
        assert await code_of(nobody) == "missing_recipient_user_id"

        started = await client.chat_startStream(**where(root, markdown_text="hello"))
        at = {"channel": "C0SHOP", "ts": started["ts"]}
        chunks = [{"type": "markdown_text", "text": "x"}]
        assert await code_of(client.chat_appendStream(**at)) == "markdown_text_or_chunks_required"
        assert await code_of(client.chat_appendStream(**at, chunks=chunks)) == "streaming_mode_mismatch"
        both = client.chat_appendStream(**at, chunks=chunks, markdown_text="x")
        assert await code_of(both) == "cannot_provide_both_markdown_text_and_chunks"
        assert await code_of(client.chat_appendStream(**at, markdown_text="x" * 12_001)) == "msg_too_long"
        long_title = [task("pending") | {"title": "x" * 257}]
        assert await code_of(client.chat_startStream(**where(root, chunks=long_title))) == "invalid_chunks"

        clock.forward(minutes=6)
        assert await code_of(client.chat_appendStream(**at, markdown_text="x")) == "message_not_in_streaming_state"


async def test_nothing_can_be_appended_after_the_person_pressed_stop() -> None:
    async with make_workspace() as workspace:
        client, root = client_for(workspace), workspace.as_user("alice").say("why?", "shop")
        await client.agents_sessions_setStatus(channel_id="C0SHOP", thread_ts=root.ts, status="processing")
        stream = await client.chat_stream(**where(root, buffer_size=1))
        await stream.append(markdown_text="thinking")
        workspace.as_user("alice").stop(root)

        assert await code_of(stream.append(markdown_text="more")) == "stopped_by_user"
        await client.chat_update(channel="C0SHOP", ts=stream.ts, text="stopped")
