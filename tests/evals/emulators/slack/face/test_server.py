import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from evals.emulators.slack.face.server import Face
from tests.builders.slack_bot import connected, make_workspace
from tests.builders.slack_sample import make_png, make_sample_workspace, sample_app


@asynccontextmanager
async def page_of(workspace):
    async with workspace, Face(workspace) as face, aiohttp.ClientSession(face.url) as session:
        yield session


async def get(session, path):
    """The answer, with its body already read."""
    async with session.get(path) as answer:
        await answer.read()
        return answer


async def post(session, path, **body):
    async with session.post(path, **body) as answer:
        await answer.read()
        return answer


async def receive(socket):
    return await socket.receive_json(timeout=5)


def said(packet):
    return [row["text"] for key, row in packet["set"].items() if key.startswith("message/")]


async def test_serves_the_page_and_its_bundle():
    async with page_of(make_workspace()) as session:
        page = await get(session, "/")
        script = await get(session, "/static/face.js")

        assert 'src="/static/face.js"' in await page.text()
        assert script.status == 200


async def test_lets_nothing_of_a_message_run_or_load():
    async with page_of(make_workspace()) as session:
        policy = (await get(session, "/")).headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
async def test_other_sites_are_refused(headers):
    async with make_workspace() as workspace, Face(workspace) as face:
        own = {"Host": face.url.split("/")[2], "Connection": "close", **headers}
        reader, writer = await asyncio.open_connection("127.0.0.1", int(face.url.rstrip("/").rpartition(":")[2]))
        lines = ["GET / HTTP/1.1", *(f"{name}: {value}" for name, value in own.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        answer = await reader.read()
        writer.close()

        assert answer.startswith(b"HTTP/1.1 403")


async def test_the_feed_starts_with_everything_and_goes_on_with_changes():
    workspace = make_workspace()
    workspace.as_user("bob").say("before", "shop")
    async with page_of(workspace) as session, session.ws_connect("/feed?as=alice") as socket:
        first = await receive(socket)
        workspace.as_user("bob").say("after", "shop")
        second = await receive(socket)

        assert first["set"]["workspace"]["me"] == "U0ALICE"
        assert said(first) == ["before"]
        assert said(second) == ["after"]
        assert "workspace" not in second["set"]


async def test_each_person_gets_what_they_see():
    workspace = make_workspace()
    async with (
        page_of(workspace) as session,
        session.ws_connect("/feed?as=alice") as alice,
        session.ws_connect("/feed?as=bob") as bob,
    ):
        await receive(alice)
        await receive(bob)
        workspace.as_user("bob").say("secret", "ops")
        workspace.as_user("bob").say("open", "shop")

        assert said(await receive(alice)) == ["open"]
        assert said(await receive(bob)) == ["secret", "open"]


async def test_nobody_looks_as_the_app_or_as_a_stranger():
    async with page_of(make_workspace()) as session:
        assert (await get(session, "/feed?as=infra-assistant")).status == 404
        assert (await post(session, "/do/say?as=mallory", json={"channel": "shop", "text": "hi"})).status == 404


async def test_a_click_on_the_page_reaches_the_real_app():
    workspace = make_sample_workspace()
    async with page_of(workspace) as session, connected(workspace, sample_app(workspace)):
        asked = {"channel": "C0SHOP", "text": "@infra-assistant why is checkout failing?"}
        await post(session, "/do/say?as=alice", json=asked)
        answer = await workspace.wait_for_message("Confirmed.")
        target = {"kind": "message", "channel": answer.channel, "ts": answer.ts}
        click = {"target": target, "action_id": "evidence", "block_id": "steps"}

        acked = await (await post(session, "/do/click?as=alice", json=click)).json()
        await workspace.wait_for(lambda: workspace.as_user("alice").modal)

        assert acked == {"acked": True}


async def test_says_why_something_cannot_be_done():
    async with page_of(make_workspace()) as session:
        nowhere = await post(session, "/do/say?as=alice", json={"channel": "nowhere", "text": "hi"})
        unknown = await post(session, "/do/launch?as=alice", json={})
        wrong = await post(session, "/do/say?as=alice", json={"text": "hi"})

        assert (nowhere.status, unknown.status, wrong.status) == (409, 404, 400)
        assert "nowhere" in (await nowhere.json())["problem"]


async def test_a_form_that_is_not_complete_names_its_input():
    workspace = make_sample_workspace()
    async with page_of(workspace) as session, connected(workspace, sample_app(workspace)):
        await post(session, "/do/shortcut?as=alice", json={"callback_id": "new_environment"})
        await workspace.wait_for(lambda: workspace.as_user("alice").modal)

        answer = await post(session, "/do/submit?as=alice", json={"values": {"size": "small"}})

        assert answer.status == 422
        assert (await answer.json())["block_id"] == "name"


async def test_an_app_that_is_silent_is_told_to_the_person():
    workspace = make_sample_workspace()
    workspace.outbox.ack_seconds = 0.01
    async with page_of(workspace) as session:
        answer = await post(
            session, "/do/command?as=alice", json={"channel": "C0SHOP", "command": "/infra", "text": "x"}
        )

        assert await answer.json() == {"acked": False}


async def test_reading_is_remembered_and_shown():
    workspace = make_workspace()
    message = workspace.as_user("bob").say("new", "shop")
    async with page_of(workspace) as session, session.ws_connect("/feed?as=alice") as socket:
        before = (await receive(socket))["set"]["channel/C0SHOP"]
        await post(session, "/read?as=alice", json={"channel": "C0SHOP", "ts": message.ts})
        after = (await receive(socket))["set"]["channel/C0SHOP"]

        assert (before["unread"], after["unread"], after["last_read"]) == (1, 0, message.ts)


async def test_a_history_can_start_as_read():
    workspace = make_workspace()
    workspace.as_user("bob").say("old", "shop")
    async with workspace, Face(workspace) as face, aiohttp.ClientSession(face.url) as session:
        face.mark_all_read()
        async with session.ws_connect("/feed?as=alice") as socket:
            assert (await receive(socket))["set"]["channel/C0SHOP"]["unread"] == 0


async def test_files_are_shown_only_to_those_who_share_them():
    workspace = make_workspace()
    picture = workspace.as_user("bob").share_file("plan.png", make_png(), "ops")
    async with page_of(workspace) as session:
        async with session.get(f"/files/{picture.files[0]}?as=bob") as mine:
            assert (mine.status, mine.content_type, await mine.read()) == (200, "image/png", make_png())
        assert (await get(session, f"/files/{picture.files[0]}?as=alice")).status == 404


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "notes.txt"])
async def test_a_file_that_could_run_is_a_download(name):
    workspace = make_workspace()
    shared = workspace.as_user("bob").share_file(name, b"<script>alert(1)</script>", "shop")
    async with page_of(workspace) as session:
        answer = await get(session, f"/files/{shared.files[0]}?as=alice")

        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.content_type == "application/octet-stream"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_file_can_be_shared_in_a_thread():
    workspace = make_workspace()
    root = workspace.as_user("bob").say("logs?", "shop")
    async with page_of(workspace) as session:
        form = aiohttp.FormData({"channel": "C0SHOP", "thread": root.ts, "text": "here"})
        form.add_field("file", b"line", filename="app.log")
        answer = await post(session, "/upload?as=alice", data=form)

        shared = workspace.state.messages["C0SHOP", json.loads(await answer.text())["ts"]]
        assert (shared.thread_ts, shared.text) == (root.ts, "here")
        assert workspace.state.files[shared.files[0]].content == b"line"
