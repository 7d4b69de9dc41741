"""Turns the write calls of a step into proposals. Nothing is changed here: a person confirms later."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from assistant.agent.calls import ValidCall
from assistant.agent.naming import is_known
from assistant.conversation import Origin, ProposalView
from assistant.errors import NotAllowed
from assistant.redaction import redact_model, redact_text
from tools.contract import Args, ObjectRef, Plan, WriteTool
from tools.errors import InvalidArgs, ToolError, Unavailable

Propose = Callable[[WriteTool[Any], Args, Origin], Awaitable[ProposalView]]
"""Checks policy, plans with the tool it is given, stores. Raises ToolError or NotAllowed."""

MAX_PROPOSALS = 3  # more cards than that are not read before they are pressed

Proposed = ProposalView | ToolError | NotAllowed


@dataclass(frozen=True)
class Known:
    """What a change may aim at: names the person said in this thread, objects that tools observed in it.

    `heard`: all that people and tools said in the thread, in lower case. `only_asks`: the person asked a question for
    information, so nothing is to be proposed.
    """

    said: frozenset[str]
    observed: Collection[ObjectRef]
    heard: str = ""
    only_asks: bool = False


async def propose_write(call: ValidCall, known: Known, propose: Propose, origin: Origin) -> Proposed:
    """One proposal, free of secrets as it is shown, or why there is none."""
    tool = call.tool
    if not isinstance(tool, WriteTool):
        raise TypeError(f"{call.call.name} is not a write tool")
    if known.only_asks:
        return InvalidArgs("The person asked a question and wants no change: read what answers it, then `answer`.")
    try:
        async with asyncio.timeout(tool.timeout_seconds):
            return redact_model(await propose(_guarded(tool, known), call.args, origin))
    except TimeoutError:
        return Unavailable(f"Planning {tool.name} did not finish in time; nothing was proposed.", system=tool.toolset)
    except ToolError as exc:
        exc.message = redact_text(exc.message)
        return exc
    except NotAllowed as exc:
        return exc


def _guarded(tool: WriteTool[Any], known: Known) -> WriteTool[Any]:
    """The tool, its plan checked before anything is stored: small models invent targets."""

    async def plan(args: Args) -> Plan:
        made = await tool.plan(args)
        if not is_known(made.target, args, known.said, known.observed):
            raise InvalidArgs(
                f"Nobody named {made.target} in this conversation and no tool observed it. "
                "Ask which workload and environment is meant, or look it up first."
            )
        return _shown(made)

    return replace(tool, plan=plan)


def _shown(plan: Plan) -> Plan:
    """What a card shows is redacted before it is stored; what is sent to the server stays as the dry run took it."""
    return plan.model_copy(
        update={
            "summary": redact_text(plan.summary),
            "diff": tuple(redact_model(change) for change in plan.diff),
            "effects": tuple(redact_text(effect) for effect in plan.effects),
            "warnings": tuple(redact_text(warning) for warning in plan.warnings),
        }
    )
