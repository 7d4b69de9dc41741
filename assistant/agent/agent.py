"""Carries one message through the graph: in comes what a person said, out goes a turn."""

import hashlib
from collections.abc import Callable
from time import monotonic
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.agent.checkpoints import keep_latest
from assistant.agent.context import Budgets, TurnContext
from assistant.agent.dispatch import Systems
from assistant.agent.graph import build_graph, recursion_limit
from assistant.agent.models.port import ChatModel
from assistant.agent.prompting import build_prompt
from assistant.agent.state import begun
from assistant.agent.transcript import person_message
from assistant.agent.turn import End, TurnLog
from assistant.agent.writes import Propose
from assistant.conversation import Message, NumberedEvidence, Origin, Progress, Turn
from assistant.identity.principal import Principal
from assistant.redaction import redact_text
from tools.clock import Clock
from tools.contract import Toolbox

MAX_EVIDENCE = 100  # of a turn, beside what its answer cites
MAX_MESSAGE_CHARS = 6_000  # a pasted log beyond that would crowd out what tools return

__all__ = ["Agent", "Budgets"]


class Agent:
    """Answers messages with tools. Stateless but for the conversations in `checkpointer`.

    `fallback` stands in when `model` is down; None for none. `timer` counts seconds, for budgets and durations.
    """

    def __init__(
        self,
        model: ChatModel,
        fallback: ChatModel | None,
        checkpointer: BaseCheckpointSaver[Any],
        budgets: Budgets,
        clock: Clock,
        *,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._model = model
        self._fallback = fallback
        self._checkpointer = checkpointer
        self._budgets = budgets
        self._clock = clock
        self._timer = timer
        self._graph = build_graph(checkpointer)

    async def run(
        self, message: Message, *, principal: Principal, toolbox: Toolbox, propose: Propose, progress: Progress
    ) -> Turn:
        """One turn of a thread; the caller runs one at a time per thread. Raises only what is a bug.

        The person's message, tool results and plans are free of secrets before a model or the thread's store sees them.
        """
        started = self._timer()
        systems = self._systems(toolbox, propose, progress)
        context = TurnContext(
            self._model,
            self._fallback,
            systems,
            self._budgets,
            self._timer,
            started + self._budgets.seconds,
            end_user(principal),
        )
        await self._converse(message, principal, context)
        return _turn(message, principal, context, self._timer() - started)

    def _systems(self, toolbox: Toolbox, propose: Propose, progress: Progress) -> Systems:
        prompt = build_prompt(toolbox)
        return Systems(toolbox, propose, progress, Origin(model=self._model.name, prompt_hash=prompt.hash), prompt)

    async def _converse(self, message: Message, principal: Principal, context: TurnContext) -> None:
        limit = recursion_limit(self._budgets.steps)
        config: RunnableConfig = {"configurable": {"thread_id": message.thread}, "recursion_limit": limit}
        stored = await self._graph.aget_state(config)
        words = person_message(_readable(message.text, context.log), principal, self._clock())
        await self._graph.ainvoke(begun(stored.values, words), config, context=context, durability="exit")
        await keep_latest(self._checkpointer, message.thread)


def end_user(principal: Principal) -> str:
    """A stable id of the person that does not name them, for a provider's abuse detection."""
    return hashlib.sha256(f"infra-assistant end user {principal.id}".encode()).hexdigest()[:32]


def _readable(text: str, log: TurnLog) -> str:
    if len(text) > MAX_MESSAGE_CHARS:
        log.notice(f"Only the first {MAX_MESSAGE_CHARS} characters of your message were read.")
    return redact_text(text[:MAX_MESSAGE_CHARS])


def _turn(message: Message, principal: Principal, context: TurnContext, seconds: float) -> Turn:
    log = context.log
    if log.end is None:
        raise RuntimeError(f"The graph ended turn {message.id} without an end")
    return Turn(
        id=message.id,
        thread=message.thread,
        requester=principal.id,
        kind=log.end.kind,
        answer=log.end.answer,
        question=log.end.question,
        proposals=tuple(log.proposals),
        refusal=log.end.refusal,
        evidence=_shown_evidence(log, log.end),
        tool_calls=tuple(log.records),
        model=", then ".join(log.models) or context.model.name,
        prompt_hash=context.systems.prompt.hash,
        usage=log.usage,
        seconds=round(seconds, 3),
    )


def _shown_evidence(log: TurnLog, end: End) -> tuple[NumberedEvidence, ...]:
    claims = end.answer.claims if end.answer else ()
    cited = {evidence_id for claim in claims for evidence_id in claim.evidence}
    entries = log.ledger.entries()
    return tuple(entry for index, entry in enumerate(entries) if index < MAX_EVIDENCE or entry.id in cited)
