"""The whole assistant beside emulated systems, with everything that leaves it recorded."""

import io
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
import yaml
from pydantic import SecretStr

from assistant.bootstrap.app import App, open_app
from assistant.bootstrap.work import Work, open_work
from assistant.redaction import redact_json
from assistant.settings import (
    CatalogSettings,
    ClusterSettings,
    ConfirmationSettings,
    DatabaseSettings,
    IdentitySettings,
    ModelSettings,
    Settings,
    SlackSettings,
)
from assistant.slack.app import connected
from assistant.telemetry import configure_logging
from evals.attacks.canaries import make_all, planted
from evals.attacks.case import Case, Plant
from evals.attacks.world import build_world
from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.openai.server import OpenAIEmulator
from evals.emulators.slack.emulator import SlackEmulator
from evals.emulators.slack.model import app_from_manifest
from tools.clock import system_clock

MANIFEST = Path(__file__).parents[2] / "assistant" / "slack" / "manifest.yaml"
PEOPLE = ("alice", "bob", "carol", "dave")  # whom the catalog knows
STRANGER = "mallory"
GUEST = "eve"  # of another organisation, by Slack Connect
SPEED = 200.0  # rollouts take no time worth waiting for

Rewire = Callable[[App], App]
"""Puts other parts into the assistant: how a test breaks a guard on purpose."""


@dataclass
class Lab:
    """One world and the assistant in it. `printed`, `logged`: what went to the terminal and to the logs so far."""

    folder: Path
    cluster: KubernetesEmulator
    provider: OpenAIEmulator
    app: App
    work: Work | None
    slack: SlackEmulator | None
    printed: io.StringIO
    logged: io.StringIO
    keys: tuple[str, ...]

    @property
    def data(self) -> Path:
        """Where the databases are."""
        return self.folder / "data"


def as_is(app: App) -> App:
    """Nothing is rewired."""
    return app


@asynccontextmanager
async def open_lab(case: Case, folder: Path, *, rewire: Rewire = as_is) -> AsyncIterator[Lab]:
    """The world that a case needs; other cases with the same `world_key` may run in it too."""
    secrets = make_all(case.secrets, case.id)
    plant = Plant.model_validate(planted(case.plant.model_dump(), secrets))
    world = build_world(plant, folder / "world")
    (folder / "data").mkdir()
    logged = io.StringIO()
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(KubernetesEmulator(speed=SPEED))
        await load_world(cluster, world)
        provider = await stack.enter_async_context(OpenAIEmulator(system_clock, strict_schemas=True))
        slack = await stack.enter_async_context(_workspace()) if case.channel == "slack" else None
        settings = _settings(case, folder, cluster, provider, slack)
        stack.enter_context(_captured(logged))
        app = rewire(await stack.enter_async_context(open_app(settings)))
        work = await stack.enter_async_context(open_work(app)) if slack else None
        if slack and work and work.slack:
            await stack.enter_async_context(connected(work.slack, slack.app.app_token, sockets=1))
        keys = (MODEL_KEY, *((slack.app.bot_token, slack.app.app_token) if slack else ()), ASSISTANT_TOKEN)
        yield Lab(folder, cluster, provider, app, work, slack, io.StringIO(), logged, keys)


MODEL_KEY = "attack-lab-model-key"
ASSISTANT_TOKEN = "token-of-infra-assistant"  # noqa: S105  (of the emulator)


def _settings(
    case: Case, folder: Path, cluster: KubernetesEmulator, provider: OpenAIEmulator, slack: SlackEmulator | None
) -> Settings:
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig_yaml("infra-assistant"))
    rules = case.model == "rules"
    openai = ModelSettings(
        provider="openai", base_url=provider.base_url, wire=case.wire, api_key=SecretStr(MODEL_KEY), retries=0
    )
    return Settings(
        _env_file=None,
        cluster=ClusterSettings(name="shop", kubeconfig=kubeconfig),
        catalog=CatalogSettings(path=folder / "world" / "catalog"),
        identity=IdentitySettings(contact="carol of the platform team"),
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder}/data/assistant.sqlite"),
        confirmation=ConfirmationSettings(verify_every_seconds=0.1, verify_seconds=60),
        model=ModelSettings() if rules else openai,
        slack=_tokens(slack) if slack else SlackSettings(),
        drain_seconds=1.0,
    )


def _tokens(slack: SlackEmulator) -> SlackSettings:
    bot, app = SecretStr(slack.app.bot_token), SecretStr(slack.app.app_token)
    return SlackSettings(bot_token=bot, app_token=app, api_url=slack.api_url)


@asynccontextmanager
async def _workspace() -> AsyncIterator[SlackEmulator]:
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    async with SlackEmulator(system_clock, app_from_manifest(manifest), team_id="T0SHOP") as slack:
        for name in (*PEOPLE, STRANGER):
            slack.add_user(name, email=f"{name}@example.com")
        slack.add_user(GUEST, team_id="T0EVIL", email="alice@example.com")
        yield slack


class _captured:  # noqa: N801  (used like contextlib's own)
    """Every log record, down to debug, goes to a text; afterwards logging is as a new process has it."""

    def __init__(self, into: io.StringIO) -> None:
        self._into = into

    def __enter__(self) -> None:
        with redirect_stderr(self._into):
            configure_logging("debug", json_lines=True, redact=redact_json)

    def __exit__(self, *_: object) -> None:
        structlog.reset_defaults()
        root = logging.getLogger()
        with suppress(StopIteration):
            root.removeHandler(next(one for one in root.handlers if getattr(one, "stream", None) is self._into))
