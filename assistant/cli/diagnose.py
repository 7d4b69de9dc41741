"""Diagnose from a terminal or a pipeline: a cluster and its credentials are enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from rich.console import Group, RenderableType
from rich.text import Text

from assistant.bootstrap.adapters import open_catalog, open_cluster, open_logs
from assistant.cli import render
from assistant.cli.diagnosis_report import DiagnosisReport, Scope, problem_of, report_of, schema
from assistant.cli.kubeconfig import context_namespace
from assistant.cli.session import console, errors, setting_problems
from assistant.redaction import redact_json, use_salt
from assistant.settings import Settings
from assistant.telemetry import configure_logging
from tools.clock import system_clock
from tools.contract import Args, Toolbox
from tools.diagnosis.diagnose_service import DiagnoseServiceArgs
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs
from tools.diagnosis.triage_namespace import TriageNamespaceArgs
from tools.errors import InvalidArgs, NotFound, ToolError, Unavailable
from tools.targets import ClusterTargets, EnvironmentRule
from tools.toolbox import Ports, build_toolbox

EXIT_UNKNOWN = 2
POLL_SECONDS = 5.0
MARKS = {"healthy": ("✔ healthy", "bold green"), "findings": ("✘ findings", "bold red")}
UNKNOWN = ("? could not tell", "bold magenta")


@dataclass(frozen=True)
class What:
    """What is diagnosed. Exactly one of `workload`, `service` and `everything` is given.

    `place` is a namespace or environment name; None: that of the kubeconfig's context, else wherever it runs.
    """

    workload: str | None = None
    service: str | None = None
    everything: bool = False
    place: str | None = None

    @property
    def scope(self) -> Scope:
        return "environment" if self.everything else "service" if self.service else "workload"


@dataclass(frozen=True)
class How:
    """`wait_seconds`: how long something that still rolls out is looked at again. `context`: of the kubeconfig."""

    as_json: bool = False
    context: str | None = None
    wait_seconds: float = 0.0


async def diagnose(what: What, how: How, *, settings: Settings | None = None) -> int:
    """Exit code 0 healthy, 1 findings, 2 it could not be told (wrong settings and names included)."""
    try:
        settings = _pointed(settings or Settings(), how.context)
    except ValidationError as error:
        errors.print(setting_problems(error), style="red", markup=False)
        return EXIT_UNKNOWN
    configure_logging(settings.log.level, json_lines=settings.log.json_lines, redact=redact_json)
    report = await _report(what, how, settings)
    if how.as_json:
        console.print_json(report.model_dump_json(), indent=2)
    else:
        console.print(view(report, now=system_clock()))
    return report.exit_code


def print_schema() -> None:
    """The JSON Schema of the output."""
    console.print_json(data=schema(), indent=2)


def view(report: DiagnosisReport, *, now: datetime) -> RenderableType:
    """The report for people: the answer, what was checked and what was not."""
    label, style = MARKS.get(report.status, UNKNOWN)
    if report.error:
        choices = [Text(f"  {name}") for name in report.error.candidates if name not in report.summary]
        return Group(Text.assemble((label, style), "  ", report.summary), *choices)
    answer = report.answer().model_copy(update={"actions": ()})  # buttons of a conversation; here they are lines
    parts: list[RenderableType] = [Text(label, style=style), render.answer(answer, report.numbered(), now=now)]
    parts += [Text(f"Can be proposed with `ask` or `chat`: {one.label} (risk {one.risk}).") for one in report.actions]
    parts += [Text(f"Checked and fine: {'; '.join(report.checked)}.", style="dim")] if report.checked else []
    parts += [Text(f"! Not seen: {one}", style="yellow") for one in report.not_seen]
    return Group(*parts)


async def _report(what: What, how: How, settings: Settings) -> DiagnosisReport:
    here = None if what.place or what.service else context_namespace(settings.cluster)
    try:
        if what.everything and not (what.place or here):
            raise InvalidArgs("Say which namespace or environment: -n NAMESPACE, or --environment ENVIRONMENT.")
        async with _toolbox(settings) as toolbox:
            try:
                return await _settled(what, what.place or here, toolbox, how.wait_seconds)
            except NotFound:
                if here is None or what.everything:
                    raise
                return await _settled(what, None, toolbox, how.wait_seconds)  # not in the context's namespace
    except ToolError as problem:
        return problem_of(what.scope, problem)


async def _settled(what: What, place: str | None, toolbox: Toolbox, wait_seconds: float) -> DiagnosisReport:
    """The report, once nothing is rolling out any more or the wait is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while True:
        report = await _once(what, place, toolbox)
        left = deadline - loop.time()
        if report.status != "unknown" or left <= 0:
            return report
        await asyncio.sleep(min(POLL_SECONDS, left))


async def _once(what: What, place: str | None, toolbox: Toolbox) -> DiagnosisReport:
    name, args = _call(what, place)
    tool = toolbox.reads[name]
    try:
        async with asyncio.timeout(tool.timeout_seconds):
            return report_of(what.scope, await tool.run(args))
    except TimeoutError as slow:
        raise Unavailable(f"The cluster did not answer within {tool.timeout_seconds:g} s.", "cluster") from slow


def _call(what: What, place: str | None) -> tuple[str, Args]:
    """The tool and its arguments. Raises InvalidArgs on names that no tool takes."""
    try:
        if what.everything:
            return "triage_namespace", TriageNamespaceArgs(environment=place or "")
        if what.service:
            return "diagnose_service", DiagnoseServiceArgs(service=what.service, environment=place)
        return "diagnose_workload", DiagnoseWorkloadArgs(workload=what.workload or "", environment=place)
    except ValidationError as error:
        raise InvalidArgs("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error


@asynccontextmanager
async def _toolbox(settings: Settings) -> AsyncIterator[Toolbox]:
    """The tools, with the kubeconfig's own identity."""
    if settings.redaction.salt:
        use_salt(settings.redaction.salt.get_secret_value().encode())
    name = settings.cluster.name
    rules = {key: EnvironmentRule(**rule.model_dump()) for key, rule in settings.environments.items()}
    async with open_catalog(settings.catalog) as catalog, open_logs(settings.loki, system_clock) as logs_of:
        connection = await open_cluster(settings.cluster)
        try:
            cluster = connection.acting_as(None)
            targets = ClusterTargets({name: cluster}, name, catalog, rules)
            yield build_toolbox(Ports(cluster, logs_of(cluster), catalog, targets, system_clock))
        finally:
            await connection.close()


def _pointed(settings: Settings, context: str | None) -> Settings:
    if context is None:
        return settings
    return settings.model_copy(update={"cluster": settings.cluster.model_copy(update={"context": context})})
