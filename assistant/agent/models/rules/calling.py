"""Turns what was asked into calls that fit the schemas of the offered tools."""

import json
from collections.abc import Iterable
from itertools import product
from typing import Any

from assistant.agent.control import LOAD_TOOLSET
from assistant.agent.models.port import ToolSchema
from assistant.agent.models.rules.tasks import Asked

_NAMING = ("workload", "service", "name", "pod", "job", "cronjob", "node", "application")
_SPANS = frozenset({"since_minutes"})  # looking back less far than was said is still an answer
MAX_CALLS = 6  # of one step, as the agent allows


class UnfitArguments(Exception):
    """A required argument was not said."""


def wanted(asks: Iterable[Asked]) -> tuple[tuple[Asked, str | None, str | None], ...]:
    """One (ask, workload, environment) for each call that the asks need, in order, at most MAX_CALLS."""
    each = [
        (ask, workload, environment)
        for ask in asks
        for workload, environment in product(ask.workloads or (None,), _places(ask))
    ]
    return tuple(each[:MAX_CALLS])


def _places(ask: Asked) -> tuple[str | None, ...]:
    """One call for each environment; one for both of a pair."""
    return (None,) if ask.spec.pairs or not ask.environments else ask.environments


def slots(ask: Asked, workload: str | None, environment: str | None) -> dict[str, Any]:
    """All arguments that any tool could take of this ask."""
    said: dict[str, Any] = {
        "workload": workload,
        "name": workload,
        "environment": environment,
        "namespace": environment,
        "owner": ask.team,
        "replicas": ask.replicas.count,
        "to_revision": ask.revision.number,
        "pattern": ask.pattern,
        "previous": ask.previous,
        "since_minutes": ask.since_minutes,
        **ask.settings,
    }
    renamed = {ask.spec.as_: workload} if ask.spec.as_ else {}
    given = {name: value for name, value in (said | renamed).items() if value is not None}
    return ask.spec.defaults | given | ask.spec.fixed


def named(args: dict[str, Any]) -> str:
    """The object that a call names, whatever the tool calls that argument; empty when it names none."""
    return str(next((args[key] for key in _NAMING if args.get(key)), ""))


def arguments(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Arguments by a tool's strict schema: texts and spans of time within their bounds, null for what was not said.

    Raises UnfitArguments when something required was not said or another number is out of bounds.
    """
    return {name: _fitted(name, part, given.get(name)) for name, part in schema.get("properties", {}).items()}


def _fitted(name: str, part: dict[str, Any], value: Any) -> Any:
    if value is None:
        return _unsaid(name, part)
    if isinstance(value, str):
        return value[: part.get("maxLength", len(value))]
    if isinstance(value, int) and not isinstance(value, bool):
        fitted = max(part.get("minimum", value), min(part.get("maximum", value), value))
        if fitted != value and name not in _SPANS:
            raise UnfitArguments(name)
        return fitted
    return value


def _unsaid(name: str, part: dict[str, Any]) -> Any:
    kinds = part.get("type", [])
    if "null" in kinds or any(option.get("type") == "null" for option in part.get("anyOf", ())):
        return None
    if kinds == "boolean":
        return False
    raise UnfitArguments(name)


def as_json(args: dict[str, Any]) -> str:
    """Arguments as a model would write them, the same bytes for the same arguments."""
    return json.dumps(args, ensure_ascii=False, separators=(",", ":"))


def loading(toolset: str | None, offered: dict[str, ToolSchema]) -> dict[str, Any] | None:
    """Arguments that load a toolset, or None when it cannot be loaded."""
    if toolset is None or LOAD_TOOLSET not in offered:
        return None
    return dict.fromkeys(offered[LOAD_TOOLSET].parameters["properties"], toolset)
