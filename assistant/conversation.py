"""The words of the application: a message comes in, a turn goes out."""

from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from tools.contract import Evidence, Plan, SuggestedAction, Verdict


class Message(BaseModel, frozen=True):
    """One message of a person.

    `id`: unique per message, also the turn's id. `thread`: "team:channel:root_ts" or "cli:<name>".
    `account`: who wrote it, as the channel knows them ("slack:T1:U1", "cli:alice", "operator").
    """

    id: str
    thread: str
    account: str
    text: str
    received_at: datetime


class NumberedEvidence(BaseModel, frozen=True):
    """Evidence with its number in the turn: "E1", "E2", ..."""

    id: str
    evidence: Evidence


class CitedClaim(BaseModel, frozen=True):
    """A sentence and the numbers of the evidence that proves it; at least one."""

    text: str
    evidence: tuple[str, ...]


class Answer(BaseModel, frozen=True):
    """A grounded answer. `notice` tells what was limited: a budget, a model that is down, claims dropped."""

    verdict: Verdict
    summary: str
    claims: tuple[CitedClaim, ...] = ()
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()
    notices: tuple[str, ...] = ()


class Origin(BaseModel, frozen=True):
    """What led to a proposal: the model that called the tool and the hash of its prompt; "" when a person did."""

    model: str = ""
    prompt_hash: str = ""


class Question(BaseModel, frozen=True):
    """A question back, with choices when there are some. Each choice is a complete message the person could send."""

    text: str
    choices: tuple[str, ...] = ()


class ProposalView(BaseModel, frozen=True):
    """What a card shows of a proposal. `reasons`: the policy's sentences. `decided_by`, `outcome`: once there are any.

    `state`: the states of assistant/confirmation/proposal.py. `approver`: who must press Confirm, in words.
    `progress`: which approvals are still missing. `roll_back`: taken back by itself when not healthy, as agreed.
    `automatic_of`: the failed change that this one takes back so. `broken_glass`: who skipped approvals, and why.
    `after`: how the target was when it was last looked at, beside `plan.before`.
    """

    id: str
    state: str
    plan: Plan
    requester: str
    requester_name: str
    thread: str
    created_at: datetime
    expires_at: datetime
    plan_hash: str
    tier: str
    reasons: tuple[str, ...] = ()
    approver: str = ""
    progress: str = ""
    roll_back: bool = False
    automatic_of: str | None = None
    broken_glass: str | None = None
    after: tuple[Evidence, ...] = ()
    decided_by: str | None = None
    decided_at: datetime | None = None
    outcome: str | None = None


class Reminder(BaseModel, frozen=True):
    """Approvers of a proposal should look at it. `stage`: 1 for the first; `escalated`: the platform team as well."""

    view: ProposalView
    stage: int
    escalated: bool


class ToolCallRecord(BaseModel, frozen=True):
    """One tool call of a turn. `error`: the error's class and text when it failed."""

    tool: str
    args: dict[str, Any]
    seconds: float
    error: str | None = None


class Usage(BaseModel, frozen=True):
    """Tokens as the provider counted them; zero for `rules`. `calls`: model calls made."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class Turn(BaseModel, frozen=True):
    """What one message led to: an answer, a question or proposals. This is what `ask --json` prints."""

    id: str
    thread: str
    requester: str
    kind: Literal["answer", "question", "proposal", "refusal"]
    answer: Answer | None = None
    question: Question | None = None
    proposals: tuple[ProposalView, ...] = ()
    refusal: str | None = None
    evidence: tuple[NumberedEvidence, ...] = ()
    tool_calls: tuple[ToolCallRecord, ...] = ()
    model: str = ""
    prompt_hash: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0


class Progress(Protocol):
    """Told of each step, in words a person reads ("Reading the rollout of checkout"). Must not raise."""

    async def __call__(self, step: str, /) -> None: ...


async def no_progress(_step: str, /) -> None:
    """For callers that show none."""
