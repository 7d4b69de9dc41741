"""A conversation is stored small, survives a restart and holds nothing but plain data."""

import asyncio
import sqlite3
from contextlib import closing

from assistant.agent.checkpoints import open_checkpointer, strict_serializer
from assistant.agent.models.scripted import calling
from assistant.agent.transcript import said
from tests.builders.agent import make_chat, make_facts, make_ref, returning
from tests.builders.databases import database_url

__all__ = ["database_url"]

QUESTION = calling(("ask", {"question": "What?", "choices": []}))
LOOK = calling(("get_workload", {"workload": "checkout"}))
LONG = make_facts(*[f"line {number} {'x' * 500}" for number in range(10)], refs=[make_ref()])


def stored(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0]


async def test_one_checkpoint_per_thread_is_kept(tmp_path):
    async with open_checkpointer(f"sqlite:///{tmp_path}/app.db") as saver:
        chat = make_chat([LOOK, QUESTION] * 3, returning("get_workload", LONG), checkpointer=saver)
        await chat.say("look")
        await chat.say("look again")
        await chat.say("once more")

    assert stored(tmp_path / "app.db.threads") == 1


async def test_a_thread_goes_on_after_a_restart(database_url):
    async with open_checkpointer(database_url) as saver:
        await make_chat([QUESTION], checkpointer=saver).say("why is checkout failing?")

    async with open_checkpointer(database_url) as saver:
        chat = make_chat([QUESTION], checkpointer=saver)
        await chat.say("in staging")

    words = [said(message) for message in chat.model.requests[0].messages if message["role"] == "user"]
    assert words == ["why is checkout failing?", "in staging"]


async def test_one_checkpoint_per_thread_is_kept_wherever_it_is_stored(database_url):
    async with open_checkpointer(database_url) as saver:
        chat = make_chat([LOOK, QUESTION, QUESTION], returning("get_workload", LONG), checkpointer=saver)
        await chat.say("look")
        await chat.say("again")

        kept = [found async for found in saver.alist({"configurable": {"thread_id": "cli:test"}})]

    assert len(kept) == 1


async def test_three_replicas_may_start_at_once(database_url):
    async def start():
        async with open_checkpointer(database_url) as saver:
            return await saver.aget_tuple({"configurable": {"thread_id": "cli:none"}})

    async with asyncio.TaskGroup() as group:
        starts = [group.create_task(start()) for _ in range(3)]

    assert [start.result() for start in starts] == [None, None, None]


async def test_a_class_in_the_store_is_not_read_back():
    serializer = strict_serializer()

    kind, data = serializer.dumps_typed({"ref": make_ref()})

    assert not isinstance(serializer.loads_typed((kind, data))["ref"], type(make_ref()))


async def test_tool_output_is_not_stored(tmp_path):
    async with open_checkpointer(f"sqlite:///{tmp_path}/app.db") as saver:
        chat = make_chat([LOOK, QUESTION], returning("get_workload", LONG), checkpointer=saver)
        await chat.say("look")

    assert "x" * 500 not in (tmp_path / "app.db.threads").read_bytes().decode(errors="ignore")
