"""Set the image of one container of a workload."""

from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.containers import Part, choose_container
from tools.cluster.images import Image, meant_image, parse_image
from tools.cluster.planning import find_subject
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.cluster.template_change import TemplateChange, plan_template_change
from tools.cluster.verifying import verify_plan
from tools.contract import Args, Confirmed, Inverse, Outcome, Plan, Receipt


class SetImageArgs(Args):
    workload: Annotated[str, Field(min_length=1, max_length=253, description="Service or workload name.")]
    environment: Annotated[str | None, Field(max_length=63, description="Environment or namespace.")] = None
    container: Annotated[str | None, Field(max_length=63, description="Null: the main one.")] = None
    image: Annotated[str, Field(min_length=1, max_length=500, description="registry/path:tag, or only the new tag.")]


async def plan_set_image(args: SetImageArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to run another image; a tag alone keeps the repository (PATCH .../{plural}/{name}).

    Raises NotFound, Ambiguous (`candidates`: containers), Forbidden, InvalidArgs (paused, OnDelete, no image reference,
    no change, pods would be refused) and Unavailable.
    """
    subject = await find_subject(args.workload, args.environment, cluster, targets)
    part = choose_container(subject.workload, args.container)
    before, after = part.container.image, meant_image(args.image, part.container.image)
    back = {**subject.call_args(), "container": part.container.name, "image": before}
    change = TemplateChange(
        tool="set_image",
        args=args,
        summary=f"Set the image of {part.of(subject.workload)} in {subject.ref.namespace} to {after.version()}",
        patch=part.patch({"image": str(after)}),
        what="the image",
        effects=(f"{before} becomes {after}.",),
        warnings=_warnings(part, after),
        inverse=Inverse(tool="set_image", args=back, label=f"Return to {before}"),
        must_change=f"{part.of(subject.workload)} has the image {before} already.",
    )
    return await plan_template_change(change, subject, cluster=cluster, now=clock())


async def apply_set_image(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Apply a confirmed image once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_set_image(plan: Plan, receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether all pods have the new image and are available."""
    return await verify_plan(plan, receipt, cluster=cluster, clock=clock)


def _warnings(part: Part, after: Image) -> tuple[str, ...]:
    found = []
    if after.floats():
        found.append(f"{after} names no fixed version: another build may run tomorrow. Give a tag or a digest.")
        if part.container.image_pull_policy == "IfNotPresent":
            found.append("imagePullPolicy is IfNotPresent: nodes that have an older build of it keep running that.")
    before = parse_image(part.container.image).repository if part.container.image else ""
    if before and before != after.repository:
        found.append(f"The repository changes from {before} to {after.repository}: check that it is trusted.")
    return tuple(found)
