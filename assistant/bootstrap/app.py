"""The whole assistant, wired."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from slack_bolt.async_app import AsyncApp
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assistant.agent.agent import Agent, Budgets
from assistant.agent.checkpoints import open_checkpointer
from assistant.agent.models.rules.model import load_rules
from assistant.bootstrap.adapters import (
    build_directory,
    build_model,
    build_policy,
    open_catalog,
    open_cluster,
    open_storage,
)
from assistant.confirmation.apply import ApplyChange, Pace
from assistant.confirmation.audit import Audit
from assistant.confirmation.confirmations import Confirmations
from assistant.confirmation.policy import Policy
from assistant.confirmation.proposal import Windows, random_id
from assistant.confirmation.store import ProposalStore
from assistant.conversation import Message, ProposalView, Turn
from assistant.identity.principal import Principal
from assistant.redaction import redact_json, redact_model
from assistant.service import AssistantService, ToolboxFor
from assistant.settings import ConfirmationSettings, Settings
from assistant.slack.app import build_app, web_client
from assistant.slack.delivery import Delivery
from assistant.slack.listeners import Listeners
from assistant.storage.cards import Cards
from assistant.storage.engine import Database, workflows_url
from assistant.storage.turns import Turns
from assistant.telemetry import CHANGES, TURN_SECONDS, TURNS
from assistant.workflows import Durable, DurableSettings, Work
from tools.catalog.port import Catalog
from tools.clock import Clock, system_clock
from tools.cluster.kubernetes import KubernetesConnection
from tools.contract import Toolbox
from tools.logs.pods import PodLogStore
from tools.targets import ClusterTargets, EnvironmentRule
from tools.toolbox import Ports, build_toolbox


@dataclass(frozen=True)
class App:
    """What commands use. `slack` is None when its tokens are missing. `durable` works once launched."""

    settings: Settings
    service: AssistantService
    durable: Durable
    audit: Audit
    database: Database
    slack: AsyncApp | None
    clock: Clock

    async def database_answers(self) -> bool:
        """For readiness."""
        try:
            async with self.database.read() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True


@asynccontextmanager
async def open_app(settings: Settings, *, durable: bool, clock: Clock = system_clock) -> AsyncIterator[App]:
    """Open every adapter, close them at the end. `durable`: run the queues and workflows in this process.

    Raises Unavailable (cluster credentials), MappingError, PolicyError.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_storage(settings.database))
        catalog = await stack.enter_async_context(open_catalog(settings.catalog))
        connection = await open_cluster(settings.cluster)
        stack.push_async_callback(connection.close)
        toolbox_for = _toolboxes(settings, connection, catalog, clock)
        audit = Audit(database, redact=redact_json)
        store = ProposalStore(database, audit)
        policy = build_policy(settings.confirmation)
        confirmations = Confirmations(store, policy, windows(settings.confirmation), clock, redact_model, random_id)
        service = AssistantService(
            agent=await _agent(stack, settings, clock),
            confirmations=confirmations,
            directory=build_directory(settings.identity, catalog, clock),
            toolbox_for=toolbox_for,
            turns=Turns(database),
            clock=clock,
            observe=_count_turn,
        )
        delivery = _delivery(settings, service, database, clock)
        change = _apply_change(settings, store, policy, toolbox_for, clock)
        work = _Durable(settings, service, delivery, change, clock).build()
        if durable:
            await work.launch()
            stack.push_async_callback(work.shutdown, wait_seconds=int(settings.drain_seconds))
        yield App(settings, service, work, audit, database, _slack(settings, delivery, work), clock)


def windows(settings: ConfirmationSettings) -> Windows:
    """How long proposals wait."""
    return Windows(
        confirmation=timedelta(minutes=settings.confirm_minutes),
        approval=timedelta(hours=settings.approve_hours),
        execution=timedelta(minutes=settings.execute_minutes),
        verification=timedelta(seconds=settings.verify_seconds),
    )


def _toolboxes(
    settings: Settings, connection: KubernetesConnection, catalog: Catalog | None, clock: Clock
) -> ToolboxFor:
    rules = {name: EnvironmentRule(**rule.model_dump()) for name, rule in settings.environments.items()}
    name = settings.cluster.name

    def toolbox_for(principal: Principal) -> Toolbox:
        cluster = connection.acting_as(principal.actor())
        targets = ClusterTargets({name: cluster}, name, catalog, rules)
        return build_toolbox(Ports(cluster, PodLogStore(cluster), catalog, targets, clock))

    return toolbox_for


async def _agent(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Agent:
    checkpointer = await stack.enter_async_context(open_checkpointer(settings.database.url))
    budget = settings.budget
    budgets = Budgets(
        steps=budget.steps,
        tokens=budget.tokens,
        seconds=budget.seconds,
        model_seconds=settings.model.timeout_seconds,
    )
    fallback = None if settings.model.provider == "rules" else load_rules()
    return Agent(build_model(settings.model), fallback, checkpointer, budgets, clock)


def _apply_change(
    settings: Settings, store: ProposalStore, policy: Policy, toolbox_for: ToolboxFor, clock: Clock
) -> ApplyChange:
    return ApplyChange(
        store=store,
        policy=policy,
        windows=windows(settings.confirmation),
        toolbox_for=toolbox_for,
        clock=clock,
        redact=redact_model,
        worker=settings.executor_id,
        pace=Pace(pause=timedelta(seconds=settings.confirmation.verify_every_seconds)),
    )


def _delivery(settings: Settings, service: AssistantService, database: Database, clock: Clock) -> Delivery | None:
    slack = settings.slack
    if slack.missing or slack.bot_token is None:
        return None
    client = web_client(slack.bot_token.get_secret_value(), slack.api_url)
    return Delivery(client, service, Cards(database), clock)


@dataclass(frozen=True)
class _Durable:
    settings: Settings
    service: AssistantService
    delivery: Delivery | None
    change: ApplyChange
    clock: Clock

    def build(self) -> Durable:
        """The durable work of this process: turns come from Slack, changes from anywhere."""
        work = Work(self.handle_turn, self.change, self.service.confirmations, self.report, self.clock)
        chosen = DurableSettings(url=workflows_url(self.settings.database.url), executor_id=self.settings.executor_id)
        return Durable(chosen, work)

    async def handle_turn(self, message: Message) -> None:
        """Answer in Slack; without Slack nothing enqueues, so what is found belongs to an earlier set-up."""
        if self.delivery:
            await self.delivery.handle_turn(message)

    async def report(self, view: ProposalView) -> None:
        """Count it, and tell its thread."""
        CHANGES.labels(view.plan.tool, view.state).inc()
        if self.delivery:
            await self.delivery.report(view)


def _slack(settings: Settings, delivery: Delivery | None, durable: Durable) -> AsyncApp | None:
    if delivery is None:
        return None
    secret = settings.slack.signing_secret
    signing_secret = secret.get_secret_value() if secret and settings.slack.mode == "http" else None
    return build_app(delivery.client, Listeners(delivery, durable), signing_secret=signing_secret)


def _count_turn(turn: Turn) -> None:
    TURNS.labels(turn.kind, turn.model).inc()
    TURN_SECONDS.labels(turn.model).observe(turn.seconds)
