"""The embedded world and a terminal to talk to the assistant in it: everything real but the cluster."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from assistant.cli import session
from assistant.settings import (
    CatalogSettings,
    ClusterSettings,
    ConfirmationSettings,
    DatabaseSettings,
    IdentitySettings,
    Settings,
    SlackSettings,
)
from evals.emulators.kubernetes import KubernetesEmulator, load_world

WORLD = Path(__file__).parent / "worlds" / "shop"
SPEED = 4.0  # rollouts finish in seconds, as a person who tries it expects
ALICE = "alice"
WELCOME = """
# The shop
Two environments, twelve services, some of them broken. You are **alice** of team shop; `as bob` makes you her
colleague, `as carol` someone of the platform team. Try:

1. `why is checkout failing in staging?`
2. `roll back checkout in staging`, then `confirm`
3. `what is failing in staging?`

`restart checkout in production` needs bob's approval too. `help` lists the commands, `quit` ends.
"""


def main() -> None:
    """Ask once with --ask, else open the terminal conversation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ask", metavar="QUESTION", help="ask once, print the answer, and end")
    parser.add_argument("--as", dest="user", default=ALICE, help="who asks: alice, bob or carol")
    parser.add_argument("--world", type=Path, default=WORLD, help="another world folder")
    given = parser.parse_args()
    try:
        sys.exit(asyncio.run(_run(given.world, given.ask, given.user)))
    except KeyboardInterrupt:
        sys.exit(130)


@asynccontextmanager
async def embedded(world: Path, *, speed: float = SPEED) -> AsyncIterator[tuple[KubernetesEmulator, Settings]]:
    """The world running on loopback, and settings of an assistant that uses it. The model is chosen by MODEL__*."""
    with tempfile.TemporaryDirectory(prefix="infra-assistant-") as folder:
        async with KubernetesEmulator(speed=speed) as emulator:
            await load_world(emulator, world)
            kubeconfig = Path(folder) / "kubeconfig"
            kubeconfig.write_text(emulator.kubeconfig_yaml("infra-assistant"))
            yield emulator, demo_settings(world, kubeconfig, Path(folder) / "assistant.sqlite")


def demo_settings(world: Path, kubeconfig: Path, database: Path) -> Settings:
    """Settings for one world; whatever the environment says of other systems does not count."""
    return Settings(
        _env_file=None,
        cluster=ClusterSettings(name="shop", kubeconfig=kubeconfig),
        catalog=CatalogSettings(path=world / "catalog"),
        identity=IdentitySettings(contact="carol of the platform team"),
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{database}"),
        confirmation=ConfirmationSettings(verify_every_seconds=0.5, verify_seconds=120, owner_locations=("file:",)),
        slack=SlackSettings(),
    )


async def _run(world: Path, question: str | None, user: str) -> int:
    async with embedded(world) as (_emulator, settings):
        if question:
            return await session.ask(question, user=user, thread="demo", as_json=False, settings=settings)
        Console().print(Markdown(WELCOME))
        return await session.chat(user=user, thread="demo", settings=settings)


if __name__ == "__main__":
    main()
