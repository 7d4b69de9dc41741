"""Carries out the calls of one step: the one place where what tools return meets the model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from assistant.agent.calls import FaultKind, FaultyCall, ValidCall, validate
from assistant.agent.control import LOAD_TOOLSET, LoadToolsetArgs
from assistant.agent.inventions import invented_name
from assistant.agent.models.port import ToolCall
from assistant.agent.progress import step_words
from assistant.agent.prompting import Prompt
from assistant.agent.reads import Ran, note, note_error, run_reads
from assistant.agent.turn import TurnLog
from assistant.agent.writes import MAX_PROPOSALS, Known, Propose, Proposed, propose_write
from assistant.conversation import Origin, Progress, ProposalView, ToolCallRecord
from assistant.errors import NotAllowed
from assistant.redaction import redact_text
from tools.contract import ReadTool, Result, Toolbox, WriteTool
from tools.errors import ToolError

MAX_CALLS = 6  # of one step: more are a model running away


@dataclass(frozen=True)
class Systems:
    """What a step may reach, for one person."""

    toolbox: Toolbox
    propose: Propose
    progress: Progress
    origin: Origin
    prompt: Prompt


@dataclass
class Step:
    """What came of a step. `bodies`: call id to what the model is told; `end_call`: the answer or question it made.

    `result`: the last read's; `missed`: the last call that failed, and how.
    """

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[FaultKind] = field(default_factory=list)
    toolsets: list[str] = field(default_factory=list)
    end_call: ValidCall | None = None
    result: Result | None = None
    missed: tuple[ValidCall, ToolError] | None = None


async def perform(
    calls: list[ToolCall], systems: Systems, known: Callable[[], Known], log: TurnLog, seconds_left: float
) -> Step:
    """Validate, run reads together, then propose changes. `known` is asked after the reads: they observe targets."""
    step = Step()
    valid = _accepted(calls, systems.toolbox, log, step)
    reads = [call for call in valid if isinstance(call.tool, ReadTool) and _is_about_something(call, known(), step)]
    for ran in await run_reads(reads, systems.progress, seconds_left):
        step.bodies[ran.call.call.id] = note(ran, log)
        _keep(ran, step)
    for call in reads:
        _load(call, step)
    writes = [call for call in valid if isinstance(call.tool, WriteTool)]
    await _propose(writes, systems, known(), log, step)
    _control([call for call in valid if call.tool is None], systems.prompt, step, alone=len(calls) == 1)
    return step


def _is_about_something(call: ValidCall, known: Known, step: Step) -> bool:
    if invented_name(call, known.heard) is None:
        return True
    step.faults.append(FaultKind.INVENTED_NAME)
    # the name is not repeated here: it would count as heard from then on
    message = "Nobody named that in this conversation. Use a name the person said or a tool returned, or `ask`."
    step.bodies[call.call.id] = {"error": {"type": "InvalidArgs", "message": message}}
    return False


def _keep(ran: Ran, step: Step) -> None:
    if isinstance(ran.outcome, ToolError):
        step.missed = (ran.call, ran.outcome)
    else:
        step.result = ran.outcome


def _accepted(calls: list[ToolCall], toolbox: Toolbox, log: TurnLog, step: Step) -> list[ValidCall]:
    accepted = []
    for index, call in enumerate(calls):
        checked = validate(call, toolbox)
        if index >= MAX_CALLS:
            checked = FaultyCall(call, FaultKind.REPEATED, f"At most {MAX_CALLS} calls in one step; not done.")
        elif isinstance(checked, ValidCall) and checked.key in log.called:
            checked = FaultyCall(
                call, FaultKind.REPEATED, "Already called in this turn: use its result and end the turn."
            )
        if isinstance(checked, FaultyCall):
            step.faults.append(checked.kind)
            step.bodies[call.id] = {"error": {"type": "InvalidArgs", "message": checked.text}}
            continue
        log.called.add(checked.key)
        accepted.append(checked)
    return accepted


async def _propose(writes: list[ValidCall], systems: Systems, known: Known, log: TurnLog, step: Step) -> None:
    for call in writes[:MAX_PROPOSALS]:
        started = perf_counter()
        await systems.progress(redact_text(step_words(call.call.name, call.args.model_dump(mode="json"))))
        proposed = await propose_write(call, known, systems.propose, systems.origin)
        step.bodies[call.call.id] = _note_proposed(call, proposed, log)
        log.records.append(_record(call, proposed, perf_counter() - started))
        step.missed = (call, proposed) if isinstance(proposed, ToolError) else step.missed
    for call in writes[MAX_PROPOSALS:]:
        message = f"At most {MAX_PROPOSALS} changes wait for confirmation at once; not proposed."
        log.notice(message)
        step.bodies[call.call.id] = {"error": {"type": "InvalidArgs", "message": message}}


def _record(call: ValidCall, proposed: Proposed, seconds: float) -> ToolCallRecord:
    failed = None if isinstance(proposed, ProposalView) else f"{type(proposed).__name__}: {proposed.message}"
    args = call.args.model_dump(mode="json")
    return ToolCallRecord(tool=call.call.name, args=args, seconds=seconds, error=failed)


def _note_proposed(call: ValidCall, proposed: Proposed, log: TurnLog) -> dict[str, Any]:
    if isinstance(proposed, ProposalView):
        log.proposals.append(proposed)
        log.observed.append(proposed.plan.target)
        body = {"digest": f"Proposed {proposed.id}: {proposed.plan.summary}. It waits for a person's confirmation."}
        log.digests[call.call.id] = body
        return body
    if isinstance(proposed, NotAllowed):
        log.refusals.append(proposed.message)
        return {"error": {"type": "Forbidden", "message": proposed.message}}
    return note_error(call, proposed, log)


def _control(calls: list[ValidCall], prompt: Prompt, step: Step, *, alone: bool) -> None:
    for call in calls:
        if isinstance(call.args, LoadToolsetArgs):
            step.bodies[call.call.id] = _load_toolset(call.args.name, prompt, step)
        elif alone:
            step.end_call = call
            step.bodies[call.call.id] = {"digest": "Sent."}
        else:
            message = f"Not sent: read the other results of this step first, then call {call.call.name} alone."
            step.bodies[call.call.id] = {"error": {"type": "InvalidArgs", "message": message}}


def _load_toolset(name: str, prompt: Prompt, step: Step) -> dict[str, Any]:
    text = prompt.toolset_texts.get(name)
    if text is None:
        step.faults.append(FaultKind.WRONG_ARGUMENTS)
        names = ", ".join(prompt.toolset_texts)
        return {
            "error": {"type": "NotFound", "message": f"{LOAD_TOOLSET}: there is no toolset {name}. Toolsets: {names}."}
        }
    step.toolsets.append(name)
    return {"result": text}


def _load(call: ValidCall, step: Step) -> None:
    """A tool that was called without loading its toolset: it is needed, so its schema is shown from now on."""
    if call.tool and not call.tool.core:
        step.toolsets.append(call.tool.toolset)
