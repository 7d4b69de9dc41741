"""A small toolbox, a model that follows a script, and an agent over both."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from langgraph.checkpoint.memory import InMemorySaver
from pydantic import Field

from assistant.agent.agent import Agent, Budgets
from assistant.agent.checkpoints import Checkpointer, strict_serializer
from assistant.agent.models.port import ChatModel
from assistant.agent.models.scripted import Reply, ScriptedModel, calling
from assistant.conversation import Message, Origin, ProposalView, Turn
from assistant.identity.principal import Principal
from tools.contract import (
    Args,
    Claim,
    Conclusion,
    Evidence,
    Inverse,
    ObjectRef,
    Plan,
    Precondition,
    ReadTool,
    Result,
    Source,
    Toolbox,
    Verdict,
    WriteTool,
)

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ALICE = Principal(id="user:default/alice", user="alice@example.com", teams=("group:default/shop",))

Name = Annotated[str, Field(min_length=1, max_length=63)]


class WorkloadArgs(Args):
    workload: Name
    environment: Name | None = None


class ScaleArgs(WorkloadArgs):
    replicas: Annotated[int, Field(ge=0, le=1000)]


class EnvironmentArgs(Args):
    environment: Name
    only_failing: bool = False


class Facts(Result, frozen=True):
    """Facts about one workload; a conclusion when `settled`."""

    rows: tuple[Evidence, ...] = ()
    refs: tuple[ObjectRef, ...] = ()
    settled: str = ""

    def observed(self) -> tuple[ObjectRef, ...]:
        return self.refs

    def conclusion(self) -> Conclusion | None:
        if not self.settled:
            return None
        claim = Claim(text=self.rows[0].text, evidence=self.rows[:1])
        return Conclusion(subject="checkout", verdict=Verdict.CONFIRMED, summary=self.settled, claims=(claim,))


def make_evidence(text: str = "Back-off restarting failed container, exit code 137", **given: Any) -> Evidence:
    fields = {"source": Source.EVENT, "subject": "Pod shop-staging/checkout-7d9f-x2x1", "where": "BackOff", "at": NOW}
    return Evidence.model_validate(fields | given | {"text": text})


def make_ref(name: str = "checkout", namespace: str = "shop-staging", kind: str = "Deployment") -> ObjectRef:
    return ObjectRef(cluster="main", namespace=namespace, kind=kind, name=name)


def make_facts(*texts: str, settled: str = "", refs: Sequence[ObjectRef] = ()) -> Facts:
    return Facts(rows=tuple(make_evidence(text) for text in texts), refs=tuple(refs), settled=settled)


def make_plan(tool: str = "restart_workload", target: ObjectRef | None = None, **given: Any) -> Plan:
    ref = target or make_ref()
    fields: dict[str, Any] = {
        "tool": tool,
        "args": {"workload": ref.name},
        "target": ref,
        "precondition": Precondition(target=ref, resource_version="1", generation=1),
        "summary": f"Restart {ref.name} in {ref.namespace}",
        "diff": (),
        "patch": {},
        "risk": "low",
        "inverse": Inverse(tool=tool, args={}, label="Undo"),
        "planned_at": NOW,
    }
    return Plan.model_validate(fields | given)


def reading(
    name: str, run: Callable[[Any], Awaitable[Result]], args: type[Args] = WorkloadArgs, **given: Any
) -> ReadTool[Any, Any]:
    fields = {"summary": f"What {name} is for.", "toolset": "core", "core": True}
    return ReadTool(name=name, args=args, run=run, **(fields | given))


def returning(
    name: str, outcome: Result | Exception, args: type[Args] = WorkloadArgs, **given: Any
) -> ReadTool[Any, Any]:
    """A read tool that always returns, or raises, the same."""

    async def run(_args: Args) -> Result:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return reading(name, run, args, **given)


def planning(
    name: str = "restart_workload", outcome: Plan | Exception | None = None, args: type[Args] = WorkloadArgs
) -> WriteTool[Any]:
    """A write tool that plans the same; it cannot be applied here."""

    async def plan(_args: Args) -> Plan:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or make_plan(name)

    async def never(*_: Any) -> Any:
        raise AssertionError("nothing is applied by the agent")

    return WriteTool(
        name=name,
        action="x",
        args=args,
        plan=plan,
        apply=never,
        verify=never,
        summary="Changes.",
        toolset="core",
        core=True,
    )


def make_toolbox(*tools: ReadTool[Any, Any] | WriteTool[Any]) -> Toolbox:
    return Toolbox(
        reads={tool.name: tool for tool in tools if isinstance(tool, ReadTool)},
        writes={tool.name: tool for tool in tools if isinstance(tool, WriteTool)},
    )


@dataclass
class Desk:
    """Takes proposals as the confirmation package would; `refusal` is raised instead."""

    refusal: Exception | None = None
    taken: list[tuple[Plan, Origin]] = field(default_factory=list)

    async def propose(self, tool: WriteTool[Any], args: Args, origin: Origin) -> ProposalView:
        if self.refusal:
            raise self.refusal
        plan = await tool.plan(args)
        self.taken.append((plan, origin))
        return ProposalView(
            id=f"p-{len(self.taken)}",
            state="pending",
            plan=plan,
            requester=ALICE.id,
            requester_name="Alice",
            thread="cli:test",
            created_at=NOW,
            expires_at=NOW,
            plan_hash="h",
            tier="nonprod",
        )


@dataclass
class Stepping:
    """A timer that moves by `step` seconds each time it is read."""

    step: float = 0.0
    at: float = 0.0

    def __call__(self) -> float:
        self.at += self.step
        return self.at


@dataclass
class Chat:
    """An agent in a thread, with everything it was given at hand."""

    agent: Agent
    model: ChatModel
    toolbox: Toolbox
    desk: Desk
    steps: list[str] = field(default_factory=list)
    asked: int = 0

    async def say(self, text: str, thread: str = "cli:test", principal: Principal = ALICE) -> Turn:
        self.asked += 1
        message = Message(id=f"m-{self.asked}", thread=thread, account="cli:alice", text=text, received_at=NOW)

        async def progress(step: str) -> None:
            self.steps.append(step)

        return await self.agent.run(
            message, principal=principal, toolbox=self.toolbox, propose=self.desk.propose, progress=progress
        )


def make_chat(
    replies: Sequence[Reply],
    *tools: ReadTool[Any, Any] | WriteTool[Any],
    fallback: ChatModel | None = None,
    budgets: Budgets | None = None,
    desk: Desk | None = None,
    checkpointer: Checkpointer | None = None,
    timer: Callable[[], float] | None = None,
) -> Chat:
    model = ScriptedModel(replies)
    saver = checkpointer or InMemorySaver(serde=strict_serializer())
    agent = Agent(model, fallback, saver, budgets or Budgets(), lambda: NOW, timer=timer or Stepping())
    return Chat(agent, model, make_toolbox(*tools), desk or Desk())


CHECKOUT = {"workload": "checkout", "environment": "staging"}
FACTS = make_facts("exit code 137, reason OOMKilled", "memory limit is 256Mi", refs=[make_ref()])
SETTLED = make_facts("exit code 137", settled="checkout runs out of memory.", refs=[make_ref()])
ANSWER = {
    "verdict": "confirmed",
    "summary": "checkout was OOMKilled.",
    "claims": [{"text": "It ended with exit code 137.", "evidence": ["E1"]}],
    "next_steps": ["Raise the limit."],
}


def answering(**changed: Any) -> Reply:
    """The model's closing call, with what a test changes of it."""
    return calling(("answer", ANSWER | changed))
