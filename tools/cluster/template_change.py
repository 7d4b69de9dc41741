"""Plans that change the pod template of a workload: its image, resources, probes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.cluster.blast import disturbs, raised, replaces_pods
from tools.cluster.planning import (
    Draft,
    Subject,
    budget_effects,
    look_around,
    make_plan,
    refuse_on_delete,
    refuse_while_paused,
)
from tools.cluster.port import ClusterWriter
from tools.cluster.rehearsing import rehearse_pod
from tools.contract import Args, Inverse, Plan


@dataclass(frozen=True)
class TemplateChange:
    """What differs from tool to tool. `what` is changed, in words for other writers: "the image"."""

    tool: str
    args: Args
    summary: str
    patch: dict[str, Any]
    what: str
    inverse: Inverse
    must_change: str
    effects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    memory_after_bytes: int | None = None
    cpu_after_millis: int | None = None


async def plan_template_change(
    change: TemplateChange, subject: Subject, *, cluster: ClusterWriter, now: datetime
) -> Plan:
    """Rehearse the new template and one pod of it; say how the pods are replaced and who may undo it.

    Raises InvalidArgs (paused, OnDelete, nothing changes, pods would be refused), Forbidden, Unavailable.
    """
    refuse_while_paused(subject.workload)
    refuse_on_delete(subject.workload)
    rehearsed = await cluster.patch(subject.resource, subject.ref, change.patch, dry_run=True)
    rehearsal = await rehearse_pod(subject, rehearsed.body["spec"]["template"], cluster)
    around = await look_around(subject, cluster)
    replaced, risk = replaces_pods(subject.workload)
    written, written_risk = disturbs(subject.owners, change.what)
    draft = Draft(
        tool=change.tool,
        args=change.args,
        summary=change.summary,
        patch=change.patch,
        effects=(*change.effects, replaced, *budget_effects(around.budgets), *rehearsal.notes),
        warnings=(*change.warnings, *rehearsal.warnings, *written, *around.warnings),
        risk=raised(risk, rehearsal.risk, written_risk, "medium" if change.warnings else "low"),
        inverse=change.inverse,
        memory_after_bytes=change.memory_after_bytes,
        cpu_after_millis=change.cpu_after_millis,
        must_change=change.must_change,
    )
    return await make_plan(draft, subject, cluster=cluster, now=now)
