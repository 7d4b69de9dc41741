"""A thread with the rules model: earlier messages, what tools returned, and the calls that follow."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from assistant.agent.calls import ValidCall, validate
from assistant.agent.models.port import ChatMessage, ModelReply, ModelRequest, ToolCall, ToolSchema
from assistant.agent.models.rules.model import RulesModel
from assistant.agent.prompting import Prompt, build_prompt
from assistant.agent.transcript import calls_message, data_message, person_message, system_message, text_message
from assistant.identity.principal import Principal
from tools.catalog.port import Catalog
from tools.contract import Evidence, Source, Toolbox
from tools.toolbox import Ports, build_toolbox

NOW = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
ALICE = Principal(
    id="user:default/alice", user="alice@example.com", teams=("group:default/shop",), timezone="Europe/Berlin"
)
VOCABULARY = Path(__file__).parents[2] / "prompts" / "rules"

Called = tuple[str, dict[str, Any]]


@cache
def the_rules() -> RulesModel:
    """The model with the shipped vocabulary; it holds no state."""
    return RulesModel()


@cache
def whole_toolbox(*, catalog: bool = True) -> Toolbox:
    """Every tool with its real arguments; none of them is ever run here."""
    nothing = cast(Any, None)
    there = cast(Catalog, object()) if catalog else None
    return build_toolbox(Ports(cluster=nothing, logs=nothing, catalog=there, targets=nothing, clock=nothing))


WRITES = frozenset(whole_toolbox().writes)


@cache
def whole_prompt() -> Prompt:
    return build_prompt(whole_toolbox())


def all_schemas(prompt: Prompt | None = None) -> tuple[ToolSchema, ...]:
    """Core tools and those of all toolsets."""
    given = prompt or whole_prompt()
    return given.schemas(sorted(given.toolsets))


def make_evidence(text: str, subject: str = "Deployment shop-staging/checkout", **given: Any) -> dict[str, Any]:
    """One dumped piece of evidence. `id`, `at` and other fields may be given."""
    fields = {"source": Source.CLUSTER, "subject": subject, "where": "status", "at": NOW} | given
    number = fields.pop("id", "E1")
    return {"id": number, **Evidence.model_validate(fields | {"text": text}).model_dump(mode="json")}


def error(kind: str, message: str, *candidates: str, **given: Any) -> dict[str, Any]:
    """What the model is told of a failed call."""
    named = {"candidates": list(candidates)} if candidates else {}
    return {"error": {"type": kind, "message": message, **named, **given}}


@dataclass
class RulesThread:
    """A conversation with the rules. `before`: earlier messages of the person, each answered by the rules."""

    before: Sequence[str] = ()
    schemas: tuple[ToolSchema, ...] = field(default_factory=all_schemas)
    messages: list[ChatMessage] = field(default_factory=list)

    async def hears(self, text: str) -> list[Called]:
        """The calls after a new message, once the earlier ones were answered."""
        for earlier in self.before:
            self.messages.append(person_message(earlier, ALICE, NOW))
            self._close(await self._reply())
        self.messages.append(person_message(text, ALICE, NOW))
        return calls_of(await self._reply())

    async def goes_on(self, *bodies: dict[str, Any], schemas: tuple[ToolSchema, ...] | None = None) -> list[Called]:
        """The calls after the tools of the last reply returned these bodies, in the order of the calls.

        `schemas`: what may be called from now on, when it changes.
        """
        calls = (await self._reply()).calls
        self.messages.append(calls_message(calls))
        self.messages += [data_message(call, body) for call, body in zip(calls, bodies, strict=True)]
        self.schemas = schemas or self.schemas
        return calls_of(await self._reply())

    async def _reply(self) -> ModelReply:
        return await the_rules().complete(ModelRequest((system_message("You help."), *self.messages), self.schemas))

    def _close(self, reply: ModelReply) -> None:
        """Keep of a turn what the agent keeps: reads with a digest, and how it ended."""
        ends = [call for call in reply.calls if call.name in {"ask", "answer"}]
        reads = tuple(call for call in reply.calls if call not in ends)
        if reads:
            self.messages.append(calls_message(reads))
            self.messages += [data_message(call, {"digest": "Saw it."}) for call in reads]
        self.messages.append(text_message("".join(map(_closing, ends)) or "It is so."))


def _closing(call: ToolCall) -> str:
    args = json.loads(call.arguments)
    choices = "".join(f"\n- {choice}" for choice in args.get("choices", ()))
    return f"{args.get('question') or args.get('summary')}{choices}"


def calls_of(reply: ModelReply) -> list[Called]:
    """Names and arguments of a reply's calls."""
    return [(call.name, json.loads(call.arguments)) for call in reply.calls]


def faults_of(reply: ModelReply) -> list[str]:
    """What the agent would refuse of a reply; empty when every call is valid."""
    checked = [validate(call, whole_toolbox()) for call in reply.calls]
    return [fault.text for fault in checked if not isinstance(fault, ValidCall)]


def said_args(args: dict[str, Any]) -> dict[str, Any]:
    """Arguments without those that say nothing: null, false, and the span of time a tool looks back by itself."""
    return {name: value for name, value in args.items() if value not in (None, False)}
