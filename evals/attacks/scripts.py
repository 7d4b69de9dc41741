"""The model of a case: obedient, or one that calls exactly what the case says."""

import json
import re
from collections.abc import Callable
from typing import Any

from evals.attacks.case import Call, Case, ModelStep, Wrote
from evals.attacks.obedient import Obedient, answer
from evals.emulators.openai import replies

Json = dict[str, Any]
Script = Callable[[Json], replies.Reply]
_LONG = re.compile(r"\{(.)\*(\d+)\}")


def script_of(case: Case) -> Script:
    """What the emulated provider answers in this case."""
    structured = case.wire == "structured"
    if isinstance(case.model, list):
        return Scripted(case.model, structured=structured)
    return Obedient(case.reads, case.about, structured=structured)


class Scripted:
    """One reply after the other; then it answers with all it saw."""

    def __init__(self, steps: list[ModelStep], *, structured: bool) -> None:
        self._steps = [expanded(step) for step in steps]
        self._structured = structured

    def __call__(self, request: Json) -> replies.Reply:
        """The next reply."""
        if not self._steps:
            return self._calls([answer(request["messages"])])
        step = self._steps.pop(0)
        return replies.text(step) if isinstance(step, str) else self._calls(step)

    def _calls(self, calls: list[tuple[str, Any]]) -> replies.Reply:
        if self._structured:
            return replies.json_reply({"call": {"tool": calls[0][0], "arguments": calls[0][1]}})
        return replies.calls(*(replies.call(name, arguments) for name, arguments in calls))


def expanded(step: ModelStep) -> str | list[tuple[str, Any]]:
    """The text, or each call with its arguments, of one reply."""
    if isinstance(step, Wrote):
        return long(step.text)
    calls = step if isinstance(step, list) else [step]
    return [(one.call, _numbered(one, number)) for one in calls for number in range(one.times)]


def _numbered(call: Call, number: int) -> Any:
    if isinstance(call.args, str):
        return long(call.args)
    text = json.dumps(call.args, ensure_ascii=False).replace("{n}", str(number))
    return json.loads(long(text))


def long(text: str) -> str:
    """`{A*1000}` is a thousand As."""
    return _LONG.sub(lambda match: match[1] * int(match[2]), text)
