"""`audit`: look at the record of every change, prove that it is whole, hand it on, keep it short."""

import asyncio
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant.bootstrap.app import App
from assistant.cli.session import EXIT_FAILED, EXIT_OK, EXIT_USAGE, console, errors, with_app
from assistant.confirmation.audit import AuditVerdict
from assistant.confirmation.checkpoints import forged, read_checkpoints
from assistant.confirmation.export import csv_lines, json_lines
from assistant.confirmation.signing import KeyFileError, make_key, read_keys
from assistant.confirmation.story import story

app = typer.Typer(no_args_is_help=True, help="The record of every proposal, decision and change.")
NO_KEY = "Set AUDIT__KEY to a key made with `infra-assistant audit keygen`, and AUDIT__CHECKPOINTS to a file elsewhere."


class Format(StrEnum):
    """How records are written."""

    JSONL = "jsonl"
    CSV = "csv"


def sentence(verdict: AuditVerdict) -> str:
    """The result in words."""
    if not verdict.intact:
        return (
            f"The audit log was altered: record {verdict.broken_seq} is the first that does not fit ({verdict.reason})."
        )
    pruned = f" after {verdict.pruned} pruned ones" if verdict.pruned else ""
    signed = f"; {verdict.checkpoints} signed checkpoints agree" if verdict.checkpoints else ""
    return f"The audit log is whole: {verdict.records} records{pruned}{signed}."


async def verified(app: App) -> AuditVerdict:
    """The chain, compared with what was signed and kept elsewhere. Raises KeyFileError."""
    chosen = app.settings.audit
    keys = read_keys(app.checkpoints.signer, chosen.public_keys)
    kept = await asyncio.to_thread(read_checkpoints, chosen.checkpoints) if chosen.checkpoints and keys else ()
    if problem := forged(kept, keys, app.audit.source):
        return AuditVerdict(intact=False, records=0, reason=problem)
    return await app.audit.verify(kept, keys)


@app.command()
def verify() -> None:
    """Recompute the hash chain, compare it with the signed checkpoints; exit 1 and name the first broken record."""

    async def run(app: App) -> int:
        result = await verified(app)
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


@app.command()
def show(change: Annotated[str, typer.Argument(metavar="CHANGE", help="The change, as on its card (p-...).")]) -> None:
    """Tell the whole story of one change: asked, decided, applied, seen, ended."""

    async def run(app: App) -> int:
        records = await app.audit.of(change)
        for line in story(records):
            console.print(line, markup=False, soft_wrap=True)
        if not records:
            errors.print(f"No record names {change}. `infra-assistant audit tail` lists the newest.", style="red")
        return EXIT_OK if records else EXIT_FAILED

    sys.exit(asyncio.run(with_app(run)))


@app.command()
def export(
    since: Annotated[datetime | None, typer.Option(help="From this moment on, UTC; without it, all.")] = None,
    form: Annotated[
        Format, typer.Option("--format", help="One JSON object a line, or CSV with a heading.")
    ] = Format.JSONL,
) -> None:
    """Write the records to standard output, oldest first."""
    moment = since.replace(tzinfo=UTC) if since and since.tzinfo is None else since

    async def run(app: App) -> int:
        write = json_lines if form is Format.JSONL else csv_lines
        async for line in write(app.audit.since(moment)):
            sys.stdout.write(line)
        return EXIT_OK

    sys.exit(asyncio.run(with_app(run)))


@app.command()
def checkpoint() -> None:
    """Sign the end of the log now; `serve` does it every ten minutes."""

    async def run(app: App) -> int:
        if app.checkpoints.signer is None or app.checkpoints.file is None:
            errors.print(NO_KEY, style="red", markup=False)
            return EXIT_USAGE
        signed = await app.checkpoints.take()
        said = f"Signed record {signed.seq} with key {signed.key}." if signed else "Nothing new to sign."
        console.print(said, markup=False)
        return EXIT_OK

    sys.exit(asyncio.run(with_app(run)))


@app.command()
def prune(before: Annotated[datetime, typer.Option(help="Remove records older than this moment, UTC.")]) -> None:
    """Remove old records and sign where the log begins since. It is verified first; export what must be kept."""

    async def run(app: App) -> int:
        if app.checkpoints.signer is None:
            errors.print(NO_KEY, style="red", markup=False)
            return EXIT_USAGE
        verdict = await verified(app)
        if not verdict.intact:
            errors.print(f"Nothing was removed. {sentence(verdict)}", style="bold red", markup=False)
            return EXIT_FAILED
        moment = before.replace(tzinfo=UTC) if before.tzinfo is None else before
        removed = await app.audit.prune(moment, app.checkpoints.signer, app.clock())
        said = f"Removed {removed} records; that is on record." if removed else "No record is that old."
        console.print(said, markup=False)
        return EXIT_OK

    sys.exit(asyncio.run(with_app(run)))


@app.command()
def keygen(
    path: Annotated[Path, typer.Argument(help="Where the private key goes; the public one goes beside it.")],
) -> None:
    """Make a key that signs checkpoints. Keep it where whoever writes the database cannot."""
    try:
        name = make_key(path)
    except KeyFileError as error:
        errors.print(str(error), style="red", markup=False)
        sys.exit(EXIT_FAILED)
    console.print(f"Key {name}: {path} (private) and {path}.pub. Set AUDIT__KEY={path}.", markup=False)
