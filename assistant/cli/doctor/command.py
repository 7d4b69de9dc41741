"""Run all checks, print the report."""

import asyncio

import structlog
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from assistant.cli.doctor import cluster, slack, systems
from assistant.cli.doctor.finding import Check, Finding
from assistant.cli.session import EXIT_FAILED, EXIT_OK, EXIT_USAGE, console, errors, setting_problems
from assistant.redaction import redact_json
from assistant.settings import Settings
from assistant.telemetry import configure_logging

CHECKS: dict[str, Check] = {
    "cluster": cluster.check,
    "catalog": systems.catalog,
    "model": systems.model,
    "database": systems.database,
    "policies": systems.policies,
    "slack": slack.check,
}
MARKS = {"ok": ("✔", "green"), "warn": ("!", "yellow"), "fail": ("✘", "bold red"), "skip": ("-", "dim")}
TIMEOUT_SECONDS = 30.0


async def doctor(*, as_json: bool, settings: Settings | None = None) -> int:
    """Exit code 0 when nothing fails, 1 when something does, 2 when the settings are not usable."""
    try:
        settings = settings or Settings()
    except ValidationError as error:
        errors.print(setting_problems(error), style="red", markup=False)
        return EXIT_USAGE
    configure_logging("warning", json_lines=False, redact=redact_json)
    findings = [finding for name, check in CHECKS.items() for finding in await _run(name, check, settings)]
    if as_json:
        console.print_json(data=[finding.model_dump() for finding in findings])
    else:
        console.print(_report(findings))
    return EXIT_FAILED if any(finding.state == "fail" for finding in findings) else EXIT_OK


async def _run(name: str, check: Check, settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            async for finding in check(settings):
                found.append(finding)  # noqa: PERF401  (what came before a failure is kept)
    except Exception as error:  # noqa: BLE001  (a check that breaks is a finding; the others go on)
        structlog.get_logger().debug("check.failed", check=name, exc_info=True)
        found.append(Finding(name=name, state="fail", what=f"{type(error).__name__}: {error}"))
    return found


def _report(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = MARKS[finding.state]
        text = Text(finding.what)
        if finding.fix and finding.state != "ok":
            text.append(f"\n→ {finding.fix}", style="cyan")
        table.add_row(Text(mark, style=style), finding.name, text)
    return table
