"""Slack under load: 25 mentions a second (each is two events) for 20 s over two sockets that are refreshed, every event
delivered twice, some answers refused with 429. The whole assistant and the emulated workspace share one process.
"Answered" counts messages in the threads of the questions, as people would see them.
"""

import asyncio
import os
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from assistant.bootstrap.app import open_app
from assistant.bootstrap.work import open_work
from assistant.redaction import redact_json
from assistant.settings import SlackSettings
from assistant.slack.app import connected
from assistant.telemetry import configure_logging
from evals.demo import WORLD, demo_settings
from evals.demo_slack import CHANNEL, shop_workspace
from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.faults import rate_limited
from evals.emulators.slack.model import Message
from evals.emulators.slack.outbox import Ack

QUESTION = "who owns cart?"
REPLY = "owned by"
REFRESH_EVERY_SECONDS = 5.0
LIMITED_EVERY = 20  # questions per refused answer
DRAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Load:
    """What is sent."""

    seconds: float = 20.0
    mentions_per_second: float = 25.0


@dataclass(frozen=True)
class Measured:
    """What came of it. Times in seconds, memory in MB: at the start, at the end of the load, when all was answered."""

    asked: int
    lost: int
    twice: int
    attempts: int
    refused: int
    ack_p50: float
    ack_p99: float
    drained_after: float
    memory: tuple[float, float, float]


async def run() -> str:
    """The table."""
    configure_logging("error", json_lines=False, redact=redact_json)
    found = await measure(Load())
    start, loaded, end = found.memory
    rows = [
        ("questions asked", f"{found.asked}"),
        ("lost", f"{found.lost}"),
        ("answered twice", f"{found.twice}"),
        ("event deliveries", f"{found.attempts}"),
        ("answers refused with 429 and sent again", f"{found.refused}"),
        ("received to ack, p50 / p99", f"{found.ack_p50 * 1000:.0f} / {found.ack_p99 * 1000:.0f} ms"),
        ("all answered after the last question", f"{found.drained_after:.0f} s"),
        ("memory: start / end of load / all answered", f"{start:.0f} / {loaded:.0f} / {end:.0f} MB"),
    ]
    return "\n".join(["| what | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])


async def measure(load: Load) -> Measured:
    """Run the load against the whole assistant, wait until everything is answered, count."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infra-assistant-")))
        cluster = await stack.enter_async_context(KubernetesEmulator())
        await load_world(cluster, WORLD)
        (folder / "kubeconfig").write_text(cluster.kubeconfig_yaml("infra-assistant"))
        slack = await stack.enter_async_context(shop_workspace())
        tokens = SlackSettings(bot_token=slack.app.bot_token, app_token=slack.app.app_token, api_url=slack.api_url)
        settings = demo_settings(WORLD, folder / "kubeconfig", folder / "assistant.sqlite")
        app = await stack.enter_async_context(open_app(settings.model_copy(update={"slack": tokens})))
        work = await stack.enter_async_context(open_work(app))
        if work.slack is None:
            raise RuntimeError("the tokens of the benchmark are not complete")
        await stack.enter_async_context(connected(work.slack, slack.app.app_token, sockets=2))
        return await _measured(slack, load)


async def _measured(slack: SlackEmulator, load: Load) -> Measured:
    slack.outbox.copies = 2
    slack.outbox.retry_after_seconds = (0.0, 1.0, 5.0)
    start = memory_mb()
    asked = await _ask(slack, load)
    loaded, last = memory_mb(), asyncio.get_running_loop().time()
    await _answered(slack, asked)
    answers = _answers(slack)
    counts = [answers[one.ts] for one in asked]
    acks = sorted(attempt.seconds for one in slack.deliveries for attempt in one.attempts if isinstance(attempt, Ack))
    return Measured(
        asked=len(asked),
        lost=counts.count(0),
        twice=sum(count > 1 for count in counts),
        attempts=sum(len(one.attempts) for one in slack.deliveries),
        refused=sum(call.status == 429 for call in slack.calls),
        ack_p50=acks[len(acks) // 2],
        ack_p99=acks[int(len(acks) * 0.99)],
        drained_after=asyncio.get_running_loop().time() - last,
        memory=(start, loaded, memory_mb()),
    )


async def _ask(slack: SlackEmulator, load: Load) -> list[Message]:
    """Mentions at an even pace; sockets are refreshed and answers refused in between."""
    loop, alice = asyncio.get_running_loop(), slack.as_user("alice")
    began, refreshed, asked = loop.time(), loop.time(), list[Message]()
    for number in range(max(1, round(load.seconds * load.mentions_per_second))):
        await asyncio.sleep(max(0.0, began + number / load.mentions_per_second - loop.time()))
        asked.append(alice.mention(QUESTION, CHANNEL))
        if number % LIMITED_EVERY == 0:
            for method in ("chat.postMessage", "chat.stopStream"):  # the two ways in which an answer leaves
                slack.faults.add(method, rate_limited(1))
        if loop.time() - refreshed > REFRESH_EVERY_SECONDS:
            refreshed = loop.time()
            await slack.socket.disconnect("refresh_requested", all_sockets=False)
    return asked


async def _answered(slack: SlackEmulator, asked: list[Message]) -> None:
    """Until every question has an answer, and a little longer, in which a second one would come; or the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DRAIN_SECONDS
    while loop.time() < deadline and len(_answers(slack)) < len(asked):  # noqa: ASYNC110  (an event would come too often)
        await asyncio.sleep(0.5)
    await asyncio.sleep(2.0)


def _answers(slack: SlackEmulator) -> Counter[str]:
    """How many answers each thread has."""
    found = slack.messages(CHANNEL)
    return Counter(one.root_ts for one in found if one.bot_id and REPLY in f"{one.text}{one.blocks}")


def memory_mb() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
