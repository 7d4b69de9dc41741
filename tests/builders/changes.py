"""People, plans and tools for tests of the confirmation step."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from assistant.confirmation.apply import ApplyChange
from assistant.confirmation.audit import Audit
from assistant.confirmation.confirmations import Confirmations
from assistant.confirmation.limits import Limits
from assistant.confirmation.policy import Policy
from assistant.confirmation.proposal import Windows
from assistant.confirmation.store import ProposalStore
from assistant.conversation import Origin, ProposalView
from assistant.identity.principal import Principal
from assistant.storage.engine import Database
from tools.clock import Clock
from tools.contract import (
    Args,
    Change,
    Confirmed,
    Inverse,
    ObjectRef,
    Outcome,
    Plan,
    Precondition,
    Receipt,
    Toolbox,
    WriteTool,
)
from tools.errors import ToolError

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHOP = "group:default/shop"
PLATFORM = "group:default/platform"


def make_person(name: str = "ann", *teams: str) -> Principal:
    """A person of the shop team, unless teams are named."""
    return Principal(
        id=f"user:default/{name}",
        user=f"{name}@example.com",
        groups=("devs",),
        teams=teams or (SHOP,),
        display_name=name.capitalize(),
    )


OPERATOR = Principal(kind="operator", id="operator", user="operator", display_name="The operator")


def make_plan(
    *,
    name: str = "checkout",
    tier: str = "nonprod",
    owner: str | None = SHOP,
    replicas: int | None = None,
    planned_at: datetime = NOON,
    **other: Any,
) -> Plan:
    """A plan to restart a deployment, or to scale it when `replicas` is given."""
    target = ObjectRef(cluster="main", namespace=f"shop-{tier}", kind="Deployment", name=name, uid="u-1")
    values: dict[str, Any] = {
        "tool": "restart_workload" if replicas is None else "scale_workload",
        "args": {"workload": name, "environment": tier},
        "target": target,
        "precondition": Precondition(target=target, resource_version="7", generation=3),
        "summary": f"Restart {name} in shop-{tier}",
        "diff": (Change(path="spec.restartedAt", before=None, after="now"),),
        "patch": {"spec": {"template": {"metadata": {"annotations": {"restartedAt": "now"}}}}},
        "risk": "low",
        "inverse": None if replicas is None else Inverse(tool="restart_workload", args={"workload": name}, label="U"),
        "no_inverse_reason": "a restart cannot be taken back" if replicas is None else None,
        "replicas_after": replicas,
        "tier": tier,
        "owner": owner,
        "owner_location": "url:https://git.example/shop/catalog-info.yaml",
        "planned_at": planned_at,
    }
    return Plan(**values | other)


class ChangeArgs(Args):
    """Arguments of the fake tool."""

    workload: Annotated[str, Field(max_length=100)] = "checkout"
    environment: Annotated[str | None, Field(max_length=100)] = "nonprod"


@dataclass
class Movable:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **units: float) -> None:
        self.now += timedelta(**units)


@dataclass
class FakeWorld:
    """What a fake write tool does: its plan, its failure, and what was applied by change id."""

    plan: Plan = field(default_factory=make_plan)
    failure: ToolError | None = None
    applied: list[Confirmed[Plan]] = field(default_factory=list)
    outcomes: list[Outcome | ToolError] = field(default_factory=list)

    async def plan_it(self, _args: ChangeArgs, /) -> Plan:
        return self.plan

    async def apply_it(self, confirmed: Confirmed[Plan], /) -> Receipt:
        if self.failure is not None:
            raise self.failure
        again = any(one.change_id == confirmed.change_id for one in self.applied)
        if not again:
            self.applied.append(confirmed)
        return Receipt(
            change_id=confirmed.change_id,
            target=confirmed.plan.target,
            applied_at=NOON,
            resource_version="8",
            already_applied=again,
            audit_ids=("audit-1",),
        )

    async def verify_it(self, _plan: Plan, _receipt: Receipt, /) -> Outcome:
        answer = self.outcomes.pop(0) if self.outcomes else Outcome(settled=True, healthy=True, summary="3 of 3 ready.")
        if isinstance(answer, ToolError):
            raise answer
        return answer

    def tool(self, name: str = "restart_workload", action: str = "workload.restart") -> WriteTool[ChangeArgs]:
        return WriteTool(
            name=name,
            action=action,
            args=ChangeArgs,
            plan=self.plan_it,
            apply=self.apply_it,
            verify=self.verify_it,
            summary="Restart a workload.",
            toolset="core",
        )

    def toolbox_for(self, seen: list[Principal] | None = None) -> Callable[[Principal], Toolbox]:
        def bind(who: Principal) -> Toolbox:
            if seen is not None:
                seen.append(who)
            tools = (self.tool(), self.tool("scale_workload", "workload.scale"))
            return Toolbox(reads={}, writes={tool.name: tool for tool in tools})

        return bind


M = TypeVar("M", bound=BaseModel)


def unredacted(model: M, /) -> M:
    return model


TRUSTED = "url:https://git.example/shop/"


def make_policy(
    *, freeze: bool = False, clock: Clock = lambda: NOON, extra: Path | None = None, **other: Any
) -> Policy:
    values: dict[str, Any] = {"platform_teams": (PLATFORM,), "owner_locations": (TRUSTED,), "frozen": freeze}
    return Policy.load(Limits(**values | other), extra, clock=clock)


@dataclass
class Step:
    """The confirmation step over a database, with a clock and a world that a test moves."""

    database: Database
    clock: Movable = field(default_factory=Movable)
    world: FakeWorld = field(default_factory=FakeWorld)
    policy: Policy = field(default_factory=make_policy)
    windows: Windows = field(default_factory=Windows)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.audit = Audit(self.database, redact=lambda facts: facts)
        self.store = ProposalStore(self.database, self.audit)
        self.confirmations = Confirmations(
            store=self.store,
            policy=self.policy,
            windows=self.windows,
            clock=self.clock,
            redact=unredacted,
            new_id=lambda: f"p-{next(self.ids)}",
        )

    def change(self, worker: str = "w1", **other: Any) -> ApplyChange:
        values: dict[str, Any] = {
            "store": self.store,
            "policy": self.policy,
            "windows": self.windows,
            "toolbox_for": self.world.toolbox_for(),
            "clock": self.clock,
            "redact": unredacted,
            "worker": worker,
        }
        return ApplyChange(**values | other)

    async def approved(self, plan: Plan | None = None, *, thread: str = "cli:a") -> ProposalView:
        shown = await self.propose(plan=plan, thread=thread)
        return await self.confirmations.confirm(shown.id, make_person())

    async def propose(
        self, who: Principal | None = None, *, thread: str = "cli:a", plan: Plan | None = None
    ) -> ProposalView:
        self.world.plan = plan or self.world.plan
        action = "workload.scale" if self.world.plan.replicas_after is not None else "workload.restart"
        return await self.confirmations.propose(
            self.world.tool(self.world.plan.tool, action),
            ChangeArgs(),
            requester=who or make_person(),
            thread=thread,
            origin=Origin(model="rules", prompt_hash="ab12"),
        )
