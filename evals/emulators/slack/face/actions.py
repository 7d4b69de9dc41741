"""What a person can do on the page. Each action goes through `Person`, so only what is on their screen can be used."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.face.typed import encoded
from evals.emulators.slack.model import Json, Message, View
from evals.emulators.slack.outbox import Ack
from evals.emulators.slack.person import Person


class Action(BaseModel):
    """One thing to do; its fields are the JSON that the page sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    async def run(self, person: Person) -> Json:
        """Do it; the answer is what the page needs to go on. Raises NotOnScreen and CannotSubmit."""
        raise NotImplementedError


class Target(BaseModel):
    """A message, or the view on top of the person's screen, or their App Home."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["message", "modal", "home"]
    channel: str = ""
    ts: str = ""

    def find(self, person: Person) -> Message | View:
        if self.kind == "message":
            return message_at(person, self.channel, self.ts)
        view = person.modal if self.kind == "modal" else person.home
        if view is None:
            raise NotOnScreen(f"there is no {self.kind}")
        return view


class Say(Action):
    """Text as typed: @name and #name become mentions, all else stays text."""

    channel: str
    text: str
    thread: str | None = None
    broadcast: bool = False

    async def run(self, person: Person) -> Json:
        text = encoded(person.workspace, self.text)
        if self.thread and self.broadcast:
            said = person.reply(message_at(person, self.channel, self.thread), text, broadcast=True)
        else:
            said = person.say(text, self.channel, self.thread)
        return {"ts": said.ts}


class Edit(Action):
    channel: str
    ts: str
    text: str

    async def run(self, person: Person) -> Json:
        person.edit(message_at(person, self.channel, self.ts), encoded(person.workspace, self.text))
        return {}


class Delete(Action):
    channel: str
    ts: str

    async def run(self, person: Person) -> Json:
        person.delete(message_at(person, self.channel, self.ts))
        return {}


class React(Action):
    """Adds the person's reaction, or takes it back."""

    channel: str
    ts: str
    name: str

    async def run(self, person: Person) -> Json:
        message = message_at(person, self.channel, self.ts)
        given = person.user.id in message.reactions.get(self.name, [])
        (person.unreact if given else person.react)(message, self.name)
        return {}


class Click(Action):
    """Use a control. `typed` are the inputs of the modal as they stand, so that the app sees them with the click."""

    target: Target
    action_id: str
    block_id: str
    choice: Any = None
    typed: dict[str, Any] = {}

    async def run(self, person: Person) -> Json:
        target = self.target.find(person)
        if self.typed:
            person.fill_in(self.typed)
        return acked(await person.click(target, self.action_id, self.choice, block_id=self.block_id))


class Suggest(Action):
    target: Target
    action_id: str
    query: str

    async def run(self, person: Person) -> Json:
        return {"options": await person.suggestions(self.target.find(person), self.action_id, self.query)}


class Submit(Action):
    """`values` by block id."""

    values: dict[str, Any]

    async def run(self, person: Person) -> Json:
        result = await person.submit(self.values)
        return {"acked": result.acked, "problem": result.problem}


class CloseModal(Action):
    async def run(self, person: Person) -> Json:
        await person.close_modal()
        return {}


class Command(Action):
    channel: str
    command: str
    text: str = ""

    async def run(self, person: Person) -> Json:
        return acked(await person.command(self.command, self.text, self.channel))


class Shortcut(Action):
    """A global shortcut, or with `channel` and `ts` one of that message."""

    callback_id: str
    channel: str | None = None
    ts: str | None = None

    async def run(self, person: Person) -> Json:
        if self.channel and self.ts:
            message = message_at(person, self.channel, self.ts)
            return acked(await person.message_shortcut(message, self.callback_id))
        return acked(await person.shortcut(self.callback_id))


class OpenHome(Action):
    async def run(self, person: Person) -> Json:
        person.open_home()
        return {}


class OpenMessages(Action):
    async def run(self, person: Person) -> Json:
        person.open_messages()
        return {}


class Stop(Action):
    channel: str
    ts: str

    async def run(self, person: Person) -> Json:
        person.stop(message_at(person, self.channel, self.ts))
        return {}


class InviteBot(Action):
    channel: str

    async def run(self, person: Person) -> Json:
        person.invite_bot(self.channel)
        return {}


ACTIONS: dict[str, type[Action]] = {
    "say": Say,
    "edit": Edit,
    "delete": Delete,
    "react": React,
    "click": Click,
    "suggest": Suggest,
    "submit": Submit,
    "close_modal": CloseModal,
    "command": Command,
    "shortcut": Shortcut,
    "open_home": OpenHome,
    "open_messages": OpenMessages,
    "stop": Stop,
    "invite_bot": InviteBot,
}


def acked(ack: Ack | None) -> Json:
    """Whether the app acknowledged; Slack shows a warning when it did not."""
    return {"acked": ack is not None}


def message_at(person: Person, channel: str, ts: str) -> Message:
    """The message there, if the person sees it; else NotOnScreen."""
    found = person.workspace.messages.get((channel, ts))
    if found is None or person.user.id not in person.workspace.channels[channel].members:
        raise NotOnScreen(f"there is no message {ts} in {channel}")
    if found.ephemeral_for not in {None, person.user.id}:
        raise NotOnScreen(f"there is no message {ts} in {channel}")
    return found
