"""A person at their screen: only what is on it now can be clicked, filled in, submitted, stopped."""

from typing import Any

from evals.emulators.slack.elements import action_of, check_inputs, fill, find_element
from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.model import Json, Message, View
from evals.emulators.slack.outbox import Ack
from evals.emulators.slack.screen import holds_state, initial_values
from evals.emulators.slack.speaking import Speaking
from evals.emulators.slack.submission import Submission, answer_problem, apply_answer


class Person(Speaking):
    """Everything a person can do. Methods that reach the app return its Ack, None when it stayed silent."""

    # -- what they see

    @property
    def modal(self) -> View | None:
        """The modal on top of their screen."""
        stack = self.workspace.modals.get(self.user.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        return self.workspace.homes.get(self.user.id)

    def sees(self, channel: str | None = None) -> list[Message]:
        """The messages of a channel, or of their conversation with the app, ephemeral ones for them included."""
        found = self.workspace.channel_named(channel) if channel else self.workspace.direct_message(self.user.id)
        return self.workspace.history(found.id, self.user.id)

    # -- what they do

    async def click(
        self,
        target: Message | View,
        action_id: str,
        choice: Any = None,
        *,
        block_id: str | None = None,
        stale: bool = False,
    ) -> Ack | None:
        """Use a control of a message or view that is on their screen.

        `choice` is the value of an option, text, a date, or a list for multi selects. `stale` clicks on a copy made
        before the message changed, as somebody does whose client has not caught up. A confirm dialog is accepted.
        """
        if not stale:
            self._check_visible(target)
        block, element = find_element(target.blocks, action_id, self.user.id, block_id)
        values = self._values(target)
        if holds_state(element):
            action = action_of(block, element, choice)
            kept = {name: action[name] for name in action if name not in {"action_id", "block_id"}}
            values.setdefault(block["block_id"], {})[action_id] = kept
            return await self.interactions.act(self.user, target, action, values)
        return await self.interactions.act(self.user, target, action_of(block, element, choice), values)

    def fill_in(self, values: dict[str, Any]) -> None:
        """Type into the modal on top (by block or action id) without submitting it."""
        view = self._top()
        fill(view.blocks, view.values, values)

    async def suggestions(self, target: Message | View, action_id: str, query: str) -> list[Json]:
        """The options an external select shows after typing `query`; pass one of them to `click` or `submit`."""
        self._check_visible(target)
        block, element = find_element(target.blocks, action_id, self.user.id)
        where = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return await self.interactions.suggest(self.user, target, where, query)

    async def submit(self, values: dict[str, Any] | None = None) -> Submission:
        """Fill in the modal on top (by block or action id) and submit it; CannotSubmit as Slack's client would."""
        view = self._top()
        fill(view.blocks, view.values, values or {})
        check_inputs(view.blocks, view.values)
        ack = await self.interactions.submit(view)
        if ack is None:
            return Submission(acked=False, errors={}, view=self.modal, problem="no acknowledgement in time")
        answer = ack.payload or {}
        if problem := answer_problem(view, answer):
            return Submission(acked=False, errors={}, view=self.modal, problem=problem)
        apply_answer(self.workspace, view, answer)
        return Submission(acked=True, errors=dict(view.errors), view=self.modal)

    async def close_modal(self) -> Ack | None:
        """Close the modal on top; the app hears of it when it asked to (`notify_on_close`)."""
        view = self._top()
        self.workspace.modals[self.user.id].pop()
        self.workspace.changes.notify()
        if not view.definition.get("notify_on_close"):
            return None
        return await self.interactions.closed(view, cleared=False)

    async def command(self, command: str, text: str = "", channel: str | None = None) -> Ack | None:
        """A slash command, in a channel or in the conversation with the app."""
        known = self.workspace.app.commands
        if known is not None and command not in known:
            raise NotOnScreen(f"{command} is not a valid command")
        found = self.workspace.channel_named(channel) if channel else self.workspace.direct_message(self.user.id)
        escaped = self._escape(text) if known and known[command] else text
        return await self.interactions.command(self.user, found, command, escaped)

    async def shortcut(self, callback_id: str) -> Ack | None:
        """A global shortcut."""
        self._check_shortcut(callback_id, "global")
        return await self.interactions.shortcut(self.user, callback_id)

    async def message_shortcut(self, message: Message, callback_id: str) -> Ack | None:
        self._check_shortcut(callback_id, "message")
        return await self.interactions.message_shortcut(self.user, message, callback_id)

    def open_home(self) -> None:
        """Open the app's Home tab."""
        self.events.home_opened(self.user, "home", self.home)

    def open_messages(self) -> None:
        """Open the app's Messages tab."""
        self.events.home_opened(self.user, "messages", None)

    def look_at(self, context: Json) -> None:
        """Move to another channel, canvas or message while the app's pane is open (app_context_changed)."""
        self.events.context_changed(self.user.id, context)

    def stop(self, message: Message) -> None:
        """Press Stop in the thread of a message whose session is processing: its streams end at once."""
        session = self.workspace.sessions.get((message.channel, message.root_ts))
        if session is None or session.status != "processing":
            raise NotOnScreen("there is a Stop button only while the session is processing")
        running = [
            one
            for one in self.workspace.replies(message.channel, message.root_ts)
            if one.stream and one.stream.state == "streaming"
        ]
        for one in running:
            if one.stream:
                one.stream.state = "stopped_by_user"
        self.workspace.changes.notify()
        channel = self.workspace.channels[message.channel]
        self.events.session_stopped(self.user.id, channel, session.thread_ts, [one.ts for one in running])

    async def forge_action(self, action: Json, **payload: Any) -> Ack | None:
        """Send a block_actions payload that no button on screen stands for: for attack tests only."""
        forged = {"actions": [{"type": "button", "action_ts": self.workspace.next_ts(), **action}], **payload}
        return await self.interactions.forge(self.user, forged)

    # -- how

    def _top(self) -> View:
        view = self.modal
        if view is None:
            raise NotOnScreen(f"no modal is open for {self.user.handle}")
        return view

    def _check_visible(self, target: Message | View) -> None:
        if isinstance(target, View):
            visible = target is self.modal or target is self.home
        else:
            here = self.workspace.messages.get((target.channel, target.ts)) is target
            member = self.user.id in self.workspace.channels[target.channel].members
            visible = here and member and target.ephemeral_for in {None, self.user.id}
        if not visible:
            raise NotOnScreen(f"{self.user.handle} does not see this any more")

    def _values(self, target: Message | View) -> dict[str, Json]:
        if isinstance(target, View):
            return target.values
        key = (self.user.id, target.channel, target.ts)
        fresh = initial_values(target.blocks)
        chosen = self.workspace.message_values.setdefault(key, {})
        chosen.update({block: state for block, state in fresh.items() if block not in chosen})
        return chosen

    def _check_shortcut(self, callback_id: str, kind: str) -> None:
        known = self.workspace.app.shortcuts
        if known is not None and known.get(callback_id) != kind:
            raise NotOnScreen(f"the app has no {kind} shortcut {callback_id}")

    def _escape(self, text: str) -> str:
        """Mentions typed in a command, as the app gets them with should_escape."""
        for user in self.workspace.users.values():
            text = text.replace(f"@{user.handle}", f"<@{user.id}|{user.handle}>")
        for channel in self.workspace.channels.values():
            text = text.replace(f"#{channel.name}", f"<#{channel.id}|{channel.name}>") if channel.name else text
        return text
