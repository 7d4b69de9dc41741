"""A small Bolt app that uses every surface: answers, buttons, modals, Home, streams, ephemeral notes, files."""

import asyncio
import re
import struct
import zlib
from typing import Any

from slack_bolt.async_app import AsyncApp

from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.model import app_from_manifest
from tests.builders.slack_bot import bolt_for, now
from tests.builders.slack_sample_blocks import ANSWER, ENVIRONMENT, EVERY_BLOCK, EVIDENCE, HOME, context

Json = dict[str, Any]

MANIFEST: Json = {
    "features": {
        "bot_user": {"display_name": "infra-assistant"},
        "agent_view": {
            "suggested_prompts": [{"title": "Why is checkout failing?", "message": "why is checkout failing?"}]
        },
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/infra", "description": "Ask about a service", "should_escape": True}],
        "shortcuts": [
            {"callback_id": "new_environment", "type": "global", "name": "New environment"},
            {"callback_id": "diagnose", "type": "message", "name": "Diagnose this message"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "assistant:write",
                "channels:history",
                "chat:write",
                "commands",
                "files:write",
                "im:history",
                "im:write",
                "reactions:write",
                "users:read",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_mention", "app_home_opened", "message.im", "agent_session_stopped"],
        }
    },
}


def make_sample_workspace() -> SlackEmulator:
    """alice, bob and carol in #shop; bob in the private #ops; a guest in the shared #partners; the app in #shop."""
    workspace = SlackEmulator(now, app_from_manifest(MANIFEST))
    workspace.add_user("alice", "Alice Adams", email="alice@example.com", tz="Europe/Berlin")
    workspace.add_user("bob", "Bob Brown", email="bob@example.com", tz="America/New_York")
    workspace.add_user("carol", "Carol Cho", email="carol@example.com", tz="Asia/Tokyo")
    workspace.add_channel("shop", ["alice", "bob", "carol"]).topic = "Everything about the shop"
    workspace.add_channel("general", ["alice", "bob", "carol"], bot=False)
    workspace.add_channel("ops", ["bob"], kind="private", bot=False)
    workspace.add_group("platform", ["bob"])
    workspace.outbox.retry_after_seconds = (0.0, 0.01, 0.02)
    return workspace


def sample_app(workspace: SlackEmulator, pause_seconds: float = 0.0) -> AsyncApp:
    """The app, not connected yet. `pause_seconds` is how long it takes over each step of a stream."""
    bolt = bolt_for(workspace)

    @bolt.event("app_mention")
    async def mentioned(event: Json, client: Any) -> None:
        root = event.get("thread_ts") or event["ts"]
        place = {"channel": event["channel"], "thread_ts": root}
        if "stream" in event["text"]:
            await stream(client, place, event["user"], pause_seconds)
        elif "everything" in event["text"]:
            await client.chat_postMessage(**place, text="Every block", blocks=EVERY_BLOCK)
        elif "picture" in event["text"]:
            await client.files_upload_v2(
                channel=event["channel"], thread_ts=root, content=make_png(), filename="restarts.png", title="Restarts"
            )
        else:
            await client.chat_postMessage(**place, text="checkout crashes", blocks=ANSWER)

    @bolt.event("message")
    async def direct(event: Json, client: Any) -> None:
        if event.get("channel_type") == "im" and not event.get("bot_id") and not event.get("subtype"):
            place = {"channel": event["channel"], "thread_ts": event.get("thread_ts") or event["ts"]}
            await stream(client, place, event["user"], pause_seconds)

    @bolt.event("agent_session_stopped")
    async def stopped(event: Json, client: Any) -> None:
        place = {"channel": event["channel"], "thread_ts": event["thread_ts"]}
        await client.chat_postMessage(**place, text="Stopped. Nothing was changed.")

    @bolt.event("app_home_opened")
    async def home(event: Json, client: Any) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": HOME})

    @bolt.action("evidence")
    async def evidence(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=EVIDENCE)

    @bolt.action("restart")
    async def restart(ack: Any, body: Json, client: Any) -> None:
        await ack()
        where, message = body["channel"]["id"], body["message"]
        if body["user"]["id"] != "U0BOB":
            note = "Only an owner of checkout may approve this. Ask <@U0BOB>."
            await client.chat_postEphemeral(
                channel=where, user=body["user"]["id"], text=note, thread_ts=message["thread_ts"]
            )
            return
        done = [*ANSWER[:3], context(f":white_check_mark: Restarted by <@{body['user']['id']}>")]
        await client.chat_update(channel=where, ts=message["ts"], text="Restarted", blocks=done)

    @bolt.action("tier")
    async def tier(ack: Any, body: Json, client: Any) -> None:
        await ack()
        chosen = body["actions"][0]["selected_option"]["value"]
        await client.chat_postEphemeral(
            channel=body["channel"]["id"],
            user=body["user"]["id"],
            text=f"You chose {chosen}.",
            thread_ts=body["message"].get("thread_ts"),
        )

    @bolt.action(re.compile(".*"))
    async def other(ack: Any) -> None:
        await ack()

    @bolt.shortcut("new_environment")
    async def new_environment(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=ENVIRONMENT)

    @bolt.shortcut("diagnose")
    async def diagnose(ack: Any, body: Json, client: Any) -> None:
        await ack()
        where = body["channel"]["id"]
        await client.chat_postMessage(channel=where, thread_ts=body["message_ts"], text="Looked at it.", blocks=ANSWER)

    @bolt.view("environment")
    async def environment(ack: Any, body: Json, client: Any) -> None:
        values = body["view"]["state"]["values"]
        name = values["name"]["name"]["value"]
        if name == "production":
            await ack(response_action="errors", errors={"name": "Production is not an environment to create here."})
            return
        await ack()
        direct = await client.conversations_open(users=body["user"]["id"])
        text = f"Environment *{name}* is on its way: {values['size']['size']['selected_option']['value']}."
        await client.chat_postMessage(channel=direct["channel"]["id"], text=text)

    @bolt.command("/infra")
    async def command(ack: Any, body: Json) -> None:
        await ack(f"You asked: {body['text']}")

    return bolt


async def stream(client: Any, place: Json, user: str, pause_seconds: float) -> None:
    """Works in steps, then says what it found; ends early when the person presses Stop."""
    await client.api_call(
        "agents.sessions.setStatus",
        json={
            "channel_id": place["channel"],
            "thread_ts": place["thread_ts"],
            "status": "processing",
            "title": "checkout",
        },
    )
    await client.assistant_threads_setStatus(
        channel_id=place["channel"], thread_ts=place["thread_ts"], status="is looking into it..."
    )
    await asyncio.sleep(pause_seconds)
    writer = await client.chat_startStream(
        **place,
        recipient_team_id="T0SHOP",
        recipient_user_id=user,
        chunks=[task("1", "Read the rollout of checkout", "in_progress")],
    )
    steps = [
        [
            task("1", "", "complete", output="revision 42, 12 minutes ago"),
            task("2", "Read the logs of 3 pods", "in_progress"),
        ],
        [task("2", "", "complete"), {"type": "markdown_text", "text": "**checkout** crashes since revision 42: "}],
        [{"type": "markdown_text", "text": "the variable `DB_URL` is not set."}],
    ]
    titles = {"1": "Read the rollout of checkout", "2": "Read the logs of 3 pods"}
    for chunks in steps:
        await asyncio.sleep(pause_seconds)
        named = [{**one, "title": titles[one["id"]]} if "id" in one else one for one in chunks]
        answer = await client.api_call(
            "chat.appendStream", json={"channel": place["channel"], "ts": writer["ts"], "chunks": named}
        )
        if not answer["ok"]:
            return
    await client.chat_stopStream(channel=place["channel"], ts=writer["ts"], blocks=ANSWER[3:])
    await client.api_call(
        "agents.sessions.setStatus",
        json={"channel_id": place["channel"], "thread_ts": place["thread_ts"], "status": "active"},
    )


def task(task_id: str, title: str, status: str, **more: str) -> Json:
    return {"type": "task_update", "id": task_id, "title": title, "status": status, **more}


def make_png(width: int = 480, height: int = 160) -> bytes:
    """A picture of bars, without a drawing library."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    bars = [20, 25, 22, 30, 28, 90, 130, 140, 120, 135, 60, 30]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            inside = x % 40 > 8 and height - y < bars[x // 40]
            rows += b"\xc9\x3d\x5c" if inside else b"\xfb\xfa\xfc"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )
