"""One run of a command: open the assistant, do it, print it. Returns the process's exit code."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from assistant.bootstrap.app import App, open_app
from assistant.cli import render
from assistant.cli.report import report
from assistant.confirmation.apply import ApplyChange, Claim
from assistant.confirmation.carry_out import carry_out_here
from assistant.confirmation.cedar import PolicyError
from assistant.confirmation.signing import KeyFileError
from assistant.conversation import Message, ProposalView, Turn
from assistant.errors import PersonError
from assistant.identity.mapping import MappingError
from assistant.redaction import redact_json
from assistant.settings import Settings
from assistant.telemetry import configure_logging
from tools.errors import ToolError

Command = Coroutine[Any, Any, int]
Run = Callable[[App], Awaitable[int]]
EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
TERMINAL = frozenset({"succeeded", "failed", "denied", "cancelled", "expired", "superseded"})
POLL_SECONDS = 0.1

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


async def ask(question: str, *, user: str | None, thread: str, as_json: bool, settings: Settings | None = None) -> int:
    """Exit code 0 for any turn, 1 when the assistant could not run, 2 for wrong settings."""

    async def run(app: App) -> int:
        turn = await _say(app, question, user=user, thread=thread, quiet=as_json)
        print_turn(app, turn, as_json=as_json)
        return EXIT_OK

    return await with_app(run, settings=settings)


@dataclass(frozen=True)
class Glass:
    """Which incident the glass is broken for, and why."""

    incident: str
    reason: str


@dataclass(frozen=True)
class How:
    """How a proposal is confirmed: to be taken back by itself when not healthy; by breaking the glass."""

    roll_back: bool = False
    glass: Glass | None = None


PLAINLY = How()


async def confirm(
    proposal: str, *, user: str | None, as_json: bool, how: How = PLAINLY, settings: Settings | None = None
) -> int:
    """Exit code 0 when the change succeeded or now waits for an approver, else 1."""

    async def run(app: App) -> int:
        await resume(app)
        view = await _decide(app, proposal, account(user), how)
        if view.state == "approved":
            view = await apply_and_wait(app, view, quiet=as_json)
        print_view(app, view, as_json=as_json)
        return EXIT_OK if view.state in {"succeeded", "awaiting_approval"} else EXIT_FAILED

    return await with_app(run, settings=settings)


async def _decide(app: App, proposal: str, who: str, how: How) -> ProposalView:
    if how.glass is None:
        return await app.service.confirm(proposal, who, roll_back=how.roll_back)
    return await app.service.break_glass(proposal, who, incident=how.glass.incident, reason=how.glass.reason)


async def reject(
    proposal: str, *, user: str | None, reason: str, as_json: bool, settings: Settings | None = None
) -> int:
    """Exit code 0 when it was cancelled or denied."""

    async def run(app: App) -> int:
        print_view(app, await app.service.reject(proposal, account(user), reason), as_json=as_json)
        return EXIT_OK

    return await with_app(run, settings=settings)


async def undo(proposal: str, *, user: str | None, as_json: bool, settings: Settings | None = None) -> int:
    """Exit code 0 when the inverse is proposed."""

    async def run(app: App) -> int:
        print_view(app, await app.service.undo(proposal, account(user)), as_json=as_json)
        return EXIT_OK

    return await with_app(run, settings=settings)


async def chat(*, user: str | None, thread: str, settings: Settings | None = None) -> int:
    """Until end of input."""
    from assistant.cli.chat import talk

    async def run(app: App) -> int:
        await resume(app)
        await talk(app, user=user, thread=thread)
        return EXIT_OK

    return await with_app(run, settings=settings)


async def with_app(run: Run, *, settings: Settings | None = None) -> int:
    """Open the assistant, run, close. Errors meant for people are printed as one sentence."""
    try:
        settings = settings or Settings()
    except ValidationError as error:
        errors.print(setting_problems(error), style="red", markup=False)
        return EXIT_USAGE
    configure_logging(settings.log.level, json_lines=settings.log.json_lines, redact=redact_json)
    try:
        async with open_app(settings) as app:
            return await run(app)
    except* (PersonError, ToolError, PolicyError, MappingError, KeyFileError) as group:
        for problem in group.exceptions:
            errors.print(str(problem), style="red", markup=False)
    return EXIT_FAILED


async def say(app: App, text: str, *, user: str | None, thread: str) -> Turn:
    """Send one message and show each step while it runs."""
    return await _say(app, text, user=user, thread=thread, quiet=False)


async def _say(app: App, text: str, *, user: str | None, thread: str, quiet: bool) -> Turn:
    message = Message(
        id=f"cli-{uuid.uuid4().hex}",
        thread=f"cli:{user or 'operator'}:{thread}",
        account=account(user),
        text=text,
        received_at=app.clock(),
    )
    if quiet or not errors.is_terminal:
        return await app.service.handle(message)
    with errors.status("Thinking ...") as status:

        async def progress(step: str, /) -> None:
            status.update(step)

        return await app.service.handle(message, progress)


async def apply_and_wait(app: App, view: ProposalView, *, quiet: bool) -> ProposalView:
    """Apply an approved change in this process and follow it to its end; the deadline is the change's own.

    Under a worker name of its own: a bot that serves beside this command keeps its work, and takes this change over
    when this process dies.
    """
    change = _own_worker(app)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(carry_out_here(change, view.id))
        shown = view.state
        while not work.done():
            await asyncio.wait({work}, timeout=POLL_SECONDS)
            view = await app.service.confirmations.get(view.id)
            if view.state != shown and not quiet and view.state not in TERMINAL:
                errors.print(f"{view.id} is {render.STATES[view.state]} ...", style="dim")
            shown = view.state
    return await app.service.confirmations.get(view.id)


async def resume(app: App) -> None:
    """Go on with changes that an earlier, interrupted command left; those in other hands are left to them."""
    change = _own_worker(app)
    for proposal_id in await change.unfinished():
        if await change.claim(proposal_id) is Claim.MINE:
            errors.print(f"Going on with {proposal_id}, which an earlier command left unfinished ...", style="dim")
            await carry_out_here(change, proposal_id)
            errors.print(render.outcome(await app.service.confirmations.get(proposal_id)))


def _own_worker(app: App) -> ApplyChange:
    return replace(app.change, worker=f"cli-{uuid.uuid4().hex}")


def account(user: str | None) -> str:
    """The account of the person at the terminal."""
    return f"cli:{user}" if user else "operator"


def print_turn(app: App, turn: Turn, *, as_json: bool) -> None:
    """The turn as JSON on standard output, or for people."""
    if as_json:
        console.print_json(data=report(turn), indent=2)
        return
    console.print(render.turn(turn, now=app.clock()))
    for view in turn.proposals:
        console.print(f"To apply it: confirm {view.id}    to drop it: reject {view.id}", style="bold", markup=False)


def print_view(app: App, view: ProposalView, *, as_json: bool) -> None:
    """A proposal as JSON, or its card while it waits, or its outcome."""
    if as_json:
        console.print_json(view.model_dump_json(), indent=2)
    elif view.state in TERMINAL:
        console.print(render.outcome(view))
    else:
        console.print(render.card(view, now=app.clock()))


def setting_problems(error: ValidationError) -> str:
    """What is wrong with the settings, one variable a line."""
    lines = [f"  {'__'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
    return "\n".join(["The settings are not usable:", *lines])
