"""Every setting, its unit and its default. The only reader of the environment.

Nested settings are written with two underscores: MODEL__PROVIDER=openai, SLACK__BOT_TOKEN=xoxb-... A file `.env` in the
working directory is read as well; the environment wins.
"""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0)]


class ClusterSettings(BaseModel, frozen=True):
    """Which cluster. Without `kubeconfig` the variable KUBECONFIG counts, then ~/.kube/config, then the pod's own."""

    name: str = "default"
    kubeconfig: Path | None = None
    context: str | None = None
    timeout_seconds: Seconds = 10.0


class CatalogSettings(BaseModel, frozen=True):
    """A folder of catalog-info files (`path`), or a Backstage backend (`url` and `token`), or none."""

    path: Path | None = None
    url: str | None = None
    token: SecretStr | None = None
    timeout_seconds: Seconds = 10.0

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.path and self.url:
            raise ValueError("Set CATALOG__PATH or CATALOG__URL, not both.")
        return self


class LokiSettings(BaseModel, frozen=True):
    """Where logs are kept that the cluster no longer has; without `url`, pods only.

    `user` and `token` make basic auth, `token` alone a bearer. `tenant` is sent as X-Scope-OrgID. A query that would
    read more than `max_bytes` is refused.
    """

    url: str | None = None
    user: str | None = None
    token: SecretStr | None = None
    tenant: str | None = None
    timeout_seconds: Seconds = 10.0
    max_bytes: Annotated[int, Field(gt=0)] = 2_000_000_000


class ModelSettings(BaseModel, frozen=True):
    """`rules` needs no model. `openai` is any Chat Completions endpoint; `structured` wire suits small local models."""

    provider: Literal["rules", "openai"] = "rules"
    base_url: str | None = None
    name: str = "gpt-5-mini"
    api_key: SecretStr | None = None
    wire: Literal["tools", "structured"] = "tools"
    max_tokens: Annotated[int, Field(ge=64, le=32_000)] = 1200
    timeout_seconds: Seconds = 60.0
    retries: Annotated[int, Field(ge=0, le=5)] = 2

    @model_validator(mode="after")
    def _needs_a_key(self) -> Self:
        if self.provider == "openai" and not self.api_key and not self.base_url:
            raise ValueError(
                "MODEL__PROVIDER=openai needs MODEL__API_KEY, or MODEL__BASE_URL of a server without keys."
            )
        return self


class DatabaseSettings(BaseModel, frozen=True):
    """SQLite file by default; `postgresql+psycopg://user@host/name` for several replicas."""

    url: str = "sqlite+aiosqlite:///infra-assistant.sqlite"


class SlackSettings(BaseModel, frozen=True):
    """`socket` needs `bot_token` and `app_token`; `http` needs `bot_token` and `signing_secret`."""

    mode: Literal["socket", "http"] = "socket"
    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    api_url: str = "https://slack.com/api/"
    sockets: Annotated[int, Field(ge=1, le=10)] = 2

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the variables this mode still needs."""
        needed = {"bot_token": self.bot_token}
        needed |= {"app_token": self.app_token} if self.mode == "socket" else {"signing_secret": self.signing_secret}
        return tuple(f"SLACK__{name.upper()}" for name, value in needed.items() if value is None)


class IdentitySettings(BaseModel, frozen=True):
    """Who is who: User entities of the catalog, or a mapping file (`path`).

    `contact` is told to people nobody maps. `slack_team`: id of your workspace, for User entities without a team
    annotation; None takes any. `user_template` and `group_template` make Kubernetes names from a User or
    Group entity ("{name}", "{email}").
    """

    path: Path | None = None
    contact: str = "your platform team"
    slack_team: str | None = None
    user_template: str = "{email}"
    group_template: str = "{name}"


class EnvironmentSettings(BaseModel, frozen=True):
    """What people mean by the name of an environment. `tier` "prod" asks for a second person."""

    namespaces: tuple[str, ...]
    cluster: str | None = None
    tier: Literal["prod", "nonprod"] | None = None


class BudgetSettings(BaseModel, frozen=True):
    """Per turn. At the limit the person gets what was checked so far."""

    steps: Annotated[int, Field(ge=1, le=50)] = 8
    tokens: Annotated[int, Field(ge=1000)] = 60_000
    seconds: Seconds = 90.0


class CeilingSettings(BaseModel, frozen=True, extra="forbid"):
    """Most that a change may ask for in one tier: replicas, and memory and CPU of one container."""

    replicas: Annotated[int, Field(ge=0)]
    memory_gib: Annotated[float, Field(gt=0)]
    cpu_cores: Annotated[float, Field(gt=0)]


class ConfirmationSettings(BaseModel, frozen=True):
    """How long a proposal waits for requester, approver and execution, and how long a change may settle.

    Approvers are reminded after each of `remind_hours`; after `escalate_hours` the platform team is asked as well.
    `denials` end a proposal. `glass_minutes`: the execution window of a change that skips its approvals.
    `policies` is a folder of further *.cedar files beside the shipped set; `freezes` a YAML file of freeze windows.
    `frozen` stops all changes in production. `ceilings` by tier. `on_call_groups`: may break the glass for what they
    own. `owner_locations`: catalog locations whose owners approve; with none only the platform group does.
    """

    confirm_minutes: Seconds = 15.0
    approve_hours: Seconds = 24.0
    execute_minutes: Seconds = 30.0
    verify_seconds: Seconds = 300.0
    verify_every_seconds: Seconds = 2.0
    remind_hours: tuple[Seconds, ...] = (2.0, 8.0)
    escalate_hours: Seconds = 4.0
    denials: Annotated[int, Field(ge=1, le=5)] = 1
    glass_minutes: Seconds = 60.0
    policies: Path | None = None
    freezes: Path | None = None
    platform_group: str = "group:default/platform"
    on_call_groups: tuple[str, ...] = ()
    owner_locations: tuple[str, ...] = ()
    ceilings: dict[str, CeilingSettings] = {
        "prod": CeilingSettings(replicas=50, memory_gib=16, cpu_cores=8),
        "nonprod": CeilingSettings(replicas=10, memory_gib=4, cpu_cores=4),
    }
    frozen: bool = False


class AuditSettings(BaseModel, frozen=True):
    """`key`: Ed25519 private key (PEM, `infra-assistant audit keygen`); with it the end of the log is signed every ten
    minutes into `checkpoints`, a file on another disk or `repository`, a git repository, and old records can be pruned.
    `public_keys` of keys used before, PEM files.
    """

    key: Path | None = None
    checkpoints: Path | None = None
    repository: Path | None = None
    public_keys: tuple[Path, ...] = ()
    source: str = "/infra-assistant/default"


class WebSettings(BaseModel, frozen=True):
    """Health, metrics, and Slack over HTTP."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class RedactionSettings(BaseModel, frozen=True):
    """`salt`: the same on all replicas, so that "changed" and "unchanged" can be told from the markers of secrets.

    Without one each process makes its own.
    """

    salt: SecretStr | None = None


class LinkSettings(BaseModel, frozen=True):
    """Addresses shown beside evidence. Templates take {kind}, {namespace}, {name}, {from_ms} and {to_ms}.

    `catalog`: a component's page ("https://backstage.example.com/catalog/{namespace}/{kind}/{name}"). `workload`: a
    dashboard or deployment tool. `logs`: a log search.
    """

    catalog: str | None = None
    workload: str | None = None
    logs: str | None = None

    @field_validator("catalog", "workload", "logs")
    @classmethod
    def _fits(cls, template: str | None) -> str | None:
        if template is None:
            return None
        if not template.startswith(("https://", "http://")) or any(mark in template for mark in "<>| "):
            raise ValueError("must be an http(s) address")
        try:
            template.format(kind="", namespace="", name="", from_ms="", to_ms="")
        except (KeyError, IndexError, ValueError) as exc:
            raise ValueError("only {kind}, {namespace}, {name}, {from_ms} and {to_ms} are known") from exc
        return template


class AlertSettings(BaseModel, frozen=True):
    """Alerts start a diagnosis in a thread of `channel` (a Slack channel id); without it they do not.

    They come from bots that post in that channel and, with `token`, from POST /alerts (Alertmanager webhook, bearer
    token). `account`: as whom the diagnosis reads ("operator": the assistant's own rights). An alert that resolves
    within `wait_seconds` starts nothing; at most `per_hour` are diagnosed.
    """

    channel: str | None = None
    token: SecretStr | None = None
    account: str = "operator"
    wait_seconds: Annotated[float, Field(ge=0)] = 60.0
    per_hour: Annotated[int, Field(ge=1)] = 6


class LogSettings(BaseModel, frozen=True):
    """Structured logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    json_lines: bool = True


class Settings(BaseSettings):
    """All of it, read once at start."""

    model_config = SettingsConfigDict(
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    cluster: ClusterSettings = ClusterSettings()
    catalog: CatalogSettings = CatalogSettings()
    loki: LokiSettings = LokiSettings()
    model: ModelSettings = ModelSettings()
    database: DatabaseSettings = DatabaseSettings()
    slack: SlackSettings = SlackSettings()
    identity: IdentitySettings = IdentitySettings()
    environments: dict[str, EnvironmentSettings] = {}
    budget: BudgetSettings = BudgetSettings()
    confirmation: ConfirmationSettings = ConfirmationSettings()
    audit: AuditSettings = AuditSettings()
    links: LinkSettings = LinkSettings()
    alerts: AlertSettings = AlertSettings()
    web: WebSettings = WebSettings()
    redaction: RedactionSettings = RedactionSettings()
    log: LogSettings = LogSettings()
    executor_id: Annotated[str, Field(min_length=3, description="Stable name of this replica.")] = "infra-assistant-0"
    drain_seconds: Annotated[float, Field(ge=0)] = 20.0


def kubeconfig_path(settings: ClusterSettings) -> Path | None:
    """The kubeconfig file to use, or None for the pod's own service account.

    KUBECONFIG may list several files; the first existing one counts.
    """
    if settings.kubeconfig:
        return settings.kubeconfig.expanduser()
    listed = [Path(part) for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    candidates = listed or [Path("~/.kube/config").expanduser()]
    return next((path for path in candidates if path.exists()), None)
