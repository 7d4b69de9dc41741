"""Runs the read tools of one step together, each within its own deadline."""

import asyncio
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from assistant.agent.bounding import bounded
from assistant.agent.calls import ValidCall
from assistant.agent.progress import step_words
from assistant.agent.turn import TurnLog
from assistant.conversation import Progress, ToolCallRecord
from assistant.redaction import redact_model, redact_text
from tools.contract import ReadTool, Result
from tools.errors import Ambiguous, NotFound, ToolError, Unavailable

MAX_SAW = 6


@dataclass(frozen=True)
class Ran:
    """One call that ran. `outcome` is already free of secrets."""

    call: ValidCall
    outcome: Result | ToolError
    seconds: float


async def run_reads(calls: list[ValidCall], progress: Progress, seconds_left: float) -> list[Ran]:
    """Run all, in parallel; the outcomes come in the order of the calls. A deadline becomes Unavailable."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_run(call, progress, seconds_left)) for call in calls]
    return [task.result() for task in tasks]


async def _run(call: ValidCall, progress: Progress, seconds_left: float) -> Ran:
    tool = call.tool
    if not isinstance(tool, ReadTool):
        raise TypeError(f"{call.call.name} is not a read tool")
    started = perf_counter()
    await progress(redact_text(step_words(tool.name, call.args.model_dump(mode="json"))))
    outcome: Result | ToolError
    try:
        async with asyncio.timeout(min(tool.timeout_seconds, max(seconds_left, 0.1))):
            outcome = redact_model(await tool.run(call.args))
    except TimeoutError:
        outcome = Unavailable(f"{tool.name} did not finish in time. Ask for less, or again later.", system=tool.toolset)
    except ToolError as exc:
        outcome = redacted_error(exc)
    return Ran(call, outcome, perf_counter() - started)


def redacted_error(error: ToolError) -> ToolError:
    """The same error, its text free of secrets: servers quote what they were sent."""
    error.message = redact_text(error.message)
    return error


def note(ran: Ran, log: TurnLog) -> dict[str, Any]:
    """Enter a call into the turn's log; returns what the model is told of it."""
    outcome = ran.outcome
    failed = f"{type(outcome).__name__}: {outcome.message}" if isinstance(outcome, ToolError) else None
    args = ran.call.args.model_dump(mode="json")
    log.records.append(ToolCallRecord(tool=ran.call.call.name, args=args, seconds=ran.seconds, error=failed))
    if isinstance(outcome, ToolError):
        return note_error(ran.call, outcome, log)
    log.results.append((ran.call, outcome))
    log.observed += outcome.observed()
    log.digests[ran.call.call.id] = _digest(outcome)
    return bounded({"result": outcome.model_dump(mode="json", context={"cite": log.ledger.cite})})


def note_error(call: ValidCall, error: ToolError, log: TurnLog) -> dict[str, Any]:
    """Remember what failed and, when a system is down, that it is; returns what the model is told."""
    if isinstance(error, Unavailable):
        log.down.setdefault(error.system, error.message)
    log.digests[call.call.id] = {"digest": f"{type(error).__name__}: {error.message}"[:300]}
    return {"error": error_body(error)}


def error_body(error: ToolError) -> dict[str, Any]:
    """What a model reads of an error: its kind, its text, and what would be right."""
    body: dict[str, Any] = {"type": type(error).__name__, "message": error.message[:800]}
    if isinstance(error, NotFound | Ambiguous) and error.candidates:
        body["candidates"] = list(error.candidates[:8])
    if isinstance(error, Unavailable):
        body["system"] = error.system
    return body


def _digest(result: Result) -> dict[str, Any]:
    conclusion = result.conclusion()
    seen = result.observed()
    sentence = conclusion.summary if conclusion else f"Saw {len(seen)} objects."
    saw = list(dict.fromkeys(str(ref) for ref in seen))[:MAX_SAW]
    return {"digest": sentence[:300]} | ({"saw": saw} if saw else {})
