"""What a StatefulSet needs beside its pods: its governing Service, and the classes of its claim templates."""

from collections.abc import Iterator

from tools.cluster.models.workloads import Workload
from tools.diagnosis.facts import field_fact, subject_of
from tools.diagnosis.models import Finding
from tools.diagnosis.observations import Observations


def analyze(observations: Observations) -> Iterator[Finding]:
    """A governing Service that does not exist, and storage classes of claim templates that do not."""
    workload = observations.workload
    if workload is None or workload.kind != "StatefulSet" or workload.desired() == 0:
        return
    yield from _governing(observations, workload)
    if not observations.claims:  # a claim that was made tells it better
        yield from _classes(observations, workload)


def _governing(observations: Observations, workload: Workload) -> Iterator[Finding]:
    name = workload.spec.service_name
    known = observations.knows_services(workload.namespace)
    if not name or not known or observations.service(name, workload.namespace):
        return
    yield Finding(
        cause="statefulset-service-missing",
        role="info" if observations.all_fine() else "cause",
        title=f"its governing Service {name} does not exist, so its pods have no DNS names of their own",
        subject=subject_of(workload),
        evidence=(field_fact(workload, "spec.serviceName", name, observations.at),),
        confidence=0.65,  # it breaks only what calls the pods by name
        next_steps=(
            f"Create the headless Service {name}, or correct serviceName (the StatefulSet must be made anew).",
        ),
        key=name,
    )


def _classes(observations: Observations, workload: Workload) -> Iterator[Finding]:
    for template in workload.spec.volume_claim_templates:
        wanted = str((template.get("spec") or {}).get("storageClassName") or "")
        if not wanted or observations.storage_classes.get(wanted, ...) is not None:
            continue
        name = str((template.get("metadata") or {}).get("name", ""))
        yield Finding(
            cause="pvc-provisioning-failed",
            title=f"its claim template {name} asks for the storage class {wanted}, which does not exist",
            subject=subject_of(workload),
            evidence=(
                field_fact(workload, f"spec.volumeClaimTemplates[{name}].storageClassName", wanted, observations.at),
            ),
            confidence=0.95,
            next_steps=("Correct storageClassName in the claim template, or ask the platform team for that class.",),
            key=name,
        )
