"""What answers questions and records decisions: everything but the background work."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assistant.agent.agent import Agent, Budgets
from assistant.agent.checkpoints import open_checkpointer
from assistant.agent.models.rules.model import RulesModel
from assistant.bootstrap.adapters import (
    LogsOf,
    build_checkpoints,
    build_directory,
    build_policy,
    open_catalog,
    open_cluster,
    open_logs,
    open_model,
    open_storage,
)
from assistant.confirmation.apply import ApplyChange, Pace
from assistant.confirmation.audit import Audit
from assistant.confirmation.checkpoints import Checkpoints
from assistant.confirmation.confirmations import Confirmations
from assistant.confirmation.history import History
from assistant.confirmation.policy import Policy
from assistant.confirmation.proposal import Windows, random_id
from assistant.confirmation.store import ProposalStore
from assistant.conversation import Turn
from assistant.identity.principal import Principal
from assistant.overview import Overview
from assistant.redaction import redact_json, redact_model, use_salt
from assistant.service import AssistantService, ToolboxFor
from assistant.settings import ConfirmationSettings, Settings
from assistant.storage.engine import Database
from assistant.storage.turns import Turns
from assistant.telemetry import TURN_SECONDS, TURNS
from tools.catalog.port import Catalog
from tools.clock import Clock, system_clock
from tools.cluster.kubernetes import KubernetesConnection
from tools.cluster.port import Targets
from tools.contract import Toolbox
from tools.targets import ClusterTargets, EnvironmentRule
from tools.toolbox import Ports, build_toolbox


@dataclass(frozen=True)
class App:
    """What commands use. `change` carries out approved proposals: the workflows run it."""

    settings: Settings
    service: AssistantService
    change: ApplyChange
    policy: Policy
    targets_for: Callable[[Principal], Targets]
    overview: Overview
    audit: Audit
    checkpoints: Checkpoints
    database: Database
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
async def open_app(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[App]:
    """Open every adapter, close them at the end. Raises Unavailable (credentials), MappingError, PolicyError."""
    if settings.redaction.salt:
        use_salt(settings.redaction.salt.get_secret_value().encode())
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_storage(settings.database))
        catalog = await stack.enter_async_context(open_catalog(settings.catalog))
        connection = await open_cluster(settings.cluster)
        stack.push_async_callback(connection.close)
        targets_for = _targets(settings, connection, catalog)
        logs_of = await stack.enter_async_context(open_logs(settings.loki, clock))
        toolbox_for = _toolboxes(connection, catalog, logs_of, targets_for, clock)
        audit = Audit(database, redact=redact_json, source=settings.audit.source)
        store = ProposalStore(database, audit)
        policy = build_policy(settings.confirmation, clock)
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
        history = History(database, redact_model)
        overview = Overview(service.directory, catalog, toolbox_for, history, clock)
        change = _apply_change(settings, store, policy, toolbox_for, clock)
        checkpoints = build_checkpoints(settings.audit, audit, clock)
        yield App(settings, service, change, policy, targets_for, overview, audit, checkpoints, database, clock)


def windows(settings: ConfirmationSettings) -> Windows:
    """How long proposals wait."""
    return Windows(
        confirmation=timedelta(minutes=settings.confirm_minutes),
        approval=timedelta(hours=settings.approve_hours),
        execution=timedelta(minutes=settings.execute_minutes),
        verification=timedelta(seconds=settings.verify_seconds),
        remind=tuple(timedelta(hours=hours) for hours in settings.remind_hours),
        escalate=timedelta(hours=settings.escalate_hours),
        broken_glass=timedelta(minutes=settings.glass_minutes),
    )


def _targets(
    settings: Settings, connection: KubernetesConnection, catalog: Catalog | None
) -> Callable[[Principal], Targets]:
    rules = {name: EnvironmentRule(**rule.model_dump()) for name, rule in settings.environments.items()}
    name = settings.cluster.name

    def targets_for(principal: Principal) -> Targets:
        return ClusterTargets({name: connection.acting_as(principal.actor())}, name, catalog, rules)

    return targets_for


def _toolboxes(
    connection: KubernetesConnection,
    catalog: Catalog | None,
    logs_of: LogsOf,
    targets_for: Callable[[Principal], Targets],
    clock: Clock,
) -> ToolboxFor:
    def toolbox_for(principal: Principal) -> Toolbox:
        cluster = connection.acting_as(principal.actor())
        return build_toolbox(Ports(cluster, logs_of(cluster), catalog, targets_for(principal), clock))

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
    fallback = None if settings.model.provider == "rules" else RulesModel()
    model = await stack.enter_async_context(open_model(settings.model))
    return Agent(model, fallback, checkpointer, budgets, clock)


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


def _count_turn(turn: Turn) -> None:
    TURNS.labels(turn.kind, turn.model).inc()
    TURN_SECONDS.labels(turn.model).observe(turn.seconds)
