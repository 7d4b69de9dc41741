"""Ask the server whether a pod of a new template would be let in: quotas, limit ranges, pod security, webhooks."""

from dataclasses import dataclass
from typing import Any

from tools.cluster.blast import Risk
from tools.cluster.models.resources import PODS
from tools.cluster.planning import Subject
from tools.cluster.port import ClusterWriter
from tools.errors import Forbidden, InvalidArgs

_QUOTA_IS_FULL = "exceeded quota"


@dataclass(frozen=True)
class Rehearsal:
    """What the server said of a pod. `notes`: what could not be asked."""

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    risk: Risk = "low"


async def rehearse_pod(subject: Subject, template: dict[str, Any], cluster: ClusterWriter) -> Rehearsal:
    """The dry run of a pod of this template (POST pods?dryRun=All).

    A dry run of the workload alone passes what its pods would later be refused for. A full quota is a warning: the
    old pods still count. Raises InvalidArgs in the server's words for anything that no pod could pass.
    """
    try:
        await cluster.create(PODS, subject.ref.namespace, _pod(subject, template), dry_run=True)
    except Forbidden as exc:
        return _forbidden(exc)
    except InvalidArgs as exc:
        raise InvalidArgs(f"No pod of this could start. {exc.message}") from exc
    return Rehearsal()


def _forbidden(error: Forbidden) -> Rehearsal:
    if error.missing:
        note = f'Not tried against quotas and limit ranges: that needs the right to "{error.missing}".'
        return Rehearsal(notes=(note,))
    if _QUOTA_IS_FULL in error.message:
        text = f"New pods may not start while the old ones count: {error.message}"
        return Rehearsal(warnings=(text,), risk="high")
    raise InvalidArgs(f"No pod of this could start. {error.message}") from error


def _pod(subject: Subject, template: dict[str, Any]) -> dict[str, Any]:
    meta = template.get("metadata") or {}
    kept = {key: meta[key] for key in ("labels", "annotations") if meta.get(key)}
    claims = [
        {"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
        for claim in subject.workload.spec.volume_claim_templates
    ]
    spec = dict(template["spec"])
    if claims:
        spec["volumes"] = [*(spec.get("volumes") or []), *claims]
    return {"metadata": {"generateName": f"{subject.workload.name[:50]}-", **kept}, "spec": spec}
