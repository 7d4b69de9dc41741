"""Catalog, identity, model, database, policies."""

from collections.abc import AsyncIterator

from assistant.agent.models.port import ModelRequest, ModelUnavailable, ToolSchema
from assistant.bootstrap.adapters import build_policy, open_catalog, open_model, open_storage
from assistant.cli.audit import sentence
from assistant.cli.doctor.finding import Finding
from assistant.confirmation.audit import Audit
from assistant.redaction import redact_json
from assistant.settings import Settings
from tools.catalog.files import FileCatalog
from tools.catalog.port import EntityFilter
from tools.clock import system_clock
from tools.errors import ToolError

ANSWER = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}
ASKED = ModelRequest(
    messages=({"role": "user", "content": "Call the tool `report` with ready=true."},),
    tools=(ToolSchema("report", "Tell that you are ready.", ANSWER),),
)


async def catalog(settings: Settings) -> AsyncIterator[Finding]:
    """Reachable, and how much is in it; whether its people can be recognised."""
    name = "catalog"
    async with open_catalog(settings.catalog) as source:
        if source is None:
            what = "none is set: owners and dependencies are unknown"
            yield Finding(
                name=name, state="skip", what=what, fix="Set CATALOG__PATH, or CATALOG__URL and CATALOG__TOKEN."
            )
            return
        try:
            components = await source.find(EntityFilter(kinds=("component",)))
            users = await source.find(EntityFilter(kinds=("user",)))
        except ToolError as error:
            yield Finding(name=name, state="fail", what=error.message, fix="Check CATALOG__URL and CATALOG__TOKEN.")
            return
        more = "at least " if components.truncated else ""
        yield Finding(
            name=name, state="ok", what=f"{more}{len(components.entities)} components, {len(users.entities)} users"
        )
        if isinstance(source, FileCatalog):
            for problem in await source.problems():
                yield Finding(name=name, state="warn", what=str(problem), fix="Correct that file; the rest is used.")


async def model(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the provider answers one small request."""
    chosen = settings.model
    if chosen.provider == "rules":
        what = "rules: no language model, golden-path questions and changes only"
        yield Finding(name="model", state="ok", what=what, fix="Set MODEL__PROVIDER=openai for free conversation.")
        return
    async with open_model(chosen) as made:
        try:
            await made.complete(ASKED)
        except ModelUnavailable as error:
            yield Finding(name="model", state="fail", what=str(error), fix="Until then `rules` answers.")
            return
    yield Finding(name="model", state="ok", what=f"{made.name} answers")


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether it can be written, and whether the audit chain is whole."""
    async with open_storage(settings.database) as storage:
        result = await Audit(storage, redact=redact_json).verify()
    yield Finding(name="database", state="ok", what="reachable, schema up to date")
    fix = "" if result.intact else "Someone altered the audit log. Compare it with your backup before you go on."
    yield Finding(name="audit", state="ok" if result.intact else "fail", what=sentence(result), fix=fix)


async def policies(settings: Settings) -> AsyncIterator[Finding]:
    """Whether all policies are valid."""
    policy = build_policy(settings.confirmation, system_clock)
    yield Finding(name="policies", state="ok", what=f"valid, version {policy.hash[:12]}")
    if not settings.confirmation.owner_locations and not await _has_platform_group(settings):
        what = "nobody can approve a production change: no owners count, and the platform group is not in the catalog"
        fix = "Set CONFIRMATION__OWNER_LOCATIONS to trusted catalog locations, or CONFIRMATION__PLATFORM_GROUP."
        yield Finding(name="approvers", state="warn", what=what, fix=fix)


async def _has_platform_group(settings: Settings) -> bool:
    if settings.identity.path:
        return True  # a mapping file names teams itself
    async with open_catalog(settings.catalog) as source:
        found = await source.by_refs([settings.confirmation.platform_group]) if source else (None,)
    return found[0] is not None
