"""A conversation is stored small, survives a restart and holds nothing but plain data."""

import sqlite3
from contextlib import closing

from assistant.agent.checkpoints import open_checkpointer
from assistant.agent.models.scripted import calling
from assistant.agent.transcript import said
from tests.builders.agent import make_chat, make_facts, make_ref, returning

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


async def test_a_thread_goes_on_after_a_restart(tmp_path):
    url = f"sqlite:///{tmp_path}/app.db"
    async with open_checkpointer(url) as saver:
        await make_chat([QUESTION], checkpointer=saver).say("why is checkout failing?")

    async with open_checkpointer(url) as saver:
        chat = make_chat([QUESTION], checkpointer=saver)
        await chat.say("in staging")

    words = [said(message) for message in chat.model.requests[0].messages if message["role"] == "user"]
    assert words == ["why is checkout failing?", "in staging"]


async def test_tool_output_is_not_stored(tmp_path):
    async with open_checkpointer(f"sqlite:///{tmp_path}/app.db") as saver:
        chat = make_chat([LOOK, QUESTION], returning("get_workload", LONG), checkpointer=saver)
        await chat.say("look")

    assert "x" * 500 not in (tmp_path / "app.db.threads").read_bytes().decode(errors="ignore")
