"""The commands."""

import asyncio
import sys
from typing import Annotated, Literal

import typer

from assistant.cli import audit, policy, session
from assistant.cli.session import EXIT_FAILED, console, errors

app = typer.Typer(
    name="infra-assistant",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask why a service fails, change it with a confirmation, prove later what happened.",
)
app.add_typer(audit.app, name="audit")
app.add_typer(policy.app, name="policy")

As = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Act as this person; without it you are the kubeconfig's own identity."),
]
ThreadName = Annotated[str, typer.Option("--thread", help="Conversation to continue; follow-ups need the same one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole turn as JSON.")]
ProposalId = Annotated[str, typer.Argument(metavar="ID", help="The proposal, as printed on its card (p-...).")]


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help='In plain words: "why is checkout failing in staging?"')],
    user: As = None,
    thread: ThreadName = "default",
    as_json: AsJson = False,
) -> None:
    """Ask once and print the answer, a question back, or a confirmation card."""
    _run(session.ask(question, user=user, thread=thread, as_json=as_json))


@app.command()
def chat(user: As = None, thread: ThreadName = "chat") -> None:
    """Talk in the terminal: questions, changes, confirmations."""
    _run(session.chat(user=user, thread=thread))


@app.command()
def confirm(  # noqa: PLR0913, PLR0917  (each is an option of the command line)
    proposal: ProposalId,
    user: As = None,
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Take it back by itself when it turns out not healthy.")
    ] = False,
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="In an incident: skip approvals and freeze, on record.")
    ] = False,
    incident: Annotated[str, typer.Option(help="With --break-glass: the incident's id.")] = "",
    reason: Annotated[str, typer.Option(help="With --break-glass: why it cannot wait.")] = "",
    as_json: AsJson = False,
) -> None:
    """Confirm a proposal exactly as its card showed it, apply it, and wait for the verified outcome."""
    glass = session.Glass(incident, reason) if break_glass else None
    how = session.How(roll_back=roll_back, glass=glass)
    _run(session.confirm(proposal, user=user, as_json=as_json, how=how))


@app.command()
def reject(
    proposal: ProposalId,
    user: As = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Cancel your own proposal, or deny one you may approve."""
    _run(session.reject(proposal, user=user, reason=reason, as_json=as_json))


@app.command()
def undo(proposal: ProposalId, user: As = None, as_json: AsJson = False) -> None:
    """Propose the inverse of an applied change; it needs its own confirmation."""
    _run(session.undo(proposal, user=user, as_json=as_json))


@app.command()
def diagnose(  # noqa: PLR0913, PLR0917  (one option each)
    workload: Annotated[
        str | None, typer.Argument(metavar="[KIND/]NAME", help="A workload, as in Deployment/web.")
    ] = None,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Where it runs.")] = None,
    service: Annotated[
        str | None, typer.Option(help="A catalog component: its workloads and its dependencies.")
    ] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Environment name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that fails there, by root cause.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (its schema: --schema).")] = False,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to look again while it rolls out.")] = 0.0,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of --json and end.")] = False,
) -> None:
    """Find out why a workload, a service or an environment fails. Exit code 0 healthy, 1 findings, 2 could not tell.

    Needs a cluster and credentials only: no model, no Slack, no database.
    """
    from assistant.cli import diagnose as command

    if schema:
        command.print_schema()
        return
    if [workload is not None, service is not None, everything].count(True) != 1:
        raise typer.BadParameter("Give one of a workload, --service or --all.")
    if namespace and environment:
        raise typer.BadParameter("Give --namespace or --environment, not both.")
    what = command.What(workload, service, everything, namespace or environment)
    _run(command.diagnose(what, command.How(as_json, context, wait)))


@app.command()
def manifest(
    mode: Annotated[Literal["socket", "http"], typer.Option(help="How Slack connects.")] = "socket",
    name: Annotated[str | None, typer.Option(help="Name of the app and its bot, at most 35 characters.")] = None,
    url: Annotated[str | None, typer.Option(help="Mode http: where Slack reaches this assistant, https://...")] = None,
) -> None:
    """Print the Slack app's manifest, to paste at api.slack.com/apps."""
    from assistant.cli.manifest import manifest as run

    _run(run(mode=mode, name=name, url=url))


@app.command()
def serve() -> None:
    """Run the Slack bot (Socket Mode or HTTP) with health and metrics, until SIGTERM."""
    from assistant.cli.serve import serve as run

    _run(run())


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check cluster, rights, catalog, identity, model, database and Slack; say what is wrong and what to do."""
    from assistant.cli.doctor.command import doctor as run

    _run(run(as_json=as_json))


def _run(command: "session.Command") -> None:
    try:
        code = asyncio.run(command)
    except KeyboardInterrupt:
        errors.print("Stopped. What was confirmed goes on at the next start.", style="yellow")
        code = EXIT_FAILED
    console.file.flush()
    sys.exit(code)
