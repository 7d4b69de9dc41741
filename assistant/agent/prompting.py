"""Prompts are files with strict variables; what they and the schemas make is the same bytes for each turn."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from string import Template
from typing import Any

from assistant.agent.control import ANSWER, ASK, CONTROL, LOAD_TOOLSET
from assistant.agent.models.port import ToolSchema
from assistant.agent.schemas import tool_schema
from assistant.redaction import MARKER_EXAMPLE
from tools.contract import ReadTool, Toolbox, WriteTool

BYTES_PER_TOKEN = 3.6  # cl100k needs 4.2 to 4.6 bytes for English and 3.7 for schemas: this errs on the safe side

CORE = "core"

_CONTROL_SUMMARIES = {
    ANSWER: "End the turn with an answer. Each claim cites the evidence ids that prove it.",
    ASK: "End the turn with one question to the person, with complete messages as choices.",
    LOAD_TOOLSET: "Make the tools of one more toolset callable from the next step on.",
}


class PromptError(ValueError):
    """A prompt file and the code that fills it disagree on its variables."""


def render(text: str, **variables: str) -> str:
    """Fill `$name` variables. Raises PromptError when one is missing in either direction."""
    template = Template(text)
    declared = set(template.get_identifiers())
    if not template.is_valid() or declared != set(variables):
        raise PromptError(f"The prompt has variables {sorted(declared)}, the code gives {sorted(variables)}")
    return template.substitute(variables)


def read_prompt(name: str) -> str:
    """The text of prompts/<name>.md. Raises PromptError when there is none."""
    path = files("prompts")
    for part in f"{name}.md".split("/"):
        path = path.joinpath(part)
    if not path.is_file():
        raise PromptError(f"There is no prompt prompts/{name}.md")
    return path.read_text(encoding="utf-8").strip()


def estimated_tokens(text: str) -> int:
    """Tokens of a text, rather too many than too few; no vocabulary is needed."""
    return int(len(text.encode()) / BYTES_PER_TOKEN) + 1


@dataclass(frozen=True)
class Prompt:
    """The stable prefix: system text, core schemas and, by toolset, what loading it adds. Build with `build_prompt`."""

    system: str
    core: tuple[ToolSchema, ...]
    toolsets: dict[str, tuple[ToolSchema, ...]]
    toolset_texts: dict[str, str]

    def schemas(self, loaded: Sequence[str]) -> tuple[ToolSchema, ...]:
        """Core schemas, then those of loaded toolsets in the order they were loaded: the prefix never moves."""
        return (*self.core, *(schema for name in loaded for schema in self.toolsets.get(name, ())))

    @property
    def answer_only(self) -> tuple[ToolSchema, ...]:
        """What may be called when a budget is used up."""
        return tuple(schema for schema in self.core if schema.name == ANSWER)

    @cached_property
    def hash(self) -> str:
        """12 hex digits that change with any byte a model is shown before the conversation."""
        shown: dict[str, Any] = asdict(self)
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:12]


def build_prompt(toolbox: Toolbox) -> Prompt:
    """The prompt for these tools. Raises PromptError or SchemaError: both are bugs that a test finds."""
    everything: list[ReadTool[Any, Any] | WriteTool[Any]] = [*toolbox.reads.values(), *toolbox.writes.values()]
    names = sorted({tool.toolset for tool in everything if not tool.core})
    texts = {name: read_prompt(f"toolsets/{name}") for name in names}
    lines = "\n".join(f"- {name}: {text.splitlines()[0]}" for name, text in texts.items()) or "- none"
    control = [tool_schema(name, _CONTROL_SUMMARIES[name], args) for name, args in CONTROL.items()]
    core = [tool_schema(tool.name, tool.summary, tool.args) for tool in everything if tool.core]
    return Prompt(
        system=render(read_prompt("system"), toolsets=lines, redaction_marker=MARKER_EXAMPLE),
        core=(*control, *core),
        toolsets={
            name: tuple(tool_schema(t.name, t.summary, t.args) for t in everything if t.toolset == name and not t.core)
            for name in names
        },
        toolset_texts=texts,
    )
