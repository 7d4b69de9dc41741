"""Set what one container of a workload asks for and may use: CPU and memory."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.containers import Part, choose_container
from tools.cluster.models.pods import Container
from tools.cluster.planning import Subject, find_subject
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.quantities import cpu_millis, cpu_text, memory_bytes, memory_text
from tools.cluster.template_change import TemplateChange, plan_template_change
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Inverse, Outcome, Plan, Receipt
from tools.errors import InvalidArgs

NONE = "none"
Amount = Annotated[str | None, Field(max_length=30)]


class SetResourcesArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    container: Annotated[str | None, Field(max_length=63, description="Null: the main one.")] = None
    cpu_request: Annotated[Amount, Field(description='As "500m". "none" removes it, null keeps it.')] = None
    memory_request: Annotated[Amount, Field(description='As "512Mi".')] = None
    cpu_limit: Amount = None
    memory_limit: Amount = None


@dataclass(frozen=True)
class _Measure:
    """How one resource is counted, and its two fields: what is asked for, and the most it may use."""

    resource: str
    count: Callable[[str], int]
    text: Callable[[int], str]


_MEASURES = (_Measure("cpu", cpu_millis, cpu_text), _Measure("memory", memory_bytes, memory_text))
_FIELDS = {"request": "requests", "limit": "limits"}


async def plan_set_resources(args: SetResourcesArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan other requests or limits (PATCH .../{plural}/{name}), tried on a pod for quotas and limit ranges.

    Raises NotFound, Ambiguous (`candidates`: containers), Forbidden, InvalidArgs (no amount, request above limit, no
    change, pods would be refused) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    part = choose_container(subject.workload, args.container)
    wanted = _wanted(args)
    after = _after(part.container, wanted)
    change = TemplateChange(
        tool="set_resources",
        args=args,
        summary=f"Set {_listed(wanted)} for {part.of(subject.workload)} in {subject.ref.namespace}",
        patch=part.patch({"resources": _fields(wanted)}),
        what="the resources",
        warnings=_warnings(part.container, after),
        inverse=_inverse(subject, part, wanted),
        must_change=f"{part.of(subject.workload)} in {subject.ref.namespace} has these resources already.",
        memory_after_bytes=_most(after, "memory"),
        cpu_after_millis=_most(after, "cpu"),
    )
    return await plan_template_change(change, subject, cluster=cluster, now=clock())


async def apply_set_resources(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply confirmed resources once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_set_resources(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods have the new resources and are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _wanted(args: SetResourcesArgs) -> dict[str, str | None]:
    """Canonical amounts by argument; None removes one. Raises InvalidArgs when nothing is wanted."""
    wanted: dict[str, str | None] = {}
    for measure in _MEASURES:
        for end in _FIELDS:
            name = f"{measure.resource}_{end}"
            given = getattr(args, name)
            if given is not None:
                wanted[name] = None if given.strip().lower() == NONE else measure.text(measure.count(given))
    if not wanted:
        raise InvalidArgs("Say how much CPU or memory is wanted, as a request, a limit or both.")
    return wanted


def _present(container: Container) -> dict[str, str | None]:
    given = {"request": container.resources.requests, "limit": container.resources.limits}
    return {
        f"{measure.resource}_{end}": held.get(measure.resource) for measure in _MEASURES for end, held in given.items()
    }


def _after(container: Container, wanted: dict[str, str | None]) -> dict[str, int]:
    """Numbers by argument as they will be. Raises InvalidArgs when a request is above its limit."""
    texts = {**_present(container), **wanted}
    after: dict[str, int] = {}
    for measure in _MEASURES:
        for end in _FIELDS:
            text = texts[f"{measure.resource}_{end}"]
            if text is not None:
                after[f"{measure.resource}_{end}"] = measure.count(text)
        _require_order(measure.resource, texts, after)
    return after


def _require_order(resource: str, texts: dict[str, str | None], after: dict[str, int]) -> None:
    request, limit = f"{resource}_request", f"{resource}_limit"
    if request in after and limit in after and after[request] > after[limit]:
        raise InvalidArgs(
            f"The {resource} request {texts[request]} would be above the {resource} limit {texts[limit]}. Set both."
        )


def _fields(wanted: dict[str, str | None]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, text in wanted.items():
        resource, _, end = name.partition("_")
        fields.setdefault(_FIELDS[end], {})[resource] = text
    return fields


def _listed(wanted: dict[str, str | None]) -> str:
    """ "memory to 512Mi" when request and limit are the same, else "memory limit to 512Mi"."""
    said: list[str] = []
    for name, text in wanted.items():
        resource, _, end = name.partition("_")
        other = f"{resource}_{'limit' if end == 'request' else 'request'}"
        both = other in wanted and wanted[other] == text
        said.append(f"{resource if both else name.replace('_', ' ')} to {text or NONE}")
    return " and ".join(dict.fromkeys(said))


def _inverse(subject: Subject, part: Part, wanted: dict[str, str | None]) -> Inverse:
    present = _present(part.container)
    before = {name: present[name] for name in wanted}
    amounts = {name: text or NONE for name, text in before.items()}
    back = {**subject.call_args(), "container": part.container.name, **amounts}
    return Inverse(tool="set_resources", args=back, label=f"Set {_listed(before)} again")


def _most(after: dict[str, int], resource: str) -> int | None:
    return max((count for name, count in after.items() if name.startswith(resource)), default=None)


def _warnings(container: Container, after: dict[str, int]) -> tuple[str, ...]:
    found = []
    present = _present(container)["memory_limit"]
    if present is not None and after.get("memory_limit", memory_bytes(present)) < memory_bytes(present):
        found.append(f"Less memory than now ({present}): what needs more is killed (OOMKilled).")
    if "memory_limit" not in after:
        found.append("Without a memory limit it may use all the memory of its node.")
    return tuple(found)
