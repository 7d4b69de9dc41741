"""The durable work: turns one at a time per thread, changes that survive a crash, windows that end by themselves."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID, StepOptions
from dbos import error as dbos_error

from assistant.confirmation.apply import ApplyChange
from assistant.confirmation.carry_out import carry_out
from assistant.confirmation.confirmations import Confirmations
from assistant.conversation import Message, ProposalView, Reminder
from assistant.storage.engine import prepare_workflows
from tools.clock import Clock

log = structlog.get_logger()

NAME = "infra-assistant"
# Work left behind by another version is never taken up: raise it only when the order of steps changes.
VERSION = "1"
TURNS, CHANGES = "turns", "changes"
EVERY_MINUTE, EVERY_TEN_MINUTES = "* * * * *", "*/10 * * * *"
REPORTED_LATE = timedelta(hours=1)  # what another process ended is told within this time
RECOVERIES = 5  # a turn or change that ends the process this often is left alone
RESTARTS = 5  # new workflows for a change whose workflow broke
STEP_ATTEMPTS = 4  # with pauses that triple from half a second: about 7 seconds
REPORT_ATTEMPTS = 9  # about 27 minutes: an outcome should outlast an outage of the chat
_BROKEN = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


@dataclass(frozen=True)
class Work:
    """What the workflows do. `handle_turn` tells the person itself when it fails.

    `report` tells a thread the state of a proposal. It may be called again for the same state (after a crash, or by
    another replica), so it checks first whether that was told: assistant/storage/cards.py. `remind` likewise tells
    those who may approve. `checkpoint` signs the end of the audit log, when it moved.
    """

    handle_turn: Callable[[Message], Awaitable[None]]
    change: ApplyChange
    confirmations: Confirmations
    report: Callable[[ProposalView], Awaitable[None]]
    remind: Callable[[Reminder], Awaitable[None]]
    clock: Clock
    checkpoint: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class DurableSettings:
    """`url`: SQLite or Postgres (`assistant.storage.engine.workflows_url`). `executor_id`: stable across restarts,
    different per replica: pending work is resumed by the process that starts under the same one.

    `poll`: how often queues are looked at. `retry_after`: pause before a step that raised is tried again; it triples
    each time. `keep`: how long finished workflows are remembered, and with them the
    message ids that are not handled again.
    """

    url: str
    executor_id: str
    poll: timedelta = timedelta(milliseconds=50)
    retry_after: timedelta = timedelta(seconds=0.5)
    keep: timedelta = timedelta(days=7)
    turns_at_once: int = 20
    changes_at_once: int = 100


class Durable:
    """The workflow engine of this process. There can be one at a time: the engine is a singleton of its library."""

    _launched: ClassVar[bool] = False

    def __init__(self, settings: DurableSettings, work: Work) -> None:
        self._settings = settings
        self._work = work

    async def launch(self) -> None:
        """Start, resume what a crash interrupted, and begin to take work. Call it on the loop that serves.

        Raises RuntimeError when one is launched already, DBOSException when the database cannot be used.
        """
        if Durable._launched:
            raise RuntimeError("the workflow engine of this process is launched already")
        Durable._launched = True
        # Before the engine adds a handler of its own: its records go where all others go.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.shutdown)
            await asyncio.to_thread(prepare_workflows, self._settings.url)
            DBOS(config=_config(self._settings))
            self._register_workflows()
            DBOS.launch()
            await self._register_queues()
            await self.resume_changes()
            undo.pop_all()

    async def shutdown(self, *, wait_seconds: int = 0) -> None:
        """Stop taking work; what is under way gets `wait_seconds` and is otherwise resumed at the next start."""
        if Durable._launched:
            loop = asyncio.get_running_loop()
            destroy = partial(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=wait_seconds)
            with ThreadPoolExecutor(1) as thread:
                await loop.run_in_executor(thread, destroy)
            # The engine had put its own thread pool into this loop, and has just closed it.
            loop.set_default_executor(ThreadPoolExecutor())
            Durable._launched = False

    async def enqueue_turn(self, message: Message) -> None:
        """Store a message to be answered, after those of its thread before it. The same id again is a no-op."""
        with SetWorkflowID(f"turn:{message.id}"), SetEnqueueOptions(queue_partition_key=message.thread):
            await DBOS.enqueue_workflow_async(TURNS, self._turn, message.model_dump(mode="json"))

    async def start_change(self, proposal_id: str) -> None:
        """Begin to apply an approved proposal, or do nothing when that is under way or done."""
        for attempt in range(1, RESTARTS + 1):
            workflow_id = f"change:{proposal_id}:{attempt}"
            status = await DBOS.run_step_async({"name": "status"}, partial(_status, workflow_id))
            if status is None:
                with SetWorkflowID(workflow_id):
                    await DBOS.enqueue_workflow_async(CHANGES, self._change, proposal_id)
                return
            if status not in _BROKEN:
                return
        log.error("change.not_restarted", proposal=proposal_id, attempts=RESTARTS)

    async def resume_changes(self) -> None:
        """Start every change that is approved or half done and that no workflow works on."""
        for proposal_id in await self._work.change.unfinished():
            await self.start_change(proposal_id)

    async def sweep(self) -> None:
        """End windows that are over, remind approvers, tell what ended elsewhere, resume changes, forget old work."""
        due = await DBOS.run_step_async({"name": "due"}, self._due)
        for proposal_id, state in due["ended"]:
            await self._report(proposal_id, state)
        for proposal_id, stage in due["reminders"]:
            await self._remind(proposal_id, stage)
        for proposal_id in due["unfinished"]:
            await self.start_change(proposal_id)
        await DBOS.run_step_async({"name": "forget"}, self._forget_old)

    async def _due(self) -> dict[str, Any]:
        """What a sweep has to start, as one step: the engine takes no new workflow from within a step."""
        now = self._work.clock()
        expired = await self._work.confirmations.expire_due(now)
        reminders = await self._work.confirmations.due_reminders(now)
        late = await self._work.change.ended(now - REPORTED_LATE)
        ended = [[one.id, one.state] for one in (*expired, *late)]
        return {
            "ended": ended,
            "reminders": [list(each) for each in reminders],
            "unfinished": list(await self._work.change.unfinished()),
        }

    async def _forget_old(self) -> None:
        await _forget(self._work.clock() - self._settings.keep)

    def _register_workflows(self) -> None:
        """The engine wants plain functions, known by name: after a restart it finds them by these names."""

        async def handle_turn(message: dict[str, Any]) -> None:
            async def handle() -> None:  # without arguments: the engine logs the arguments of a step it cancels
                await self._work.handle_turn(Message.model_validate(message))

            await DBOS.run_step_async({"name": "handle"}, handle)

        async def apply_change(proposal_id: str) -> None:
            await self._apply_change(proposal_id)

        async def report_proposal(proposal_id: str) -> None:
            await self._step("report", self._tell_thread, proposal_id, REPORT_ATTEMPTS)

        async def remind_approvers(proposal_id: str, stage: int) -> None:
            await self._step("remind", partial(self._tell_approvers, stage), proposal_id, REPORT_ATTEMPTS)

        async def sign_audit(_scheduled_at: datetime, _context: Any) -> None:
            await DBOS.run_step_async({"name": "checkpoint"}, self._work.checkpoint)

        async def expire_proposals(_scheduled_at: datetime, _context: Any) -> None:
            await self.sweep()

        self._turn = DBOS.workflow(name="handle_turn", max_recovery_attempts=RECOVERIES)(handle_turn)
        self._change = DBOS.workflow(name="apply_change", max_recovery_attempts=RECOVERIES)(apply_change)
        self._tell = DBOS.workflow(name="report_proposal", max_recovery_attempts=RECOVERIES)(report_proposal)
        self._nudge = DBOS.workflow(name="remind_approvers", max_recovery_attempts=RECOVERIES)(remind_approvers)
        self._sign = DBOS.workflow(name="sign_audit")(sign_audit)
        self._sweep = DBOS.workflow(name="expire_proposals")(expire_proposals)

    async def _register_queues(self) -> None:
        poll = self._settings.poll.total_seconds()
        await DBOS.register_queue_async(
            TURNS,
            partition_concurrency=1,
            worker_concurrency=self._settings.turns_at_once,
            polling_interval_sec=poll,
            on_conflict="always_update",
        )
        await DBOS.register_queue_async(
            CHANGES,
            worker_concurrency=self._settings.changes_at_once,
            polling_interval_sec=poll,
            on_conflict="always_update",
        )
        await DBOS.apply_schedules_async(
            [
                {"schedule_name": "expire_proposals", "workflow_fn": self._sweep, "schedule": EVERY_MINUTE},
                {"schedule_name": "sign_audit", "workflow_fn": self._sign, "schedule": EVERY_TEN_MINUTES},
            ]
        )

    async def _apply_change(self, proposal_id: str) -> None:
        try:
            back = await carry_out(self._work.change, proposal_id, self._step, DBOS.sleep_async)
        except dbos_error.DBOSMaxStepRetriesExceeded:
            log.exception("change.step_failed", proposal=proposal_id)
            back = ""
            await self._step("give_up", self._work.change.give_up, proposal_id)
        await self._report(proposal_id, await self._step("state", self._state, proposal_id))
        if back:
            await self.start_change(back)

    async def _report(self, proposal_id: str, state: str) -> None:
        """One report per state, whoever asks for it."""
        with SetWorkflowID(f"report:{proposal_id}:{state}"):
            await DBOS.enqueue_workflow_async(CHANGES, self._tell, proposal_id)

    async def _remind(self, proposal_id: str, stage: int) -> None:
        """One reminder per stage, whoever asks for it."""
        with SetWorkflowID(f"remind:{proposal_id}:{stage}"):
            await DBOS.enqueue_workflow_async(CHANGES, self._nudge, proposal_id, stage)

    async def _tell_approvers(self, stage: int, proposal_id: str) -> None:
        reminder = await self._work.confirmations.remind(proposal_id, stage)
        if reminder is not None:
            await self._work.remind(reminder)

    async def _state(self, proposal_id: str) -> str:
        shown = await self._work.change.shown(proposal_id)
        return shown.state if shown is not None else "unknown"

    async def _tell_thread(self, proposal_id: str) -> None:
        shown = await self._work.change.shown(proposal_id)
        if shown is not None:
            await self._work.report(shown)

    async def _step(
        self, name: str, do: Callable[[str], Awaitable[Any]], proposal_id: str, attempts: int = STEP_ATTEMPTS
    ) -> Any:
        """One step: its result is stored, and it is tried again when it raises, since each may be repeated."""

        async def run() -> Any:
            return await do(proposal_id)

        options: StepOptions = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": attempts,
            "interval_seconds": self._settings.retry_after.total_seconds(),
            "backoff_rate": 3.0,
        }
        return await DBOS.run_step_async(options, run)


async def _status(workflow_id: str) -> str | None:
    """The engine's word for how a workflow is; None: it never began. A step of its own: the engine stores the results
    of all it is asked within a workflow, but cannot store its own status objects.
    """
    found = await DBOS.get_workflow_status_async(workflow_id)
    return None if found is None else str(found.status)


async def _forget(before: datetime) -> None:
    finished = await DBOS.list_workflows_async(
        completed_before=before.isoformat(), limit=500, load_input=False, load_output=False
    )
    if finished:
        await DBOS.delete_workflows_async([one.workflow_id for one in finished])


def _config(settings: DurableSettings) -> DBOSConfig:
    """No conductor key and no OTLP: the engine talks to its database only. JSON, not pickle, in its tables."""
    return {
        "name": NAME,
        "system_database_url": settings.url,
        "application_version": VERSION,
        "executor_id": settings.executor_id,
        "enable_otlp": False,
        "log_level": "WARNING",
        "serializer": DBOSPortableJSONSerializer(),
    }
