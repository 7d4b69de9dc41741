"""`audit verify` and `audit tail`."""

import asyncio
import sys
from typing import Annotated

import typer

from assistant.bootstrap.app import App
from assistant.cli.session import EXIT_FAILED, EXIT_OK, console, with_app
from assistant.confirmation.audit import AuditVerdict

app = typer.Typer(no_args_is_help=True, help="The record of every proposal, decision and change.")


def sentence(verdict: AuditVerdict) -> str:
    """The result in words."""
    if verdict.intact:
        return f"The audit log is whole: {verdict.records} records."
    return f"The audit log was altered: record {verdict.broken_seq} is the first that does not fit ({verdict.reason})."


@app.command()
def verify() -> None:
    """Recompute the hash chain; exit 1 and name the first broken record when something was altered."""

    async def run(app: App) -> int:
        result = await app.audit.verify()
        console.print(sentence(result), style="green" if result.intact else "bold red", markup=False)
        return EXIT_OK if result.intact else EXIT_FAILED

    sys.exit(asyncio.run(with_app(run)))


@app.command()
def tail(count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many records.")] = 20) -> None:
    """Print the newest records, oldest first, one JSON object a line."""

    async def run(app: App) -> int:
        for record in await app.audit.tail(count):
            console.print(record.model_dump_json(), soft_wrap=True, markup=False)
        return EXIT_OK

    sys.exit(asyncio.run(with_app(run)))
