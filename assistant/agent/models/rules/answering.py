"""Answers composed from what tools returned: a first line, sentences that cite, what to do next."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from assistant.agent.models.rules.calling import named
from assistant.agent.models.rules.lexicon import Replies
from assistant.agent.models.rules.statements import Statement, statements
from assistant.agent.models.rules.tasks import Asked, When
from assistant.agent.models.rules.thread import Called

MAX_CLAIMS = 12
MAX_SUMMARY = 600
MAX_STEP = 240
MAX_STEPS = 5
MAX_NAMES = 10


@dataclass(frozen=True)
class _Read:
    """One result, what it proves, and whether all of that is older than what was asked about."""

    ask: Asked | None
    call: Called
    found: tuple[Statement, ...]
    older: bool = False


class Answering:
    """Makes `answer` arguments."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def answer(self, done: list[tuple[Asked | None, Called]], when: When) -> dict[str, Any]:
        """One answer of all results of the turn, in the order of the questions; what failed is said last."""
        reads = [self._read(ask, call, when) for ask, call in done if call.error is None]
        failed = [call for _, call in done if call.error is not None]
        share = max(2, MAX_CLAIMS // max(1, len(reads)))
        claims = [_claim(each) for read in reads for each in read.found[:share]][:MAX_CLAIMS]
        lines = [*map(self._line, reads), *map(self._failure, failed)]
        summary = " ".join(dict.fromkeys(filter(None, lines))) or self._replies.answers["nothing"]
        steps = [*(str((call.error or {}).get("message", "")) for call in failed), *_next_steps(reads)]
        return {
            "verdict": _verdict(reads, bool(claims), bool(failed)),
            "summary": _cut(summary, MAX_SUMMARY),
            "claims": claims,
            "next_steps": [_cut(step, MAX_STEP) for step in dict.fromkeys(filter(None, steps))][:MAX_STEPS],
        }

    def _read(self, ask: Asked | None, call: Called, when: When) -> _Read:
        """What the result proves, that which was asked for first; changes only since the moment asked about, if any."""
        found = statements(call.result, self._replies.relations)
        focus = self._replies.focus.get(ask.spec.name, ()) if ask else ()
        first = [each for each in found if any(word in each.text.lower() for word in focus)]
        ordered = (*first, *(each for each in found if each not in first))
        if ask is None or ask.since_minutes is None or when.at is None or ask.spec.name != "changes":
            return _Read(ask, call, ordered)
        oldest = when.at - timedelta(minutes=ask.since_minutes)
        recent = tuple(each for each in ordered if each.at >= oldest)
        return _Read(ask, call, recent or ordered, older=not recent)

    def _line(self, read: _Read) -> str:
        """The tool's own summary, else the sentence for this request or tool."""
        own = read.call.result.get("summary") if isinstance(read.call.result, dict) else None
        told = own if isinstance(own, str) else ""
        if told and not read.older:
            return told
        name = read.ask.spec.name if read.ask and read.ask.spec.name in self._replies.answers else read.call.tool
        form = f"{name}_older" if read.older and read.found else name if read.found else f"{name}_empty"
        template = self._replies.answers.get(form) or self._replies.answers["other"]
        return template.format_map(defaultdict(str, self._values(read))).strip()

    def _values(self, read: _Read) -> dict[str, Any]:
        """What a sentence may name: single values of the result, what was asked for, and what was found."""
        args, result = read.call.args, read.call.result if isinstance(read.call.result, dict) else {}
        place = args.get("environment")
        names = list(dict.fromkeys(each.name for each in read.found))
        more = f" (+{len(names) - MAX_NAMES})" if len(names) > MAX_NAMES else ""
        return {
            **{name: value for name, value in result.items() if isinstance(value, str | int)},
            "workload": args.get("workload") or args.get("name") or args.get("text") or "",
            "where": self._replies.again["in"].format(environment=place) if place else "",
            "names": ", ".join(names[:MAX_NAMES]) + more,
            "first": read.found[0].text.rstrip(".") if read.found else "",
            "images": ", ".join(_images(result)),
        }

    def _failure(self, call: Called) -> str:
        error = call.error or {}
        kind = str(error.get("type", ""))
        template = self._replies.answers.get(kind, self._replies.answers["failed"])
        subject = named(call.args) or call.args.get("environment") or ""
        return template.format_map({"system": error.get("system", ""), "workload": subject, "tool": call.tool})


def _verdict(reads: list[_Read], proven: bool, failed: bool) -> str:
    """The weakest verdict of the results; nothing proven is inconclusive."""
    if not proven:
        return "inconclusive"
    order = ["inconclusive", "likely", "confirmed"]
    own = [str(read.call.result.get("verdict")) for read in reads if isinstance(read.call.result, dict)]
    ranks = [order.index(verdict) for verdict in own if verdict in order]
    return order[min([*ranks, 1 if failed else 2])]


def _claim(statement: Statement) -> dict[str, Any]:
    return {"text": statement.text, "evidence": list(statement.ids)}


def _next_steps(reads: list[_Read]) -> list[str]:
    return [str(step) for read in reads for step in _listed(read.call.result, "next_steps")]


def _images(result: dict[str, Any]) -> list[str]:
    """Images of a dumped workload's containers."""
    rows = [row for row in _listed(result, "containers") if isinstance(row, dict) and not row.get("init")]
    return [str(row["image"]) for row in rows if row.get("image")]


def _listed(result: Any, name: str) -> list[Any]:
    value = result.get(name) if isinstance(result, dict) else None
    return value if isinstance(value, list) else []


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
