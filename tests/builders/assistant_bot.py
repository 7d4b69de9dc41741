"""The whole assistant in Slack on the embedded shop: real Bolt, graph, Kubernetes client; emulated systems."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.bootstrap.app import App, open_app
from assistant.bootstrap.work import Work, open_work
from assistant.settings import Settings, SlackSettings
from assistant.slack.app import connected
from evals.demo import WORLD, demo_settings
from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.model import app_from_manifest
from tools.clock import system_clock

MANIFEST = Path("assistant/slack/manifest.yaml")
PEOPLE = {"alice": "U0ALICE", "bob": "U0BOB", "carol": "U0CAROL"}


@dataclass
class Bot:
    cluster: KubernetesEmulator
    slack: SlackEmulator
    app: App
    work: Work


@asynccontextmanager
async def embedded_cluster(
    folder: Path, *, speed: float = 20.0, world: Path = WORLD
) -> AsyncIterator[tuple[KubernetesEmulator, Settings]]:
    """The shop, and settings of an assistant beside it without Slack."""
    async with KubernetesEmulator(speed=speed) as cluster:
        await load_world(cluster, world)
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(cluster.kubeconfig_yaml("infra-assistant"))
        yield cluster, demo_settings(world, kubeconfig, folder / "assistant.sqlite")


@asynccontextmanager
async def workspace() -> AsyncIterator[SlackEmulator]:
    """alice, bob, carol and the app as its manifest describes it, in #shop; mallory is nobody the catalog knows."""
    app = app_from_manifest(yaml.safe_load(MANIFEST.read_text()))
    async with SlackEmulator(system_clock, app, team_id="T0SHOP") as slack:
        for name, user in PEOPLE.items():
            slack.add_user(name, email=f"{name}@example.com", id=user)
        slack.add_user("mallory", id="U0MALLORY")
        slack.add_channel("shop", [*PEOPLE, "mallory"])
        yield slack


@asynccontextmanager
async def running_bot(folder: Path, *, world: Path = WORLD, **changed: object) -> AsyncIterator[Bot]:
    """Everything connected over Socket Mode. `changed`: further settings."""
    async with embedded_cluster(folder, world=world) as (cluster, settings), workspace() as slack:
        tokens = SlackSettings(bot_token=slack.app.bot_token, app_token=slack.app.app_token, api_url=slack.api_url)
        in_slack = settings.model_copy(update={"slack": tokens, "drain_seconds": 2.0, **changed})
        async with (
            open_app(in_slack) as app,
            open_work(app) as work,
            connected(work.slack, slack.app.app_token, sockets=2),
        ):
            yield Bot(cluster, slack, app, work)
