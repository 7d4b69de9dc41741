import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.storage.engine import Database
from tests.builders.changes import Step
from tests.builders.crash_worker import lines, write_line
from tests.builders.databases import database, database_url

__all__ = ["database", "database_url"]

ROOT = Path(__file__).parents[2]


def work(url: str, folder: Path, point: str) -> int:
    command = [sys.executable, "-m", "tests.builders.crash_worker", url, str(folder), point]
    done = subprocess.run(command, cwd=ROOT, timeout=90, check=False, capture_output=True, text=True)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


@pytest.mark.parametrize(
    ("point", "state_left"),
    [
        ("before_apply", "applying"),
        ("after_effect", "applying"),
        ("before_verify", "verifying"),
        ("before_report", "succeeded"),
        ("after_report", "succeeded"),
    ],
)
async def test_a_change_killed_anywhere_is_applied_once_and_reported_once(
    database: Database, database_url: str, tmp_path: Path, point: str, state_left: str
) -> None:
    step = Step(database)
    shown = await step.approved()

    killed = work(database_url, tmp_path, point)
    left = (await step.confirmations.get(shown.id)).state
    restarted = work(database_url, tmp_path, "nowhere")

    assert (killed, left, restarted) == (-signal.SIGKILL, state_left, 0)
    assert lines(tmp_path / "applied") == [shown.id]
    assert lines(tmp_path / "reported") == [f"{shown.id} succeeded"]
    assert (await step.confirmations.get(shown.id)).state == "succeeded"
    assert (await step.audit.verify()).intact


async def test_a_turn_killed_half_way_is_handled_after_the_restart_and_before_the_next(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    for message_id in ("first", "last"):
        write_line(tmp_path / "messages", message_id)

    killed = work(database_url, tmp_path, "in_turn")
    restarted = work(database_url, tmp_path, "nowhere")

    assert (killed, restarted) == (-signal.SIGKILL, 0)
    assert lines(tmp_path / "begun") == ["first", "first", "last"]
    assert lines(tmp_path / "handled") == ["first", "last"]
