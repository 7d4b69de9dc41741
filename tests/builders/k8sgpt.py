"""Minimal objects that others test their analyzers with, looked at by ours: which objects are reported."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tools.cluster.models.custom import (
    GATEWAY_CLASSES,
    MUTATING_WEBHOOKS,
    VALIDATING_WEBHOOKS,
    Custom,
)
from tools.cluster.models.events import Event
from tools.cluster.models.meta import LabelSelector, Resource
from tools.cluster.models.network import EndpointSlice, Ingress, Service
from tools.cluster.models.platform import (
    HorizontalPodAutoscaler,
    Node,
    PersistentVolumeClaim,
    PodDisruptionBudget,
)
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import REPLICA_SETS, WORKLOADS
from tools.cluster.models.workloads import CronJob, Job, Workload
from tools.contract import ObjectRef
from tools.diagnosis.analyzers.table import examine
from tools.diagnosis.observations import Observations
from tools.diagnosis.platform import Platform, absent

Json = dict[str, Any]
NOW = datetime(2024, 6, 1, tzinfo=UTC)
READ = frozenset(("pods", "events", "services", "slices", "ingress_classes"))
_CUSTOM: dict[str, Resource[Custom]] = {
    one.kind: one for one in (GATEWAY_CLASSES, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)
}
_SCALED = {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}


def reported(objects: list[Json], kind: str) -> set[str]:
    """ "namespace/name" of every object of that kind that a finding is about."""
    named = [{**one, "metadata": one.get("metadata") or {}} for one in objects]
    subjects = {finding.subject for seen in _views(named) for finding in examine(seen).findings}
    return {subject.removeprefix(f"{kind} ") for subject in subjects if subject.startswith(f"{kind} ")}


def _views(objects: list[Json]) -> Iterator[Observations]:
    for raw in objects:
        kind = raw["kind"]
        if kind in WORKLOADS:
            yield _workload(objects, raw)
        elif kind == "ReplicaSet":
            owner = WORKLOADS["Deployment"].parse({"metadata": {"name": "owner"}})
            yield _look(raw, objects, workload=owner, replica_sets=(REPLICA_SETS.parse(raw),))
        elif kind == "Pod":
            yield _look(raw, objects, pods=(Pod.model_validate(raw),))
        elif kind == "Job":
            yield _look(raw, objects, job=Job.model_validate(raw))
        elif kind == "CronJob":
            yield _look(raw, objects, cron_job=CronJob.model_validate(raw))
        elif kind == "PersistentVolumeClaim":
            yield _look(raw, objects, claims={_name(raw): PersistentVolumeClaim.model_validate(raw)})
        elif kind == "Node":
            pod = Pod.model_validate({"metadata": {"name": "on-it"}, "spec": {"nodeName": _name(raw)}})
            yield _look(raw, objects, nodes=(Node.model_validate(raw),), pods=(pod,))
        elif kind == "Service":
            yield _behind(objects, raw)
        elif kind == "HorizontalPodAutoscaler":
            yield _autoscaler(objects, raw)
        else:
            yield _look(raw, objects, platform=_around(objects, raw))


def _workload(objects: list[Json], raw: Json) -> Observations:
    workload = WORKLOADS[raw["kind"]].parse(raw)
    specs = [one.get("spec") or {} for one in workload.spec.volume_claim_templates]
    classes = {str(spec.get("storageClassName")): None for spec in specs}
    return _look(raw, objects, workload=workload, storage_classes=classes)


def _autoscaler(objects: list[Json], raw: Json) -> Observations:
    scaler = HorizontalPodAutoscaler.model_validate({"kind": "HorizontalPodAutoscaler", **raw})
    ref = scaler.spec.scale_target_ref
    held = [one for one in objects if one["kind"] in _SCALED and (one["kind"], _name(one)) == (ref.kind, ref.name)]
    target = Workload.model_validate(held[0]) if held and held[0]["kind"] in WORKLOADS else None
    missing = absent(ref.kind, [ref.name], [_name(one) for one in held])
    return _look(raw, objects, workload=target, autoscalers=(scaler,), platform=Platform(absent=missing))


def _behind(objects: list[Json], raw: Json) -> Observations:
    """A Service in front of a workload that its selector fits."""
    labels = (raw.get("spec") or {}).get("selector") or {}
    spec = {"template": {"metadata": {"labels": labels}}}
    workload = WORKLOADS["Deployment"].parse({"metadata": {"name": "behind"}, "spec": spec})
    return _look(raw, objects, workload=workload, slices=tuple(_slices(objects)))


def _slices(objects: list[Json]) -> Iterator[EndpointSlice]:
    """EndpointSlices as the controller would mirror Endpoints."""
    for raw in (one for one in objects if one["kind"] == "Endpoints"):
        rows = [
            {"conditions": {"ready": ready}}
            for subset in raw.get("subsets") or ()
            for ready, key in ((True, "addresses"), (False, "notReadyAddresses"))
            for _ in subset.get(key) or ()
        ]
        meta = {**raw["metadata"], "labels": {"kubernetes.io/service-name": _name(raw)}}
        yield EndpointSlice.model_validate({"kind": "EndpointSlice", "metadata": meta, "endpoints": rows})


def _around(objects: list[Json], raw: Json) -> Platform:
    customs = (_CUSTOM[raw["kind"]].parse(raw),) if raw["kind"] in _CUSTOM else ()
    ingresses = (Ingress.model_validate(raw),) if raw["kind"] == "Ingress" else ()
    budget = PodDisruptionBudget.model_validate(_typed(raw)) if raw["kind"] == "PodDisruptionBudget" else None
    classes = [one.spec.ingress_class_name for one in ingresses if one.spec.ingress_class_name]
    return Platform(
        ingresses=ingresses,
        budgets=(budget,) if budget else (),
        customs=customs,
        absent=absent("IngressClass", classes, []) | frozenset(_unserved(objects, raw)),
    )


def _typed(raw: Json) -> Json:
    """Go's IntOrString as the API writes it."""
    spec = raw.get("spec") or {}
    plain = {key: one["intVal"] if isinstance(one, dict) and "intVal" in one else one for key, one in spec.items()}
    return {**raw, "spec": plain}


def _unserved(objects: list[Json], raw: Json) -> Iterator[str]:
    """Services of webhooks that are not there, or select no pod."""
    for webhook in raw.get("webhooks") or ():
        ref = (webhook.get("clientConfig") or {}).get("service")
        if not ref:
            continue
        where = f"{ref['namespace']}/{ref['name']}"
        service = next((one for one in objects if one["kind"] == "Service" and _place(one) == where), None)
        selector = ((service or {}).get("spec") or {}).get("selector")
        pods = [one for one in objects if one["kind"] == "Pod" and selector and _serves(selector, one)]
        if service is None:
            yield f"Service {where}"
        elif not pods:
            yield f"Endpoints {where}"


def _serves(selector: dict[str, str], raw: Json) -> bool:
    pod = Pod.model_validate(raw)
    return pod.is_ready() and LabelSelector(match_labels=selector).matches(pod.metadata.labels)


def _look(raw: Json, objects: list[Json], **parts: Any) -> Observations:
    namespace = raw["metadata"].get("namespace", "")
    services = [Service.model_validate(one) for one in objects if one["kind"] == "Service"]
    about = {"involvedObject": {"kind": raw["kind"], "name": _name(raw)}}  # their client ignores field selectors
    events = [Event.model_validate({**about, **one}) for one in objects if one["kind"] == "Event"]
    return Observations(
        target=ObjectRef(cluster="test", namespace=namespace, kind=raw["kind"], name=_name(raw)),
        at=NOW,
        environment=namespace,
        services=tuple(one for one in services if one.namespace == namespace),
        events=tuple(events),
        read=READ,
        **parts,
    )


def _name(raw: Json) -> str:
    return str(raw["metadata"].get("name", ""))


def _place(raw: Json) -> str:
    return f"{raw['metadata'].get('namespace', '')}/{_name(raw)}"
