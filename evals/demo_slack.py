"""The embedded world and a Slack workspace in the browser: everything real but the cluster and Slack."""

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml
from rich.console import Console

from assistant.bootstrap.app import open_app
from assistant.bootstrap.work import open_work
from assistant.settings import SlackSettings
from assistant.slack.app import connected
from assistant.slack.manifest import manifest
from evals.demo import WORLD, embedded
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.face.server import Face
from evals.emulators.slack.model import app_from_manifest
from tools.clock import system_clock

PEOPLE = {"alice": ("Alice Amsel", "U0ALICE"), "bob": ("Bob Bussard", "U0BOB"), "carol": ("Carol Condor", "U0CAROL")}
STRANGER = ("mallory", "Mallory Unknown", "U0MALLORY")
CHANNEL = "shop"
HELLO = """The workspace is at [bold]{url}[/bold]
Switch between alice and bob (team shop), carol (platform) and mallory (whom nobody knows). In #shop, try:
  @infra-assistant why is checkout failing in staging?
  @infra-assistant restart frontend in production
Also: the app's Home tab, a direct message, /infra help. Control-C ends."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8085, help="of the page; 0 takes a free one")
    parser.add_argument("--world", type=Path, default=WORLD, help="another world folder")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(given.world, given.port))


async def _run(world: Path, port: int) -> None:
    async with demo(world, port=port) as url:
        Console().print(HELLO.format(url=url))
        await asyncio.Event().wait()


@asynccontextmanager
async def demo(world: Path = WORLD, *, port: int = 0) -> AsyncIterator[str]:
    """The address of the page; cluster, workspace and bot run while the block does."""
    async with embedded(world) as (_cluster, settings), shop_workspace() as slack, Face(slack, port) as face:
        tokens = SlackSettings(bot_token=slack.app.bot_token, app_token=slack.app.app_token, api_url=slack.api_url)
        in_slack = settings.model_copy(update={"slack": tokens, "drain_seconds": 1.0})
        async with open_app(in_slack) as app, open_work(app) as work:
            if work.slack is None:
                raise RuntimeError("the demo's own tokens are not complete")
            async with connected(work.slack, slack.app.app_token, sockets=2):
                yield face.url


@asynccontextmanager
async def shop_workspace() -> AsyncIterator[SlackEmulator]:
    """alice, bob and carol, whom the catalog knows, mallory, whom it does not, and the app, in #shop."""
    app = app_from_manifest(yaml.safe_load(manifest(mode="socket")))
    async with SlackEmulator(system_clock, app, team_id="T0SHOP") as slack:
        for handle, (name, user) in PEOPLE.items():
            slack.add_user(handle, name, email=f"{handle}@example.com", id=user)
        handle, name, user = STRANGER
        slack.add_user(handle, name, id=user)
        slack.add_channel(CHANNEL, [*PEOPLE, handle])
        yield slack


if __name__ == "__main__":
    main()
