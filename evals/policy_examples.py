"""Writes the output of the examples in docs/policy.md, run on the embedded shop: python -m evals.policy_examples."""

import asyncio
import re
import shlex
from pathlib import Path
from typing import Any

import orjson
import typer

from assistant.cli import policy
from assistant.cli.session import console
from assistant.settings import ConfirmationSettings, Settings
from evals.demo import WORLD, embedded

PAGE = Path(__file__).parents[1] / "docs" / "policy.md"
BLOCK = re.compile(r"(?P<open>```console\n\$ (?P<command>[^\n]+)\n)(?P<output>.*?)(?P<close>```)", re.DOTALL)
PREFIX = "CONFIRMATION__"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(asyncio.run(rewritten(PAGE.read_text())))


async def rewritten(page: str) -> str:
    """The page with the output of each of its commands as it is now."""
    async with embedded(WORLD) as (_cluster, settings):
        outputs = [await output_of(block["command"], settings) for block in BLOCK.finditer(page)]
    return BLOCK.sub(lambda block: f"{block['open']}{outputs.pop(0)}{block['close']}", page)


async def output_of(command: str, settings: Settings) -> str:
    """What `[CONFIRMATION__X=...] infra-assistant policy explain ...` prints, by the same code."""
    words = shlex.split(command)
    begin = words.index("infra-assistant")
    changed = _with(settings, dict(word.split("=", 1) for word in words[:begin]))
    given = _parsed(words[begin + 3 :])
    with console.capture() as captured:
        await policy.explain_change(**given, settings=changed)
    return captured.get()


def _parsed(words: list[str]) -> dict[str, Any]:
    """The arguments as the command line itself parses them."""
    context = typer.main.get_command(policy.app).commands["explain"].make_context("explain", list(words))  # type: ignore[attr-defined]
    values = context.params
    return {
        "action": values["action"],
        "target": values["target"],
        "user": values["user"],
        "wanted": policy.wanted_of(values["replicas"], values["memory"], values["cpu"]),
    }


def _with(settings: Settings, variables: dict[str, str]) -> Settings:
    changes = {name.removeprefix(PREFIX).lower(): _value(text) for name, text in variables.items()}
    chosen = ConfirmationSettings.model_validate({**settings.confirmation.model_dump(), **changes})
    return settings.model_copy(update={"confirmation": chosen})


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


if __name__ == "__main__":
    main()
