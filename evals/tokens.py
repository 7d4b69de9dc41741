"""Counts the tokens that the assistant spends before the conversation: `make tokens`.

Uses the cl100k vocabulary of tiktoken when it is installed and its vocabulary cached. Else it counts from the text
alone and errs on the high side: the larger of bytes / 3.6 and a count of pieces (words, numbers, punctuation), where
a word of more than 7 letters or a run of more than 3 signs counts more than once.
"""

import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from assistant.agent.models.capabilities import Capabilities
from assistant.agent.models.port import ModelRequest
from assistant.agent.models.wire_structured import structured_body
from assistant.agent.models.wire_tools import tools_body
from assistant.agent.prompting import Prompt, build_prompt, estimated_tokens
from assistant.agent.transcript import system_message
from tools.clock import system_clock
from tools.contract import Toolbox
from tools.toolbox import Ports, build_toolbox

MAX_CORE = 2_500
MAX_WITH_A_TOOLSET = 4_000

LETTERS_A_TOKEN = 7
SIGNS_A_TOKEN = 3

_PIECE = re.compile(r" ?[^\W\d_]+|\d{1,3}| ?[^\w\s]+|_|\s+")

Count = Callable[[str], int]


@dataclass(frozen=True)
class Row:
    """One measured prefix. `bound`: what it may cost; `held`: whether it does not cost more."""

    what: str
    tokens: int
    bound: int

    @property
    def held(self) -> bool:
        return self.tokens <= self.bound


def pieces(text: str) -> int:
    """Tokens from the pieces that every GPT vocabulary splits a text into first."""
    return sum(_tokens_of(piece) for piece in _PIECE.findall(text))


def _tokens_of(piece: str) -> int:
    bare = piece.strip() or " "
    return math.ceil(len(bare) / (LETTERS_A_TOKEN if bare[0].isalpha() else SIGNS_A_TOKEN))


def offline_count(text: str) -> int:
    """Tokens of a text without a vocabulary, rather too many than too few."""
    return max(estimated_tokens(text), pieces(text))


def exact_count() -> Count | None:
    """The count of cl100k, or None when it is not on this machine."""
    try:
        encoding = import_module("tiktoken").get_encoding("cl100k_base")
    except (ImportError, OSError):  # its vocabulary is a download
        return None
    return lambda text: len(encoding.encode(text))


def every_tool() -> Toolbox:
    """The toolbox with nothing behind it: schemas and summaries only."""
    nothing = cast("Any", object())
    return build_toolbox(Ports(cluster=nothing, logs=nothing, catalog=nothing, targets=nothing, clock=system_clock))


def measure(prompt: Prompt, count: Count) -> list[Row]:
    """The prefix in both wire modes, alone and with each toolset loaded."""
    rows = [_row("core", prompt, (), MAX_CORE, count)]
    rows += [_row(f"core + {name}", prompt, (name,), MAX_WITH_A_TOOLSET, count) for name in prompt.toolsets]
    return rows


def _row(what: str, prompt: Prompt, loaded: tuple[str, ...], bound: int, count: Count) -> Row:
    return Row(what, max(count(text) for text in prefixes(prompt, loaded)), bound)


def prefixes(prompt: Prompt, loaded: tuple[str, ...]) -> tuple[str, str]:
    """What is sent before the conversation: as tool calls, and structured. The response schema is no prompt text."""
    request = ModelRequest((system_message(prompt.system),), prompt.schemas(loaded))
    tools = tools_body(request, Capabilities())
    structured = structured_body(request, Capabilities())
    text = tools["messages"][0]["content"] + json.dumps(tools["tools"], separators=(",", ":"))
    return text, structured["messages"][0]["content"]


def main() -> int:
    """Print the measured prefixes; 1 when one is over its bound."""
    exact = exact_count()
    how = "cl100k" if exact else "an estimate without a vocabulary, rather too high"
    prompt = build_prompt(every_tool())
    rows = measure(prompt, exact or offline_count)
    lines = [f"{row.what:<18}{row.tokens:>6} of {row.bound} {'ok' if row.held else 'TOO MANY'}" for row in rows]
    sys.stdout.write("\n".join([f"Tokens before the conversation ({how}), prompt {prompt.hash}:", *lines, ""]))
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
