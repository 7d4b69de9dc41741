"""Plays a conversation in the embedded shop and writes what the terminal showed as a picture: docs/demo.svg."""

import asyncio
import re
import sys
from pathlib import Path

from assistant.bootstrap.app import App
from assistant.cli import session
from assistant.cli.chat import Conversation
from evals.demo import ALICE, WORLD, embedded

LINES = ("why is checkout failing in staging?", "roll back checkout in staging", "confirm")
WIDTH = 110
FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich names fonts on the network; a picture in a repository fetches nothing."""


async def record() -> str:
    """Run the conversation as alice; the picture as SVG."""
    async with embedded(WORLD) as (_cluster, settings):

        async def play(app: App) -> int:
            conversation = Conversation(app, ALICE, "recording")
            for line in LINES:
                session.console.print(f"[bold]{ALICE}>[/bold] {line}", highlight=False)
                await conversation.take(line)
            return session.EXIT_OK

        session.console.record = True
        session.console.width = WIDTH
        await session.with_app(play, settings=settings)
    return FONT.sub("", session.console.export_svg(title="infra-assistant"))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/demo.svg")
    target.write_text(asyncio.run(record()))
