"""The terminal conversation: plain messages, and a few commands that are never the model's."""

import asyncio

from assistant.bootstrap.app import App
from assistant.cli import render
from assistant.cli.session import TERMINAL, account, apply_and_wait, console, print_turn, say
from assistant.conversation import ProposalView, Turn
from assistant.errors import PersonError
from tools.errors import ToolError

HELP = """Ask in plain words, or:
  confirm [ID]   apply the proposal exactly as shown     reject [ID]  drop it
  undo ID        propose the inverse of a done change    evidence E3  show one piece of evidence whole
  do 1           propose an action the answer offers     audit and more: infra-assistant --help
  as USER        speak as another person                 quit"""


async def talk(app: App, *, user: str | None, thread: str) -> None:
    """Read lines until end of input or `quit`. An error ends the line, never the conversation."""
    conversation = Conversation(app, user, thread)
    while True:
        line = await _read(f"{conversation.user or 'operator'}> ")
        if line is None or line in {"quit", "exit"}:
            return
        if not line:
            continue
        try:
            await conversation.take(line)
        except (PersonError, ToolError) as error:
            console.print(str(error), style="yellow", markup=False)


class Conversation:
    """What the terminal remembers: who speaks, the last turn, the proposal that waits."""

    def __init__(self, app: App, user: str | None, thread: str) -> None:
        self.app = app
        self.user = user
        self.thread = thread
        self.last: Turn | None = None
        self.waiting: str | None = None

    async def take(self, line: str) -> None:
        """One line: a command, else a message."""
        word, _, rest = line.partition(" ")
        commands = {
            "confirm": self.confirm,
            "reject": self.reject,
            "undo": self.undo,
            "do": self.do,
            "as": self.speak_as,
        }
        if line in {"help", "?"}:
            console.print(HELP, markup=False)
        elif word == "evidence":
            self.show_evidence(rest.strip())
        elif word in commands and len(rest.split()) <= 1:
            await commands[word](rest.strip())
        else:
            await self.ask(self._choice(line))

    async def ask(self, text: str) -> None:
        self.last = await say(self.app, text, user=self.user, thread=self.thread)
        print_turn(self.app, self.last, as_json=False)
        if self.last.proposals:
            self.waiting = self.last.proposals[-1].id

    async def confirm(self, proposal: str) -> None:
        view = await self.app.service.confirm(self._proposal(proposal), account(self.user))
        if view.state == "approved":
            view = await apply_and_wait(self.app, view, quiet=False)
        self._show(view)

    async def reject(self, proposal: str) -> None:
        self._show(await self.app.service.reject(self._proposal(proposal), account(self.user)))

    async def undo(self, proposal: str) -> None:
        self._show(await self.app.service.undo(self._proposal(proposal), account(self.user)))

    async def do(self, number: str) -> None:
        if self.last is None or not number.isdecimal():
            raise PersonError("Say which: do 1. The last answer lists what it offers.")
        self._show(await self.app.service.propose_action(self.last.id, int(number) - 1, account(self.user)))

    async def speak_as(self, user: str) -> None:
        self.user = user or None
        console.print(f"You are now {user or 'the operator'}.", style="dim")

    def show_evidence(self, number: str) -> None:
        found = [item for item in (self.last.evidence if self.last else ()) if not number or item.id == number.upper()]
        for item in found:
            fact = item.evidence
            console.print(f"{item.id}  {fact.subject}\n    {fact.where}  {fact.at:%Y-%m-%d %H:%M:%S} UTC", style="cyan")
            console.print(f"    {fact.text}", markup=False)
        if not found:
            console.print("There is no such evidence in the last answer.", style="yellow")

    def _show(self, view: ProposalView) -> None:
        if view.state in TERMINAL:
            console.print(render.outcome(view))
            if view.state in {"succeeded", "failed"} and view.plan.inverse:
                console.print(f"Undo: undo {view.id}", style="dim", markup=False)
        else:
            self.waiting = view.id
            console.print(render.card(view, now=self.app.clock()))
            console.print(f"To apply it: confirm {view.id}", style="bold", markup=False)

    def _proposal(self, given: str) -> str:
        if not given and not self.waiting:
            raise PersonError("Nothing waits for a decision. Ask for a change first, then confirm it.")
        return given or self.waiting or ""

    def _choice(self, line: str) -> str:
        question = self.last.question if self.last else None
        if question and line.isdigit() and 0 < int(line) <= len(question.choices):
            return question.choices[int(line) - 1]
        return line


async def _read(prompt: str) -> str | None:
    try:
        return (await asyncio.to_thread(console.input, f"[bold]{prompt}[/bold]")).strip()
    except EOFError:
        return None
