"""What to do next in a turn: calls that are still needed, a question that a failure raises, or the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.agent.models.port import ToolSchema
from assistant.agent.models.rules.amounts import Replicas
from assistant.agent.models.rules.asking import Asking
from assistant.agent.models.rules.calling import UnfitArguments, arguments, loading, slots, wanted
from assistant.agent.models.rules.lexicon import IntentSpec, Lexicon, Slot
from assistant.agent.models.rules.tasks import Asked
from assistant.agent.models.rules.thread import Called
from assistant.agent.models.rules.topic import Understood

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """`calls` to make now; else a `question` to end with; else `done`: what each ask led to, to be answered."""

    calls: tuple[Call, ...] = ()
    question: dict[str, Any] | None = None
    done: list[tuple[Asked | None, Called]] = field(default_factory=list)


class Steps:
    """Plans the steps of a turn from its requests and from what was called so far."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._asking = Asking(lexicon)

    def next(self, understood: Understood, called: Sequence[Called], offered: dict[str, ToolSchema]) -> Step:
        """The next step. Nothing is called twice with the same arguments."""
        if set(offered) <= {"answer"}:
            return Step(done=[(None, call) for call in _ended(called)])
        calls: list[Call] = []
        done: list[tuple[Asked | None, Called]] = []
        for ask, workload, environment in wanted(understood.asks):
            found = self._find(ask, workload, environment, called, offered)
            if isinstance(found, Called):
                done.append((ask, found))
            elif found is not None and found not in calls:
                calls.append(found)
            elif found is None:
                return Step(question=self._asking.missing(replace(understood, asks=(ask,), missing=_lacking(ask))))
        if calls:
            return Step(calls=tuple(calls))
        seen = [call for _, call in done]
        done += [(None, call) for call in _ended(called) if call not in seen]
        return Step(question=self._question(done), done=done)

    def _find(
        self,
        ask: Asked,
        workload: str | None,
        environment: str | None,
        called: Sequence[Called],
        offered: dict[str, ToolSchema],
    ) -> Called | Call | None:
        """What came of this part, or the call it needs next; None when an argument does not fit the tool."""
        present = self._present(ask, called)
        if ask.spec.writes and ask.replicas.is_known and ask.replicas.count is None:
            if present is None:
                return self._find(self._look(ask), workload, environment, called, offered)
            if present.error is not None:
                return present
            ask = replace(ask, replicas=Replicas(count=ask.replicas.of(_replicas(present.result))))
        return self._call(ask.spec, slots(ask, workload, environment), called, offered)

    def _call(
        self, spec: IntentSpec, given: dict[str, Any], called: Sequence[Called], offered: dict[str, ToolSchema]
    ) -> Called | Call | None:
        name = spec.tool or ""
        before = _same(name, given, called)
        if before:
            return self._instead(spec, before, given, called, offered)
        if name not in offered:
            load = loading(spec.toolset, offered)
            tried = any(call.tool == "load_toolset" and call.args == load for call in called)
            return ("load_toolset", load) if load and not tried else Called(name, given, error=_absent(spec))
        try:
            return name, arguments(offered[name].parameters, given)
        except UnfitArguments:
            return None

    def _instead(
        self,
        spec: IntentSpec,
        before: Called,
        given: dict[str, Any],
        called: Sequence[Called],
        offered: dict[str, ToolSchema],
    ) -> Called | Call | None:
        """ "what is failing in checkout": when there is no such environment it was the name of a service."""
        place = given.get("environment")
        unknown = (before.error or {}).get("type") == "NotFound"
        if spec.named is None or not unknown or place in self._lexicon.words.environment_words:
            return before
        other = self._lexicon.by_name[spec.named]
        found = self._call(other, {"workload": place}, called, offered)
        return before if isinstance(found, Called) and found.error else found or before

    def _look(self, ask: Asked) -> Asked:
        return replace(ask, spec=self._lexicon.by_name["workload"], replicas=Replicas())

    def _present(self, ask: Asked, called: Sequence[Called]) -> Called | None:
        """The look at the workload that a relative change needs first."""
        tool = self._lexicon.by_name["workload"].tool
        return next((call for call in called if call.tool == tool and call.args.get("workload") in ask.workloads), None)

    def _question(self, done: list[tuple[Asked | None, Called]]) -> dict[str, Any] | None:
        """Asked when nothing was found out: which candidate is meant, or what is wrong with the request."""
        if any(call.error is None for _, call in done):
            return None
        for ask, call in done:
            error = call.error or {}
            message, kind = str(error.get("message", "")), error.get("type")
            if kind in {"NotFound", "Ambiguous"} and ask is not None:
                names = [str(name) for name in error.get("candidates") or ()]
                return self._asking.candidates(ask, call, message, names)
            if kind == "InvalidArgs":
                return self._asking.told(message)
        return None


def _absent(spec: IntentSpec) -> dict[str, Any]:
    return {"type": "Unavailable", "message": "", "system": spec.toolset or spec.tool}


def _lacking(ask: Asked) -> Slot:
    return next((slot for slot in ask.spec.needs if slot not in {"workload", "environment"}), "workload")


def _ended(called: Sequence[Called]) -> list[Called]:
    """Calls that looked at something; loading tools and a refused answer did not."""
    return [call for call in called if call.tool not in {"load_toolset", "answer", "ask"} and _came_back(call)]


def _came_back(call: Called) -> bool:
    return call.result is not None or call.error is not None


def _same(name: str, given: dict[str, Any], called: Sequence[Called]) -> Called | None:
    """A call of this turn with these arguments, whoever made it; what was left out does not count."""
    return next((call for call in called if call.tool == name and _came_back(call) and _fits(call.args, given)), None)


def _fits(made: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether a call says nothing else than what is wanted. A span of time may have been cut by the tool's limit."""
    said = {name: value for name, value in made.items() if value and name != "since_minutes"}
    return bool(said) and all(given.get(name) == value for name, value in said.items())


def _replicas(result: Any) -> int:
    """How many replicas a dumped workload should have."""
    desired = result.get("desired") if isinstance(result, dict) else None
    return desired if isinstance(desired, int) else 1
