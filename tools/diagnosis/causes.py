"""Every cause, symptom and state a diagnosis can name, and what explains what."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["cause", "symptom", "info"]


@dataclass(frozen=True)
class Cause:
    """One entry. `explained_by`: causes that, found on the same pods, make this one an effect of theirs."""

    layer: str
    role: Role = "cause"
    explained_by: frozenset[str] = frozenset()


def _ids(text: str) -> frozenset[str]:
    return frozenset(text.split())


PULL = _ids(
    "image-not-found image-auth image-registry-unreachable image-rate-limit image-platform-mismatch image-tls"
    " image-invalid-name image-never-pull image-signature image-inspect"
)
CONFIG = _ids("config-missing-configmap-or-secret config-nonroot container-create-error")
OUTSIDE = _ids("app-dependency-unreachable dns-failure network-policy-blocked disk-full cert-expired-app")
EXITS = _ids(
    "oom-killed system-oom container-status-unknown app-exit-error app-exit-segv container-start-error"
    " app-completed-but-restarted"
)
PROBES = _ids("probe-readiness-failed probe-liveness-failed probe-startup-failed")
PROBE_REASONS = _ids("probe-wrong-port probe-http-status probe-grpc")
SCHEDULING = _ids(
    "sched-insufficient-cpu sched-insufficient-memory sched-insufficient-extended sched-too-many-pods sched-taint"
    " sched-affinity sched-pod-affinity sched-topology-spread sched-unschedulable-node sched-host-port"
    " sched-pvc-unbound sched-volume-zone sched-volume-limit sched-gated"
)
ADMISSION = _ids(
    "quota-exceeded quota-must-specify limitrange-violation podsecurity-violation webhook-denied webhook-unavailable"
    " vap-denied namespace-terminating service-account-missing"
)
VOLUME = _ids("volume-mount-failed volume-attach-failed volume-multi-attach pvc-provisioning-failed pvc-lost")
NODE = _ids("node-not-ready node-pressure pod-evicted pod-evicted-ephemeral kubelet-admission-rejected node-rebooted")
NETWORK = _ids("sandbox-failed network-not-ready")
DISPLACED = _ids("preempted taint-eviction")
MADE_BY_OTHERS = _ids("eso-sync-error cert-manager-not-ready")
HOOK = _ids("poststart-hook")
START = PULL | CONFIG | VOLUME | NETWORK | HOOK
RUN = EXITS | PROBES | PROBE_REASONS | OUTSIDE
POD = (
    START
    | RUN
    | SCHEDULING
    | NODE
    | DISPLACED
    | MADE_BY_OTHERS
    | _ids("image-pull-backoff image-pull-error crash-loop sched-unschedulable readiness-gate eso-store-invalid")
)
ALL_BELOW_ROLLOUT = (
    POD
    | ADMISSION
    | _ids(
        "replica-failure init-not-complete container-creating-stuck rollout-paused selector-all webhook-backend-missing"
        " statefulset-service-missing"
    )
)


def _table() -> dict[str, Cause]:
    rows: dict[str, Cause] = {}
    for layer, ids in _PLAIN_LAYERS.items():
        rows |= dict.fromkeys(ids, Cause(layer))
    return rows | _SPECIAL


_PLAIN_LAYERS: dict[str, frozenset[str]] = {
    "image": PULL,
    "config": _ids("config-nonroot"),
    "container-runtime": _ids("container-create-error container-start-error"),
    "resources": _ids("oom-killed pod-evicted-ephemeral"),
    "app": _ids("app-exit-segv app-completed-but-restarted poststart-hook"),
    "probe": PROBE_REASONS | _ids("readiness-gate"),
    "scheduling": SCHEDULING | _ids("preempted"),
    "volume": _ids(
        "pvc-provisioning-failed pvc-lost volume-attach-failed volume-multi-attach volume-resize-failed disk-full"
    ),
    "node": _ids(
        "system-oom container-status-unknown node-not-ready node-pressure kubelet-admission-rejected node-rebooted"
        " taint-eviction node-disk-gc"
    ),
    "network": NETWORK | _ids("network-policy-blocked"),
    "certificate": _ids("cert-manager-not-ready"),
    "service": _ids("service-selector-mismatch service-port-mismatch service-lb-pending statefulset-service-missing"),
    "ingress": _ids("ingress-no-backend ingress-class-missing gateway-not-ready"),
    "rbac": _ids("rbac-forbidden"),
    "secrets": _ids("eso-store-invalid vault-permission-denied"),
    "disruption": _ids("pdb-blocks-eviction"),
    "gitops-argocd": _ids("argocd-comparison-error argocd-sync-window argocd-invalid-spec argocd-deletion-error"),
    "gitops-flux": _ids(
        "flux-build-failed flux-artifact-failed flux-dependency flux-health-check flux-reconciliation-failed flux-git"
        " flux-helm-failed flux-stalled"
    ),
    "helm": _ids("helm-pending helm-failed"),
    "quota": _ids("quota-exceeded quota-must-specify limitrange-violation"),
    "admission": _ids(
        "podsecurity-violation webhook-denied vap-denied namespace-terminating service-account-missing"
        " webhook-backend-missing field-immutable conflict"
    ),
    "rollout": _ids("rollout-paused selector-all rollouts-aborted"),
    "job": _ids("cronjob-missed"),
    "autoscaling": _ids("hpa-no-metrics hpa-at-max hpa-scale-failed"),
}

_SPECIAL: dict[str, Cause] = {
    "image-pull-backoff": Cause("image", "symptom", PULL),
    "image-pull-error": Cause("image", "symptom", PULL),
    "crash-loop": Cause("app", "symptom", EXITS | HOOK | PROBES | PROBE_REASONS | OUTSIDE),
    "app-exit-error": Cause("app", "cause", OUTSIDE | _ids("rbac-forbidden vault-permission-denied")),
    "cert-expired-app": Cause("certificate", "cause", _ids("cert-manager-not-ready")),
    "config-missing-configmap-or-secret": Cause("config", "cause", MADE_BY_OTHERS | _ids("eso-store-invalid")),
    "image-auth": Cause("image", "cause", _ids("eso-sync-error eso-store-invalid")),
    "eso-sync-error": Cause("secrets", "cause", _ids("eso-store-invalid")),
    "webhook-unavailable": Cause("admission", "cause", _ids("webhook-backend-missing")),
    "route-not-attached": Cause("ingress", "cause", _ids("gateway-not-ready")),
    "app-exit-sigterm": Cause("app", "info"),
    "app-dependency-unreachable": Cause("app", "cause", _ids("network-policy-blocked")),
    "dns-failure": Cause("dns", "cause", _ids("network-policy-blocked")),
    "init-not-complete": Cause("app", "symptom", START | RUN | _ids("image-pull-backoff image-pull-error crash-loop")),
    "container-creating-stuck": Cause("container-runtime", "symptom", VOLUME | NETWORK | CONFIG),
    "probe-readiness-failed": Cause(
        "probe",
        "cause",
        EXITS | PROBE_REASONS | OUTSIDE | _ids("probe-liveness-failed probe-startup-failed node-not-ready crash-loop"),
    ),
    "probe-liveness-failed": Cause(
        "probe", "cause", (EXITS - _ids("app-completed-but-restarted")) | PROBE_REASONS | OUTSIDE
    ),
    "probe-startup-failed": Cause(
        "probe", "cause", (EXITS - _ids("app-completed-but-restarted")) | PROBE_REASONS | OUTSIDE
    ),
    "sched-unschedulable": Cause("scheduling", "symptom", SCHEDULING),
    "sched-pvc-unbound": Cause("scheduling", "cause", _ids("pvc-provisioning-failed pvc-lost")),
    "sched-taint": Cause("scheduling", "cause", _ids("node-not-ready node-pressure")),
    "volume-mount-failed": Cause(
        "volume",
        "cause",
        _ids("config-missing-configmap-or-secret volume-attach-failed volume-multi-attach pvc-provisioning-failed"),
    ),
    "pod-evicted": Cause("node", "cause", _ids("node-pressure")),
    "replica-failure": Cause("rollout", "symptom", ADMISSION),
    "rollout-deadline": Cause("rollout", "symptom", ALL_BELOW_ROLLOUT),
    "rollout-unavailable": Cause("rollout", "symptom", ALL_BELOW_ROLLOUT | _ids("rollout-deadline")),
    "service-no-endpoints": Cause(
        "service", "symptom", ALL_BELOW_ROLLOUT | _ids("service-selector-mismatch service-port-mismatch")
    ),
    "job-failed": Cause("job", "cause", ALL_BELOW_ROLLOUT),
    "argocd-out-of-sync": Cause("gitops-argocd", "symptom", _ids("argocd-sync-failed argocd-comparison-error")),
    "argocd-degraded": Cause("gitops-argocd", "symptom", ALL_BELOW_ROLLOUT | _ids("rollout-deadline")),
    "argocd-progressing-stuck": Cause("gitops-argocd", "symptom", ALL_BELOW_ROLLOUT | _ids("rollout-deadline")),
    "argocd-missing": Cause("gitops-argocd", "symptom", _ids("argocd-sync-failed argocd-comparison-error")),
    "argocd-suspended": Cause("gitops-argocd", "info"),
    "argocd-warnings": Cause("gitops-argocd", "info"),
    "argocd-sync-failed": Cause(
        "gitops-argocd", "cause", ADMISSION | _ids("field-immutable conflict argocd-comparison-error")
    ),
    "flux-suspended": Cause("gitops-flux", "info"),
    "flux-drift": Cause("gitops-flux", "info"),
    "config-changed": Cause("config", "info"),
    "job-suspended": Cause("job", "info"),
    "cronjob-suspended": Cause("job", "info"),
    "progressing": Cause("rollout", "info"),
    "recovered": Cause("app", "info"),
    "log-errors": Cause("app", "info"),
    "healthy": Cause("app", "info"),
}

CAUSES: dict[str, Cause] = _table()
"""By id. Ids and layers are those of the project's taxonomy; added here are the states, and what it has no entry for:
service-account-missing, readiness-gate, statefulset-service-missing, webhook-backend-missing, ingress-class-missing,
gateway-not-ready, route-not-attached, config-changed."""

LIFECYCLE = [
    "admission",
    "quota",
    "scheduling",
    "node",
    "volume",
    "network",
    "image",
    "secrets",
    "config",
    "container-runtime",
    "resources",
    "app",
    "rbac",
    "dns",
    "certificate",
    "probe",
    "service",
    "ingress",
    "autoscaling",
    "rollout",
    "job",
    "disruption",
    "gitops-argocd",
    "gitops-flux",
    "helm",
]
"""Layers in the order a pod meets them: what stops it earlier is named first."""


def depth(layer: str) -> int:
    """Position of a layer in a pod's life, for ordering."""
    return LIFECYCLE.index(layer) if layer in LIFECYCLE else len(LIFECYCLE)
