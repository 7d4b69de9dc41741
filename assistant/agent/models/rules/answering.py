"""Answers composed from what tools returned: a first line, sentences that cite, what to do next."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from assistant.agent.models.rules.lexicon import Replies
from assistant.agent.models.rules.statements import Statement, statements
from assistant.agent.models.rules.tasks import Asked, When
from assistant.agent.models.rules.thread import Called

MAX_CLAIMS = 12
MAX_SUMMARY = 600
MAX_STEP = 240
MAX_STEPS = 5
MAX_NAMES = 6


class Answering:
    """Makes `answer` arguments."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def answer(self, done: list[tuple[Asked | None, Called]], when: When) -> dict[str, Any]:
        """One answer of all results of the turn, in the order of the questions; what failed is said last."""
        ok = [(ask, call, self._statements(ask, call, when)) for ask, call in done if call.error is None]
        failed = [call for _, call in done if call.error is not None]
        share = max(2, MAX_CLAIMS // max(1, len(ok)))
        claims = [_claim(each) for _, _, found in ok for each in found[:share]][:MAX_CLAIMS]
        lines = [self._line(ask, call, found) for ask, call, found in ok] + [self._failure(call) for call in failed]
        summary = " ".join(dict.fromkeys(filter(None, lines)))
        steps = [str(step) for _, call, _ in ok for step in _listed(call.result, "next_steps")]
        steps = [*(str(call.error.get("message", "")) for call in failed if call.error), *steps]
        return {
            "verdict": _verdict([call for _, call, _ in ok], bool(claims), bool(failed)),
            "summary": _cut(summary or self._replies.answers["nothing"], MAX_SUMMARY),
            "claims": claims,
            "next_steps": [_cut(step, MAX_STEP) for step in dict.fromkeys(filter(None, steps))][:MAX_STEPS],
        }

    def _statements(self, ask: Asked | None, call: Called, when: When) -> tuple[Statement, ...]:
        """What the result proves. Changes and events before the moment that was asked about are left out."""
        found = statements(call.result)
        focus = self._replies.focus.get(ask.spec.name, ()) if ask else ()
        first = [each for each in found if any(word in each.text.lower() for word in focus)]
        ordered = tuple(first) + tuple(each for each in found if each not in first)
        if ask is None or ask.since_minutes is None or when.at is None or call.tool != "get_changes":
            return ordered
        oldest = when.at - timedelta(minutes=ask.since_minutes)
        return tuple(each for each in ordered if each.at >= oldest)

    def _line(self, ask: Asked | None, call: Called, found: tuple[Statement, ...]) -> str:
        """The tool's own summary, else the sentence for this tool."""
        own = call.result.get("summary") if isinstance(call.result, dict) else None
        if isinstance(own, str) and own:
            return own
        name = ask.spec.name if ask and ask.spec.name in self._replies.answers else call.tool
        template = self._replies.answers.get(name if found else f"{name}_empty") or self._replies.answers["other"]
        return template.format_map(defaultdict(str, self._values(call, found)))

    def _values(self, call: Called, found: tuple[Statement, ...]) -> dict[str, Any]:
        """What a sentence may name: single values of the result, what was asked for, and what was found."""
        single = call.result.items() if isinstance(call.result, dict) else ()
        place = call.args.get("environment")
        return {
            **{name: value for name, value in single if isinstance(value, str | int)},
            "workload": call.args.get("workload") or call.args.get("name") or call.args.get("text") or "",
            "owner": call.args.get("owner") or "",
            "where": self._replies.again["in"].format(environment=place) if place else "",
            "names": ", ".join(dict.fromkeys(_name(each.subject) for each in found[:MAX_NAMES])),
            "first": found[0].text.rstrip(".") if found else "",
        }

    def _failure(self, call: Called) -> str:
        error = call.error or {}
        kind = str(error.get("type", ""))
        template = self._replies.answers.get(kind, self._replies.answers["failed"])
        subject = call.args.get("workload") or call.args.get("name") or call.args.get("environment") or ""
        return template.format_map({"system": error.get("system", ""), "workload": subject, "tool": call.tool})


def _verdict(calls: list[Called], proven: bool, failed: bool) -> str:
    """The weakest verdict of the results; nothing proven is inconclusive."""
    if not proven:
        return "inconclusive"
    order = ["inconclusive", "likely", "confirmed"]
    own = [str(call.result.get("verdict")) for call in calls if isinstance(call.result, dict)]
    ranks = [order.index(verdict) for verdict in own if verdict in order]
    return order[min([*ranks, 1 if failed else 2])]


def _claim(statement: Statement) -> dict[str, Any]:
    return {"text": statement.text, "evidence": list(statement.ids)}


def _listed(result: Any, name: str) -> list[Any]:
    value = result.get(name) if isinstance(result, dict) else None
    return value if isinstance(value, list) else []


def _name(subject: str) -> str:
    """ "checkout" of "Deployment shop-staging/checkout" and of "component:default/checkout"."""
    return subject.rpartition(" ")[2].rpartition("/")[2]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
