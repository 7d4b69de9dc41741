"""The commands."""

import asyncio
import sys
from typing import Annotated

import typer

from assistant.cli import audit, session
from assistant.cli.session import EXIT_FAILED, console, errors

app = typer.Typer(
    name="infra-assistant",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask why a service fails, change it with a confirmation, prove later what happened.",
)
app.add_typer(audit.app, name="audit")

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
def confirm(proposal: ProposalId, user: As = None, as_json: AsJson = False) -> None:
    """Confirm a proposal exactly as its card showed it, apply it, and wait for the verified outcome."""
    _run(session.confirm(proposal, user=user, as_json=as_json))


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
