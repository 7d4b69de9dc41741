"""API versions, labels and annotations that are gone or on their way out (Kubernetes 1.36)."""

from collections.abc import Iterator
from typing import Any

import orjson

from tools.cluster.models.meta import ApiObject
from tools.diagnosis.advice.models import Recommendation, Subject
from tools.diagnosis.facts import field_fact

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
API_VERSIONS = {
    "extensions/v1beta1": "1.22",
    "apps/v1beta1": "1.16",
    "apps/v1beta2": "1.16",
    "batch/v1beta1": "1.25",
    "policy/v1beta1": "1.25",
    "networking.k8s.io/v1beta1": "1.22",
    "discovery.k8s.io/v1beta1": "1.25",
    "autoscaling/v2beta1": "1.25",
    "autoscaling/v2beta2": "1.26",
}
"""API version -> the release that no longer serves it (kubernetes.io/docs/reference/using-api/deprecation-guide)."""
KEYS = {
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "node-role.kubernetes.io/master": "node-role.kubernetes.io/control-plane",
    "seccomp.security.alpha.kubernetes.io/pod": "securityContext.seccompProfile",
    "container.apparmor.security.beta.kubernetes.io": "securityContext.appArmorProfile",
    "scheduler.alpha.kubernetes.io/critical-pod": "priorityClassName",
}
"""Label or annotation -> what took its place."""


def advise(subject: Subject) -> Iterator[Recommendation]:
    """API versions that what declares it still uses, then keys in its template."""
    things: list[ApiObject] = [subject.workload, *subject.setting.budgets, *subject.setting.scalers]
    for thing in things:
        yield from _versions(subject, thing)
    for key, instead in KEYS.items():
        where = next(_places(subject.raw_spec, subject.raw, key), None)
        if where:
            yield Recommendation(
                topic="deprecated",
                weight="low",
                title=f"Write {instead} instead of {key}",
                reason="the old key is deprecated or no longer read",
                risk="none on a cluster of this version",
                evidence=(subject.fact(where, key),),
            )


def _versions(subject: Subject, thing: ApiObject) -> Iterator[Recommendation]:
    """The version in the manifest that was applied last: the server stores every object in its newest."""
    version = _applied_version(thing)
    if version not in API_VERSIONS:
        return
    yield Recommendation(
        topic="deprecated",
        weight="medium",
        title=f"Declare the {thing.kind} {thing.name} with {thing.api_version} instead of {version}",
        reason=f"{version} is no longer served since Kubernetes {API_VERSIONS[version]}: the next deploy of it fails",
        risk="fields were renamed between versions: compare the result",
        evidence=(field_fact(thing, f"metadata.annotations[{LAST_APPLIED}]", f"apiVersion {version}", subject.now),),
    )


def _applied_version(thing: ApiObject) -> str:
    try:
        applied: Any = orjson.loads(thing.metadata.annotations.get(LAST_APPLIED, "{}"))
    except orjson.JSONDecodeError:
        return ""
    return str(applied.get("apiVersion", "")) if isinstance(applied, dict) else ""


def _places(spec: dict[str, Any], raw: dict[str, Any], key: str) -> Iterator[str]:
    template = ((raw.get("spec") or {}).get("template") or {}).get("metadata") or {}
    if any(str(name).partition("/")[0] == key or name == key for name in template.get("annotations") or {}):
        yield "spec.template.metadata.annotations"
    for part in ("nodeSelector", "affinity", "tolerations", "topologySpreadConstraints"):
        if key in str(spec.get(part) or ""):
            yield f"spec.template.spec.{part}"
