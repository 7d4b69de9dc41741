"""`policy check` and `policy explain`: for the people who write the policies."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.bootstrap.app import App
from assistant.cli.session import EXIT_FAILED, EXIT_OK, EXIT_USAGE, account, console, errors, with_app
from assistant.confirmation.cedar import SCHEMA_FILE, SHIPPED
from assistant.confirmation.cedar_check import check as problems_of
from assistant.confirmation.explain import explain as explained
from assistant.confirmation.subject import Subject
from assistant.settings import Settings
from tools.cluster.quantities import cpu_millis, memory_bytes
from tools.errors import InvalidArgs

app = typer.Typer(no_args_is_help=True, help="Check policy files, and see why a policy answers as it does.")
IN = re.compile(r"^(?P<name>.+?)\s+in\s+(?P<environment>\S+)$")


@app.command()
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Cedar policy files.")]) -> None:
    """Validate policy files against the schema: file, line, what is wrong, what is allowed. Exit 1 for any problem."""
    sys.exit(check_files(files))


def check_files(files: list[Path]) -> int:
    """The exit code of `policy check`."""
    schema, found = (SHIPPED / SCHEMA_FILE).read_text(), 0
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            errors.print(f"{file}: cannot be read: {error}", style="red", markup=False)
            found += 1
            continue
        for problem in problems_of(str(file), text, schema):
            errors.print(str(problem), style="red", markup=False, soft_wrap=True)
            found += 1
    if not found:
        console.print(f"{len(files)} file{'' if len(files) == 1 else 's'} valid.", style="green", markup=False)
    return EXIT_FAILED if found else EXIT_OK


@app.command()
def explain(
    action: Annotated[str, typer.Argument(help='What would be done, such as "workload.restart".')],
    target: Annotated[str, typer.Argument(help='To what: "checkout in production", or "StatefulSet/db".')],
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who would ask.")] = None,
    replicas: Annotated[int | None, typer.Option(min=0, help="Replicas it would set.")] = None,
    memory: Annotated[str | None, typer.Option(help="Memory of a container it would set, such as 2Gi.")] = None,
    cpu: Annotated[str | None, typer.Option(help="CPU of a container it would set, such as 500m.")] = None,
) -> None:
    """Say whether a person may ask for a change, who must approve it, which rules decide, and what to do.

    Nothing is planned or changed. Exit 1 when the answer is no.
    """
    try:
        wanted = wanted_of(replicas, memory, cpu)
    except InvalidArgs as error:
        errors.print(error.message, style="red", markup=False)
        sys.exit(EXIT_USAGE)
    sys.exit(asyncio.run(explain_change(action, target, user=user, wanted=wanted)))


def wanted_of(replicas: int | None, memory: str | None, cpu: str | None) -> dict[str, int | None]:
    """What the change would set, as a policy's subject has it. Raises InvalidArgs."""
    return {
        "replicas": replicas,
        "memory_bytes": memory_bytes(memory) if memory else None,
        "cpu_millis": cpu_millis(cpu) if cpu else None,
    }


async def explain_change(
    action: str, target: str, *, user: str | None, wanted: dict[str, int | None], settings: Settings | None = None
) -> int:
    """The exit code of `policy explain`."""

    async def run(app: App) -> int:
        who = await app.service.directory.principal(account(user))
        place = IN.match(target)
        name, environment = (place["name"], place["environment"]) if place else (target, None)
        found = await app.targets_for(who).workload(name, environment)
        subject = Subject(
            target=found.ref,
            action=action,
            tier=found.tier,
            owner=found.owner,
            owner_location=found.owner_location,
            **wanted,
        )
        decision, lines = explained(app.policy, who, subject)
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
        return EXIT_OK if decision.allowed else EXIT_FAILED

    return await with_app(run, settings=settings)
