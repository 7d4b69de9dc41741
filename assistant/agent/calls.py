"""A call as the model wrote it becomes a validated call, or a fault with a text that helps to correct it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.agent.control import CONTROL
from assistant.agent.models.port import ToolCall
from tools.contract import Args, ReadTool, Toolbox, WriteTool


class FaultKind(StrEnum):
    """What a model does wrong. Each kind is repaired once in a row."""

    NO_CALL = "no call"
    UNKNOWN_TOOL = "unknown tool"
    BROKEN_JSON = "broken JSON"
    WRONG_ARGUMENTS = "wrong arguments"
    REPEATED = "repeated call"
    UNGROUNDED = "ungrounded answer"
    INVENTED_NAME = "invented name"


@dataclass(frozen=True)
class ValidCall:
    """`tool` is None for a control call."""

    call: ToolCall
    args: Args
    tool: ReadTool[Any, Any] | WriteTool[Any] | None

    @property
    def key(self) -> str:
        """Equal for equal calls, whatever order or spelling of null the model chose."""
        return f"{self.call.name} {json.dumps(self.args.model_dump(mode='json'), sort_keys=True)}"


@dataclass(frozen=True)
class FaultyCall:
    """`text` says what is wrong and what would be right."""

    call: ToolCall
    kind: FaultKind
    text: str


def validate(call: ToolCall, toolbox: Toolbox) -> ValidCall | FaultyCall:
    """Look the tool up and check its arguments. Never raises: the model's text is untrusted."""
    tool = toolbox.get(call.name)
    model = tool.args if tool else CONTROL.get(call.name)
    if model is None:
        names = ", ".join(sorted([*toolbox.reads, *toolbox.writes, *CONTROL]))
        return FaultyCall(call, FaultKind.UNKNOWN_TOOL, f"There is no tool of that name. Tools: {names}.")
    raw = _object(call.arguments)
    if raw is None:
        return FaultyCall(call, FaultKind.BROKEN_JSON, "The arguments are not one complete JSON object: send it again.")
    try:
        return ValidCall(call, model.model_validate(_without_defaults(raw, model)), tool)
    except ValidationError as exc:
        return FaultyCall(call, FaultKind.WRONG_ARGUMENTS, _explain(exc, model))


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "{}", strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_defaults(raw: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The wire schema writes an optional argument as null: leaving it out takes its default."""
    optional = {name for name, field in model.model_fields.items() if not field.is_required()}
    return {name: value for name, value in raw.items() if value is not None or name not in optional}


def _explain(exc: ValidationError, model: type[BaseModel]) -> str:
    faults = "; ".join(
        f"{'.'.join(str(part) for part in error['loc']) or 'arguments'}: {error['msg']}" for error in exc.errors()[:5]
    )
    return f"Wrong arguments: {faults}. Expected: {', '.join(model.model_fields)}."[:800]
