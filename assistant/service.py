"""Use cases: a message is answered, a proposal is confirmed, rejected or undone."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from assistant.agent.agent import Agent
from assistant.confirmation.confirmations import Confirmations
from assistant.conversation import Message, Origin, Progress, ProposalView, Reminder, Turn, no_progress
from assistant.errors import PersonError, ProposalNotPending, UnknownPerson
from assistant.identity.directory import Directory
from assistant.identity.principal import Principal
from assistant.storage.turns import Turns
from tools.clock import Clock
from tools.contract import Args, Toolbox, WriteTool
from tools.errors import ToolError

log = structlog.get_logger()
ToolboxFor = Callable[[Principal], Toolbox]
MAX_REMINDED = 10


@dataclass(frozen=True)
class AssistantService:
    """What every channel (Slack, terminal, HTTP) calls. Holds no state of its own."""

    agent: Agent
    confirmations: Confirmations
    directory: Directory
    toolbox_for: ToolboxFor
    turns: Turns
    clock: Clock
    observe: Callable[[Turn], None]

    async def handle(self, message: Message, progress: Progress = no_progress) -> Turn:
        """Answer one message. The same message id gives the stored turn again: a repeat has no second effect."""
        if stored := await self.turns.get(message.id):
            return stored
        started = self.clock()
        with structlog.contextvars.bound_contextvars(turn=message.id, thread=message.thread):
            try:
                turn = await self._answer(message, progress)
            except (UnknownPerson, ToolError) as error:  # who asks is not known, or cannot be found out just now
                turn = _refusal(message, error.message)
            turn = turn.model_copy(update={"seconds": (self.clock() - started).total_seconds()})
            await self.turns.put(turn, received_at=message.received_at, finished_at=self.clock())
            self.observe(turn)
            log.info("turn.finished", kind=turn.kind, model=turn.model, seconds=turn.seconds)
        return turn

    async def confirm(
        self, proposal_id: str, account: str, *, plan_hash: str | None = None, roll_back: bool = False
    ) -> ProposalView:
        """Confirm or approve as this account. Raises PersonError. Applying it is the durable workflow's work.

        `plan_hash`: of the card that was pressed; a differing one is refused, since that is not what was shown.
        `roll_back`: the requester agrees that it is taken back by itself when it turns out not healthy.
        """
        who = await self.directory.principal(account)
        return await self.confirmations.confirm(proposal_id, who, plan_hash=plan_hash, roll_back=roll_back)

    async def break_glass(self, proposal_id: str, account: str, *, incident: str, reason: str) -> ProposalView:
        """Skip approvals and freeze in an incident, on record. Raises PersonError."""
        who = await self.directory.principal(account)
        return await self.confirmations.break_glass(proposal_id, who, incident=incident, reason=reason)

    async def approvers(self, reminder: Reminder) -> tuple[str, ...]:
        """Slack accounts of those whose approval would count, at most `MAX_REMINDED`: owners, then the platform team.

        The platform team is left out until the wait is escalated, unless nobody else may approve.
        """
        view, found = reminder.view, list[str]()
        limits = self.confirmations.policy.limits
        owners = (view.plan.owner,) if view.plan.owner else ()
        for teams in (owners, limits.platform_teams):
            if teams == limits.platform_teams and found and not reminder.escalated:
                break
            for account in await self.directory.accounts(teams):
                who = await self.directory.principal(account)
                if account not in found and await self.confirmations.may_approve(view.id, who):
                    found.append(account)
        return tuple(found[:MAX_REMINDED])

    async def reject(self, proposal_id: str, account: str, reason: str = "") -> ProposalView:
        """Cancel (the requester) or deny (an approver). Raises PersonError."""
        return await self.confirmations.reject(proposal_id, await self.directory.principal(account), reason=reason)

    async def cancel_waiting(self, thread: str, account: str, reason: str) -> tuple[ProposalView, ...]:
        """Cancel what waits in a thread, as far as this person may; returns those. Raises UnknownPerson."""
        who = await self.directory.principal(account)
        ended = []
        for waiting in await self.confirmations.pending(thread=thread):
            try:
                ended.append(await self.confirmations.reject(waiting.id, who, reason=reason))
            except PersonError as error:
                log.info("proposal.not_cancelled", proposal=waiting.id, why=error.message)
        return tuple(ended)

    async def editable(self, proposal_id: str, account: str) -> tuple[ProposalView, type[Args]]:
        """A proposal that waits, and the arguments that who asked for it may change. Raises PersonError."""
        view, who = await self.confirmations.get(proposal_id), await self.directory.principal(account)
        if view.requester != who.id:
            raise PersonError(f"Only {view.requester_name}, who asked for {proposal_id}, can edit it.")
        if not view.state.startswith("awaiting_"):
            raise ProposalNotPending(f"{proposal_id} is decided already. Ask for the change again.")
        tool = self.toolbox_for(who).writes.get(view.plan.tool)
        if tool is None:
            raise PersonError(f"{view.plan.tool} is not offered any more. Ask again.")
        return view, tool.args

    async def edit(self, proposal_id: str, args: Args, account: str) -> ProposalView:
        """Plan anew with other arguments; the new proposal replaces the old one. Raises PersonError, ToolError."""
        view, _ = await self.editable(proposal_id, account)
        who = await self.directory.principal(account)
        tool = self.toolbox_for(who).writes[view.plan.tool]
        made = await self.confirmations.propose(tool, args, requester=who, thread=view.thread, origin=Origin())
        with suppress(ProposalNotPending):  # the new one has superseded it, unless it changes another object
            await self.confirmations.reject(proposal_id, who, reason=f"Replaced by {made.id}.")
        return made

    async def undo(self, proposal_id: str, account: str) -> ProposalView:
        """Propose the inverse of an applied change: confirmed like any other. Raises PersonError, ToolError."""
        done = await self.confirmations.get(proposal_id)
        inverse = done.plan.inverse
        if done.state not in {"succeeded", "failed"} or inverse is None:
            why = done.plan.no_inverse_reason or "only an applied change can be undone"
            raise ProposalNotPending(f"{proposal_id} cannot be undone: {why}.")
        who = await self.directory.principal(account)
        tool = self.toolbox_for(who).writes[inverse.tool]
        args = tool.args.model_validate(inverse.args)
        return await self.confirmations.propose(tool, args, requester=who, thread=done.thread, origin=Origin())

    async def propose_action(self, turn_id: str, index: int, account: str) -> ProposalView:
        """Propose a typed action that an answer suggested (`Answer.actions`), as this person: confirmed like any other.

        Raises PersonError, ToolError.
        """
        turn = await self.turn_for(turn_id, account)
        actions = turn.answer.actions if turn.answer else ()
        if not 0 <= index < len(actions):
            raise PersonError("That answer suggests no such action. Ask again.")
        who = await self.directory.principal(account)
        tool = self.toolbox_for(who).writes.get(actions[index].tool)
        if tool is None:
            raise PersonError(f"{actions[index].tool} is not offered any more. Ask again.")
        args = tool.args.model_validate(actions[index].args)
        return await self.confirmations.propose(tool, args, requester=who, thread=turn.thread, origin=Origin())

    async def takes_part(self, thread: str) -> bool:
        """Whether the assistant has answered in this thread before: then replies need no mention."""
        return bool(await self.turns.recent(thread, limit=1))

    async def turn_for(self, turn_id: str, account: str) -> Turn:
        """A stored turn with its evidence, for people the assistant knows. Raises PersonError."""
        await self.directory.principal(account)
        turn = await self.turns.get(turn_id)
        if turn is None:
            raise PersonError("That answer is no longer kept. Ask again.")
        return turn

    async def waiting_for(self, account: str) -> tuple[ProposalView, ...]:
        """Proposals this person may decide now, oldest first. Raises PersonError."""
        return await self.confirmations.pending(await self.directory.principal(account))

    async def _answer(self, message: Message, progress: Progress) -> Turn:
        who = await self.directory.principal(message.account)

        async def propose(tool: WriteTool[Any], args: Args, origin: Origin) -> ProposalView:
            return await self.confirmations.propose(tool, args, requester=who, thread=message.thread, origin=origin)

        return await self.agent.run(
            message, principal=who, toolbox=self.toolbox_for(who), propose=propose, progress=progress
        )


def _refusal(message: Message, text: str) -> Turn:
    return Turn(id=message.id, thread=message.thread, requester=message.account, kind="refusal", refusal=text)
