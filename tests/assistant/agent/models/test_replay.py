"""Recorded replies are found by the whole request."""

from dataclasses import replace

import pytest

from assistant.agent.models.port import ModelRequest, ToolSchema
from assistant.agent.models.replay import NotRecorded, RecordingModel, ReplayModel, request_key
from assistant.agent.models.scripted import ScriptedModel, calling

TOOL = ToolSchema("ask", "Ask.", {"type": "object", "properties": {}, "required": [], "additionalProperties": False})
REQUEST = ModelRequest(({"role": "user", "content": "hello"},), (TOOL,), "u1")


async def test_what_was_recorded_is_replayed(tmp_path):
    reply = calling(("ask", {"question": "ü?"}))
    recorder = RecordingModel(ScriptedModel([reply], name="openai/m"), tmp_path / "replies.jsonl")
    await recorder.complete(REQUEST)

    replayed = ReplayModel.load(tmp_path / "replies.jsonl")

    assert await replayed.complete(REQUEST) == reply
    assert replayed.name == "replay of openai/m"


@pytest.mark.parametrize(
    "changed",
    [
        replace(REQUEST, messages=({"role": "user", "content": "hello!"},)),
        replace(REQUEST, tools=(replace(TOOL, description="Ask back."),)),
        replace(REQUEST, end_user="u2"),
    ],
)
async def test_a_request_that_changed_anywhere_has_no_reply(tmp_path, changed):
    recorder = RecordingModel(ScriptedModel([calling(("ask", {}))]), tmp_path / "replies.jsonl")
    await recorder.complete(REQUEST)

    with pytest.raises(NotRecorded, match="Record it again"):
        await ReplayModel.load(tmp_path / "replies.jsonl").complete(changed)


async def test_an_absent_recording_holds_nothing(tmp_path):
    with pytest.raises(NotRecorded):
        await ReplayModel.load(tmp_path / "none.jsonl").complete(REQUEST)


def test_the_key_does_not_depend_on_the_order_of_keys():
    turned = replace(REQUEST, messages=({"content": "hello", "role": "user"},))

    assert request_key(turned) == request_key(REQUEST)
