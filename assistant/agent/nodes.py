"""The three nodes: `decide` asks the model, `act` carries out its calls, `close` keeps what matters."""

from typing import Any, Literal

from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Command

from assistant.agent.calls import FaultKind, ValidCall
from assistant.agent.clarify import question_for
from assistant.agent.context import TurnContext
from assistant.agent.control import ANSWER, AnswerArgs, AskArgs
from assistant.agent.dispatch import Step, perform
from assistant.agent.endings import answered, asked, concluded, is_empty_handed, partial, proposed, questioned
from assistant.agent.history import last_turns, remembered, tool_calls
from assistant.agent.inventions import only_asks
from assistant.agent.models.port import ChatMessage, ModelReply, ModelRequest, ModelUnavailable, ToolCall
from assistant.agent.naming import words
from assistant.agent.parts import asks_one_thing
from assistant.agent.repairs import is_beyond_repair, repair_notice, sendable, well_formed
from assistant.agent.state import State, observed_refs, with_observed
from assistant.agent.transcript import (
    calls_message,
    data_message,
    notice_message,
    said,
    system_message,
    text_message,
)
from assistant.agent.turn import End
from assistant.agent.writes import Known

LAST_CALL = "Call `answer` now, with what the evidence so far shows; say what is still open."

Next = Command[Literal["decide", "act", "close"]]


async def decide(state: State, runtime: Runtime[TurnContext]) -> Next:
    """One model call. Its calls go to `act`; words without a call are repaired once; a used-up budget is final."""
    context = runtime.context
    spent = context.spent(state["steps"])
    messages = state["messages"]
    if spent:
        context.log.notice(spent)
        messages = [*messages, notice_message(f"{spent} {LAST_CALL}")]
    try:
        reply = await context.complete(_request(context, state, messages, final=spent is not None))
    except ModelUnavailable as exc:
        return _close(context, partial(str(exc), context.log))
    update = {"messages": messages, "steps": state["steps"] + 1, "final": spent is not None}
    return _wordy(context, reply, update) if not reply.calls else _called(reply, update)


def _request(context: TurnContext, state: State, messages: list[ChatMessage], *, final: bool) -> ModelRequest:
    prompt = context.systems.prompt
    tools = prompt.answer_only if final else prompt.schemas(state["toolsets"])
    return ModelRequest((system_message(prompt.system), *messages), tools, context.end_user)


def _called(reply: ModelReply, update: dict[str, Any]) -> Next:
    calls = well_formed(reply.calls, update["messages"])
    return Command(update=update | {"messages": [*update["messages"], calls_message(calls)]}, goto="act")


def _wordy(context: TurnContext, reply: ModelReply, update: dict[str, Any]) -> Next:
    context.log.faults[FaultKind.NO_CALL] += 1
    if update["final"] or is_beyond_repair(context.log.faults):
        return _close(context, partial("The model did not reply in a form that could be used.", context.log))
    wrote = [text_message(reply.text[:500])] if reply.text.strip() else []
    messages = [*update["messages"], *wrote, notice_message(repair_notice(reply))]
    return Command(update=update | {"messages": messages}, goto="decide")


async def act(state: State, runtime: Runtime[TurnContext]) -> Next:
    """Carry out the calls of the last reply; the turn ends, or the model sees what they returned."""
    context = runtime.context
    calls = list(tool_calls(state["messages"][-1]))
    if state["final"]:
        calls = [call for call in calls if call.name == ANSWER][:1]
    step = await perform(calls, context.systems, lambda: _known(state, context), context.log, context.seconds_left())
    end = _end(state, context, step)
    if end:
        return _close(context, end)
    update = {
        "messages": [*state["messages"][:-1], *_exchange(calls, step)],
        "toolsets": list(dict.fromkeys([*state["toolsets"], *step.toolsets])),
    }
    return Command(update=update, goto="decide")


def _exchange(calls: list[ToolCall], step: Step) -> list[ChatMessage]:
    sent = tuple(ToolCall(call.id, call.name, sendable(call.arguments)) for call in calls)
    return [calls_message(sent), *(data_message(call, step.bodies[call.id]) for call in calls)]


def _known(state: State, context: TurnContext) -> Known:
    texts = _person_texts(state)
    heard = " ".join(str(message.get("content") or "") for message in state["messages"]).lower()
    observed = [*observed_refs(state), *context.log.observed]
    return Known(words(texts), observed, heard, only_asks(texts[-1]) if texts else False)


def _person_texts(state: State) -> list[str]:
    return [text for text in map(said, state["messages"]) if text is not None]


def _end(state: State, context: TurnContext, step: Step) -> End | None:
    log = context.log
    if log.proposals or log.refusals:
        return proposed(log)
    if step.end_call:
        return _asked_to_end(state, context, step, step.end_call)
    if state["final"]:
        return partial("The model did not answer when it had to.", log)
    if len(step.bodies) > len(step.faults):
        log.faults.clear()
    log.faults.update(step.faults)
    if is_beyond_repair(log.faults):
        faults = " and ".join(sorted(set(step.faults)))
        return partial(f"The model did not get further ({faults}).", log)
    return _settled(state, context, step)


def _asked_to_end(state: State, context: TurnContext, step: Step, call: ValidCall) -> End | None:
    log = context.log
    if isinstance(call.args, AskArgs):
        return asked(call.args)
    if not isinstance(call.args, AnswerArgs):
        raise TypeError(f"{call.call.name} does not end a turn")
    if is_empty_handed(call.args, log) and not state["final"] and not log.faults[FaultKind.UNGROUNDED]:
        log.faults[FaultKind.UNGROUNDED] += 1
        known = ", ".join(entry.id for entry in log.ledger.entries()[:40])
        text = f"No claim holds: cite only {known}, and copy numbers and names from them exactly. Answer again."
        step.bodies[call.call.id] = {"error": {"type": "InvalidArgs", "message": text}}
        return None
    return answered(call.args, log, _person_texts(state))


def _settled(state: State, context: TurnContext, step: Step) -> End | None:
    """Ends without a second model call: the only call of the step settled the only question, or named candidates."""
    if len(step.bodies) != 1:
        return None
    text = _person_texts(state)[-1]
    if step.missed:
        question = question_for(*step.missed, text)
        return questioned(question) if question else None
    conclusion = step.result.conclusion() if step.result else None
    return concluded(conclusion, context.log) if conclusion and asks_one_thing(text) else None


def _close(context: TurnContext, end: End) -> Next:
    context.log.end = end
    return Command(goto="close")


async def close(state: State, runtime: Runtime[TurnContext]) -> Command[Any]:
    """Replace what tools returned by its digest, so that the thread stays small and its prefix the same."""
    log = runtime.context.log
    before, turn = state["messages"][: state["closed"]], state["messages"][state["closed"] :]
    closing = log.end.closing if log.end else ""
    messages = last_turns([*before, *remembered(turn, log.digests, closing)])
    update = {"messages": messages, "closed": len(messages), "observed": with_observed(state, log.observed)}
    return Command(update=update, goto=END)
