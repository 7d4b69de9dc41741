"""The chat model that needs no model: rules read the request, call the tools, and word what they returned."""

from importlib.resources import files
from typing import Any

from assistant.agent.control import ANSWER, ASK
from assistant.agent.models.port import ModelReply, ModelRequest, ToolCall, ToolSchema
from assistant.agent.models.rules.answering import Answering
from assistant.agent.models.rules.asking import Asking
from assistant.agent.models.rules.calling import as_json
from assistant.agent.models.rules.lexicon import Lexicon, load_lexicon
from assistant.agent.models.rules.steps import Step, Steps
from assistant.agent.models.rules.thread import Thread, read_thread
from assistant.agent.models.rules.understanding import Understanding
from assistant.conversation import Usage


class RulesModel:
    """A `ChatModel` without a model: a pure function of the request, the same bytes for the same request.

    It understands the requests in prompts/rules/intents.yaml, asks when something is missing, and says what it
    could not understand. It never raises ModelUnavailable.
    """

    name = "rules"

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        """`lexicon` None: the shipped vocabulary. Raises ValueError when a file of it is wrong."""
        words = lexicon or load_lexicon(files("prompts") / "rules")
        self._understanding = Understanding(words)
        self._steps = Steps(words)
        self._asking = Asking(words)
        self._answering = Answering(words.replies)

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The next calls: tools that are still needed, else one `ask` or `answer`."""
        offered = {tool.name: tool for tool in request.tools}
        thread = read_thread(request.messages)
        calls = self._calls(thread, offered)
        prefix = f"rules-{len(request.messages)}"
        numbered = tuple(
            ToolCall(f"{prefix}-{index}", name, as_json(args)) for index, (name, args) in enumerate(calls, start=1)
        )
        return ModelReply(numbered, usage=Usage(calls=1))

    def _calls(self, thread: Thread, offered: dict[str, ToolSchema]) -> list[tuple[str, dict[str, Any]]]:
        understood = self._understanding.within(self._understanding.of(thread), offered)
        if understood.reply:
            return [self._end(self._asking.reply(understood), offered)]
        if understood.missing:
            return [self._end(self._asking.missing(understood), offered)]
        step: Step = self._steps.next(understood, thread.calls, offered)
        if step.calls:
            return list(step.calls)
        if step.question:
            return [self._end(step.question, offered)]
        return [(ANSWER, self._answering.answer(step.done, thread.when))]

    def _end(self, question: dict[str, Any], offered: dict[str, ToolSchema]) -> tuple[str, dict[str, Any]]:
        """A question, or an answer in its words when only an answer is allowed."""
        if ASK in offered or ANSWER not in offered:
            return ASK, question
        summary = {"verdict": "inconclusive", "summary": question["question"], "claims": []}
        return ANSWER, summary | {"next_steps": question["choices"][:5]}
