"""What every tool is: a read tool runs, a write tool plans and applies, and both show evidence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, Field, SerializationInfo, SerializerFunctionWrapHandler, model_serializer


class Args(BaseModel, frozen=True, extra="forbid"):
    """Arguments of a tool. Strings and lists are bounded: a model fills them."""


class ObjectRef(BaseModel, frozen=True):
    """One object of one cluster. `namespace` is None for cluster-scoped kinds; `uid` pins the very object."""

    cluster: str
    namespace: str | None
    kind: str
    name: str
    uid: str | None = None

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


class Source(StrEnum):
    """Where a piece of evidence was read."""

    CLUSTER = "cluster"
    EVENT = "event"
    LOG = "log"
    CATALOG = "catalog"
    CHANGE = "change"


class Evidence(BaseModel, frozen=True):
    """One fact that a tool read, verbatim enough to check.

    `subject`: what it is about, as "Pod shop-staging/checkout-7d9f-x2x1" or "Component default/checkout".
    `where`: field path, event reason, log line reference or API path it was read from.
    `text`: the excerpt, at most 600 characters.
    `at`: when the fact happened (event time, log time), else when it was read. UTC.
    """

    source: Source
    subject: str
    where: str
    text: Annotated[str, Field(max_length=600)]
    at: datetime

    @model_serializer(mode="wrap")
    def _numbered(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        dumped: dict[str, Any] = handler(self)
        cite: Cite | None = (info.context or {}).get("cite")
        return {"id": cite(self), **dumped} if cite else dumped


Cite = Callable[[Evidence], str]
"""Gives a piece of evidence its number in a turn. Pass as `model_dump(context={"cite": ledger.cite})`."""


class Result(BaseModel, frozen=True):
    """What a read tool returns. Every fact worth citing is an `Evidence`, anywhere in the model."""

    def conclusion(self) -> "Conclusion | None":
        """The settled answer to "what is wrong with it", when this result is one."""
        return None

    def observed(self) -> tuple[ObjectRef, ...]:
        """Objects this result has seen: only these may be the target of a change."""
        return ()


class Verdict(StrEnum):
    """How sure an answer is."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    INCONCLUSIVE = "inconclusive"


class Claim(BaseModel, frozen=True):
    """One sentence and the evidence that proves it."""

    text: str
    evidence: tuple[Evidence, ...]


class SuggestedAction(BaseModel, frozen=True):
    """A typed write-tool call that would help, in words and as arguments."""

    label: str
    tool: str
    args: dict[str, Any]
    risk: Literal["low", "medium", "high"] = "low"


class Conclusion(BaseModel, frozen=True):
    """A typed answer that needs no model: code composes the reply from it.

    `subject`: what was examined. `claims`: most important first, each with evidence. `next_steps`: plain sentences.
    `actions`: typed calls that would fix it, when a write tool exists.
    """

    subject: str
    verdict: Verdict
    summary: str
    claims: tuple[Claim, ...]
    next_steps: tuple[str, ...] = ()
    actions: tuple[SuggestedAction, ...] = ()


class Change(BaseModel, frozen=True):
    """One field that differs: `path` in dotted form, values as shown to a person (already free of secrets)."""

    path: str
    before: str | None
    after: str | None

    def lines(self) -> tuple[tuple[str, str], ...]:
        """As a diff shows it: ("-", before), ("+", after). Values that are both hidden are one line, not two alike."""
        if self.before is not None and self.before == self.after:
            return (("~", f"another value {self.after}"),)
        sides = (("-", self.before), ("+", self.after))
        return tuple((sign, line) for sign, text in sides if text is not None for line in text.splitlines() or [""])

    def __str__(self) -> str:
        if self.before is not None and self.before == self.after:
            return f"another value {self.after}"
        return f"{self.before or 'none'} → {self.after or 'none'}"


class Precondition(BaseModel, frozen=True):
    """The live object must still be this one, with the spec that was shown, or the plan is stale.

    `target.uid` and `generation` are checked: a status update moves resourceVersion, but not what was shown.
    `resource_version` is the one the plan was made from, for the record.
    `spec_digest`: SHA-256 of the spec, checked instead of `generation` for kinds whose status moves that as well.
    """

    target: ObjectRef
    resource_version: str
    generation: int
    spec_digest: str | None = None


class PinnedTemplate(BaseModel, frozen=True):
    """The pod template that a plan puts back, by reference: templates hold literals that must not be stored.

    `source`: the ReplicaSet or ControllerRevision that keeps it. `sha256`: of the template in canonical JSON.
    """

    source: ObjectRef
    sha256: str


class Inverse(BaseModel, frozen=True):
    """The call that undoes a change: a new proposal, never applied by itself."""

    tool: str
    args: dict[str, Any]
    label: str


class Plan(BaseModel, frozen=True):
    """Exactly what a write tool will do. A person confirms this, whole; it is stored as shown.

    `summary`: first line of the card, verb and target by name ("Scale checkout in shop-staging from 2 to 3 replicas").
    `args`: every argument, as validated. `diff`: fields the server would store differently, from its dry run.
    `patch`: the body sent on apply, free of secrets; `restores` completes it with a template that is read again then.
    `effects`: sentences on blast radius ("2 pods restart, one at a time").
    `inverse` is None when it cannot be undone; then `no_inverse_reason` says why.
    `replicas_after`: for the policy's ceiling; None when replicas do not change. `memory_after_bytes`,
    `cpu_after_millis`: likewise, the most that one container may use or asks for.
    `watched`: the object whose health shows the outcome, when that is not the target.
    `tier`, `owner`, `component`, `owner_location`: of the resolved target, as in `Target`, for the policy.
    `before`: how the target was when planned; `ready_before`: its ready pods then, None when it has no such count.
    """

    tool: str
    version: int = 1
    args: dict[str, Any]
    target: ObjectRef
    precondition: Precondition
    summary: str
    diff: tuple[Change, ...]
    patch: dict[str, Any]
    restores: PinnedTemplate | None = None
    effects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    risk: Literal["low", "medium", "high"]
    inverse: Inverse | None
    no_inverse_reason: str | None = None
    replicas_after: int | None = None
    memory_after_bytes: int | None = None
    cpu_after_millis: int | None = None
    watched: ObjectRef | None = None
    tier: str = "nonprod"
    owner: str | None = None
    component: str | None = None
    owner_location: str | None = None
    before: tuple[Evidence, ...] = ()
    ready_before: int | None = None
    planned_at: datetime


P = TypeVar("P", bound=Plan)


@dataclass(frozen=True)
class Confirmed(Generic[P]):
    """A plan that a person confirmed, as shown. Only `assistant/confirmation/proposal.py` makes one: a test holds it.

    `change_id` is the idempotency key, written on the object as the annotation `infra-assistant/change-id`.
    """

    plan: P
    change_id: str


class Receipt(BaseModel, frozen=True):
    """What an applied change did. `already_applied`: the object carried this change id before this call."""

    change_id: str
    target: ObjectRef
    applied_at: datetime
    resource_version: str
    already_applied: bool = False
    audit_ids: tuple[str, ...] = ()


class Outcome(BaseModel, frozen=True):
    """State of the target after a change. `settled` False: still moving, ask again until the deadline.

    `regressed`: in what it is worse than before the change, as a sentence; None when it is not.
    """

    settled: bool
    healthy: bool
    summary: str
    evidence: tuple[Evidence, ...] = ()
    regressed: str | None = None


A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class ReadTool(Generic[A, R]):
    """A tool that looks. `run` raises `ToolError`.

    `summary` is what the model reads. `core`: its schema is always loaded, else through `load_toolset`.
    """

    name: str
    args: type[A]
    run: Callable[[A], Awaitable[R]]
    summary: str
    toolset: str
    core: bool = False
    timeout_seconds: float = 20.0


class Applies(Protocol):
    """Applies a confirmed plan. Raises PlanStale, Forbidden, Unavailable."""

    def __call__(self, confirmed: Confirmed[Plan], /) -> Awaitable[Receipt]: ...


@dataclass(frozen=True)
class WriteTool(Generic[A]):
    """A tool that changes something: it can only plan, and apply what a person confirmed. There is no `run`.

    `action`: the policy's name of it ("workload.restart"). `verify` looks once at the target after the change.
    """

    name: str
    action: str
    args: type[A]
    plan: Callable[[A], Awaitable[Plan]]
    apply: Applies
    verify: Callable[[Plan, Receipt], Awaitable[Outcome]]
    summary: str
    toolset: str
    core: bool = False
    timeout_seconds: float = 20.0


@dataclass(frozen=True)
class Toolbox:
    """All tools for one person (bound to their identity), by name."""

    reads: dict[str, ReadTool[Any, Any]]
    writes: dict[str, WriteTool[Any]]

    def get(self, name: str) -> ReadTool[Any, Any] | WriteTool[Any] | None:
        """The tool of that name, or None."""
        return self.reads.get(name) or self.writes.get(name)
