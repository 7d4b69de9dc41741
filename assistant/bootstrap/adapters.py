"""One adapter each, from its part of the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from assistant.agent.models.port import ChatModel
from assistant.agent.models.rules.model import RulesModel
from assistant.confirmation.audit import Audit
from assistant.confirmation.cedar import PolicyError
from assistant.confirmation.checkpoints import Checkpoints
from assistant.confirmation.freezes import FreezeError, read_freezes
from assistant.confirmation.limits import GIBIBYTE, Ceilings, Limits
from assistant.confirmation.policy import Policy
from assistant.confirmation.signing import read_signer
from assistant.errors import UnknownPerson
from assistant.identity.accounts import OPERATOR, CliAccount, is_reserved, parse_account
from assistant.identity.directory import CatalogDirectory, Directory, FileDirectory, IdentityRules
from assistant.identity.principal import Principal
from assistant.settings import (
    AuditSettings,
    CatalogSettings,
    ClusterSettings,
    ConfirmationSettings,
    DatabaseSettings,
    IdentitySettings,
    LokiSettings,
    ModelSettings,
    kubeconfig_path,
)
from assistant.storage.engine import Database
from assistant.storage.upgrade import upgrade
from tools import http
from tools.catalog.backstage import BackstageCatalog, catalog_url
from tools.catalog.files import FileCatalog
from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.kubernetes import KubernetesCluster, KubernetesConnection
from tools.logs.combined import CombinedLogStore
from tools.logs.loki import LokiLogStore, loki_url
from tools.logs.pods import PodLogStore
from tools.logs.port import LogStore

LogsOf = Callable[[KubernetesCluster], LogStore]


async def open_cluster(settings: ClusterSettings) -> KubernetesConnection:
    """The connection to the one cluster. Raises Unavailable when its credentials cannot be loaded."""
    path = kubeconfig_path(settings)
    return await KubernetesConnection.open(
        name=settings.name,
        kubeconfig=str(path) if path else None,
        context=settings.context,
        in_cluster=path is None,
        timeout_seconds=settings.timeout_seconds,
    )


@asynccontextmanager
async def open_catalog(settings: CatalogSettings) -> AsyncIterator[Catalog | None]:
    """Files, Backstage, or None when neither is set."""
    if settings.path:
        yield FileCatalog(settings.path)
    elif settings.url:
        system = http.HttpSystem(
            name="catalog",
            base_url=catalog_url(settings.url),
            url_setting="CATALOG__URL",
            token_setting="CATALOG__TOKEN",  # noqa: S106  (the name of the setting)
            token=settings.token.get_secret_value() if settings.token else None,
        )
        limits = http.HttpLimits(timeout_seconds=settings.timeout_seconds)
        async with http.open_client(settings.timeout_seconds) as client:
            yield BackstageCatalog(http.HttpApi(client, system, limits=limits))
    else:
        yield None


@asynccontextmanager
async def open_logs(settings: LokiSettings, clock: Clock) -> AsyncIterator[LogsOf]:
    """Log stores by person: the pods', and Loki behind them when it is set. Loki knows no persons: the pods decide."""
    if settings.url is None:
        yield PodLogStore
        return
    system = http.HttpSystem(
        name="log store",
        base_url=loki_url(settings.url),
        url_setting="LOKI__URL",
        token_setting="LOKI__TOKEN",  # noqa: S106  (the name of the setting)
        token=settings.token.get_secret_value() if settings.token else None,
        user=settings.user,
        headers=(("X-Scope-OrgID", settings.tenant),) if settings.tenant else (),
    )
    limits = http.HttpLimits(timeout_seconds=settings.timeout_seconds)
    async with http.open_client(settings.timeout_seconds) as client:
        api = http.HttpApi(client, system, limits=limits)
        loki = LokiLogStore(api, clock=clock, max_bytes=settings.max_bytes)
        yield lambda cluster: CombinedLogStore(PodLogStore(cluster), loki, cluster)


@asynccontextmanager
async def open_storage(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The database at its newest schema."""
    database = Database(settings.url)
    try:
        await upgrade(database)
        yield database
    finally:
        await database.close()


def build_directory(settings: IdentitySettings, catalog: Catalog | None, clock: Clock) -> Directory:
    """The mapping file when there is one, else the catalog's people, else names the cluster knows."""
    if settings.path:
        return FileDirectory(settings.path, contact=settings.contact)
    if catalog is None:
        return ClusterNames(settings.contact)
    rules = IdentityRules(
        contact=settings.contact,
        user_template=settings.user_template,
        group_template=settings.group_template,
        home_team=settings.slack_team,
    )
    return CatalogDirectory(catalog, rules, clock)


@asynccontextmanager
async def open_model(settings: ModelSettings) -> AsyncIterator[ChatModel]:
    """The language model of the settings, or the rules."""
    if settings.provider == "rules":
        yield RulesModel()
        return
    from assistant.agent.models.openai import OpenAIModel, open_client  # 1 s to import: not without need

    key = settings.api_key.get_secret_value() if settings.api_key else ""
    seconds, retries = settings.timeout_seconds, settings.retries
    async with open_client(settings.base_url, key, timeout_seconds=seconds, max_retries=retries) as client:
        yield OpenAIModel(client, settings.name, wire=settings.wire, max_output_tokens=settings.max_tokens)


def build_policy(settings: ConfirmationSettings, clock: Clock) -> Policy:
    """The shipped policies and the platform team's own. Raises PolicyError: a set with an error does not start."""
    return Policy.load(build_limits(settings), settings.policies, clock=clock)


def build_limits(settings: ConfirmationSettings) -> Limits:
    """What the policies are told of this deployment. Raises PolicyError for a freeze file that cannot be used."""
    try:
        freezes = read_freezes(settings.freezes) if settings.freezes else ()
    except FreezeError as error:
        raise PolicyError(str(error)) from error
    ceilings = {
        tier: Ceilings(most.replicas, int(most.memory_gib * GIBIBYTE), int(most.cpu_cores * 1000))
        for tier, most in settings.ceilings.items()
    }
    return Limits(
        ceilings=ceilings,
        platform_teams=(settings.platform_group,),
        on_call_groups=settings.on_call_groups,
        owner_locations=settings.owner_locations,
        denials=settings.denials,
        frozen=settings.frozen,
        freezes=freezes,
    )


def build_checkpoints(settings: AuditSettings, audit: Audit, clock: Clock) -> Checkpoints:
    """What signs the audit log; without a key, nothing. Raises KeyFileError."""
    signer = read_signer(settings.key) if settings.key else None
    return Checkpoints(audit, clock, signer, settings.checkpoints, settings.repository)


class ClusterNames:
    """No catalog and no mapping file: the terminal may name people as the cluster knows them, as `kubectl --as` does.

    The kubeconfig's own right to impersonate decides. Nobody in Slack is known, and nobody has a team.
    """

    def __init__(self, contact: str) -> None:
        self._contact = contact

    async def accounts(self, teams: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002  (of the port)
        """Nobody."""
        return ()

    async def principal(self, account: str, *, email: str | None = None) -> Principal:  # noqa: ARG002  (of the port)
        """The operator, or the cluster's user of that name. Raises UnknownPerson for Slack accounts."""
        if account == OPERATOR.id:
            return OPERATOR
        parsed = parse_account(account, self._contact)
        if isinstance(parsed, CliAccount) and not is_reserved(parsed.name):
            return Principal(id=f"cluster-user:{parsed.name}", user=parsed.name, display_name=parsed.name)
        raise UnknownPerson(
            f"I do not know {account}: no catalog and no mapping file say who people are. "
            f"Ask {self._contact} to set CATALOG__URL, CATALOG__PATH or IDENTITY__PATH."
        )
