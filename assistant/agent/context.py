"""What the nodes of one turn work with: everything that is not conversation."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.agent.dispatch import Systems
from assistant.agent.models.port import ChatModel, ModelReply, ModelRequest, ModelUnavailable
from assistant.agent.turn import TurnLog

FALLBACK_SECONDS = 20.0  # a hanging provider may use up the turn; the rules that stand in still get to look


@dataclass(frozen=True)
class Budgets:
    """Limits of one turn. `steps`: model calls before the last one, which may only answer. `tokens`: in and out."""

    steps: int = 8
    tokens: int = 60_000
    seconds: float = 120.0
    model_seconds: float = 60.0


@dataclass
class TurnContext:
    """One turn: its models, systems, limits and log. `deadline` is in seconds of `timer`."""

    model: ChatModel
    fallback: ChatModel | None
    systems: Systems
    budgets: Budgets
    timer: Callable[[], float]
    deadline: float
    end_user: str
    log: TurnLog = field(default_factory=TurnLog)
    fell_back: bool = False

    def seconds_left(self) -> float:
        """Until the turn's deadline; negative when it is over."""
        return self.deadline - self.timer()

    def spent(self, steps: int) -> str | None:
        """Which budget is used up, as a sentence, or None."""
        used = self.log.usage.prompt_tokens + self.log.usage.completion_tokens
        if steps >= self.budgets.steps:
            return f"The limit of {self.budgets.steps} steps for one message is used up."
        if used >= self.budgets.tokens:
            return f"The limit of {self.budgets.tokens} tokens for one message is used up."
        if self.seconds_left() <= 0:
            return f"The limit of {self.budgets.seconds:g} seconds for one message is used up."
        return None

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Ask the model, or the fallback once the model is down. Raises ModelUnavailable when nobody is left."""
        if not self.fell_back:
            try:
                return await self._ask(self.model, request)
            except ModelUnavailable as exc:
                self._fall_back(exc)
        if self.fallback is None:
            raise ModelUnavailable("No language model is available.")
        return await self._ask(self.fallback, request)

    async def _ask(self, model: ChatModel, request: ModelRequest) -> ModelReply:
        seconds = min(self.budgets.model_seconds, max(self.seconds_left(), FALLBACK_SECONDS))
        try:
            async with asyncio.timeout(seconds):
                reply = await model.complete(request)
        except TimeoutError as exc:
            raise ModelUnavailable(f"The model {model.name} did not reply within {seconds:g} seconds.") from exc
        self.log.usage += reply.usage
        self.log.used_model(model.name)
        return reply

    def _fall_back(self, exc: ModelUnavailable) -> None:
        if self.fallback is None:
            raise exc
        self.fell_back = True
        self.deadline = max(self.deadline, self.timer() + FALLBACK_SECONDS)
        self.log.notice(f"The language model is down: {exc} Built-in rules answered instead.")
