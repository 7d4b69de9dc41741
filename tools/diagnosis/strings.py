"""The exact texts of Kubernetes components, and the cause each proves. Order matters: the first that fits wins.

Checked against kubelet, scheduler, controller-manager and API server 1.36; `until` marks texts that newer releases no
longer write. Event texts are not a stable API: reason and field are matched first, these second.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A text and the cause it proves. `until`: last release that wrote it, "" when current."""

    cause: str
    pattern: re.Pattern[str]
    until: str = ""


def _texts(*rows: tuple[str, str]) -> tuple[Text, ...]:
    return tuple(Text(cause, re.compile(pattern)) for cause, pattern in rows)


Hit = tuple[Text, re.Match[str]]


def match(texts: tuple[Text, ...], said: str) -> Hit | None:
    """The first row that fits a message, with its named groups."""
    for text in texts:
        if hit := text.pattern.search(said):
            return text, hit
    return None


PULL_REASONS = frozenset(
    [
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    ]
)
"""Waiting reasons of the image phase (kubelet images/types.go)."""

PULL = _texts(
    ("image-never-pull", r"is not present with pull policy of Never"),
    ("image-invalid-name", r"invalid reference format|repository name must be lowercase|couldn't parse image name"),
    ("image-signature", r"because the signature validation failed"),
    ("image-platform-mismatch", r"no match for platform in manifest|no matching manifest for \w+/"),
    ("image-rate-limit", r"(?i)toomanyrequests|429 Too Many Requests|pull rate limit"),
    ("image-tls", r"x509: |server gave HTTP response to HTTPS client|tls: failed to verify"),
    (
        "image-auth",
        r"pull access denied|failed to authorize|insufficient_scope|401 Unauthorized|403 Forbidden"
        r"|no basic auth credentials|unauthorized: |authentication required|denied: ",
    ),
    (
        "image-registry-unreachable",
        r"because the registry is unavailable|dial tcp.*(i/o timeout|connection refused|no such host|no route to host"
        r"|server misbehaving|network is unreachable)|failed to do request: |TLS handshake timeout"
        r"|Client\.Timeout exceeded|50[0234] (Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)",
    ),
    (
        "image-not-found",
        r"manifest (for \S+ )?(unknown|not found)|failed to resolve (reference|image) .*: not found|code = NotFound"
        r"|name unknown|repository \S+ not found|manifest unknown|reference does not exist",
    ),
    ("image-inspect", r"^Failed to inspect image|ImageInspectError"),
)

PULL_SECRETS = re.compile(r"Unable to retrieve some image pull secrets \((?P<names>[^)]*)\)")

CONFIG = _texts(
    ("config-missing-configmap-or-secret", r"(?P<kind>configmap|secret) \"(?P<name>[^\"]+)\" not found"),
    (
        "config-missing-configmap-or-secret",
        r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) (?P<namespace>[^/\s]+)/(?P<name>[^\s,;]+)",
    ),
    ("config-missing-configmap-or-secret", r"references non-existent (?P<kind>config|secret) key: (?P<key>\S+)"),
    ("config-nonroot", r"container has runAsNonRoot and image (will run as root|has non-numeric user|has an invalid)"),
)
"""waiting.message of CreateContainerConfigError, and FailedMount events of ConfigMap and Secret volumes."""

START = _texts(
    ("exec-format", r"exec format error"),
    (
        "not-found",
        r"executable file not found in \$PATH|exec: .*no such file or directory|stat .*: no such file or dir",
    ),
    ("not-found", r"exec /\S+: no such file or directory|(?m:^\S*sh: \d+: .+: not found$)|command not found"),
    ("not-found", r"no command specified"),
    ("not-executable", r"exec: .*permission denied|exec /\S+: permission denied"),
    ("bad-directory", r"chdir to cwd|mkdir .*: not a directory"),
)
"""Why an entrypoint could not be started (OCI runtime and shell texts), as variants of container-start-error."""

RUNTIME_REASONS = frozenset(["CreateContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError"])

SCHEDULING = (
    *_texts(
        (
            "sched-pvc-unbound",
            r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim \"(?P<claim>[^\"]+)\" (not found|is being"
            r" deleted|bound to non-existent)|didn't find available persistent volumes to bind",
        ),
        ("sched-volume-limit", r"exceed max volume count|ReadWriteOncePod access mode already in-use"),
        ("sched-insufficient-cpu", r"Insufficient cpu"),
        ("sched-insufficient-memory", r"Insufficient memory"),
        ("sched-insufficient-extended", r"Insufficient (?P<resource>[\w./-]+)"),
        ("sched-too-many-pods", r"Too many pods"),
        (
            "sched-volume-zone",
            r"no available volume zone|PersistentVolume's node affinity|volume node affinity conflict",
        ),
        ("sched-host-port", r"didn't have free ports for the requested pod ports"),
        (
            "sched-pod-affinity",
            r"didn't match pod (anti-)?affinity rules|existing pods' ?anti-affinity|pods anti-affinity",
        ),
        ("sched-topology-spread", r"didn't match pod topology spread constraints"),
        (
            "sched-affinity",
            r"node affinity/selector|node selector|plugin\(s\) \[NodeAffinity\]|scheduler-enforced node affinity",
        ),
        ("sched-taint", r"had untolerated taint(\(s\))?( \{(?P<taint>[^}]*)\})?"),
        ("sched-unschedulable-node", r"were unschedulable"),
    ),
    Text("sched-taint", re.compile(r"had taints that the pod didn't tolerate"), until="1.17"),
    Text("sched-taint", re.compile(r"had taint \{(?P<taint>[^}]*)\}, that the pod didn't tolerate"), until="1.23"),
)
"""Parts of "0/N nodes are available: ...", from the filter a node fails last to the one it fails first: the nodes that
got furthest show the binding constraint. 1.36 names no taint, older releases print {key: value}."""

ADMISSION = _texts(
    ("namespace-terminating", r"because it is being terminated"),
    (
        "quota-exceeded",
        r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>\S+), used: (?P<used>\S+),"
        r" limited: (?P<limited>\S+)|insufficient quota to (?:consume|match)",
    ),
    ("quota-must-specify", r"failed quota: (?P<quota>\S+): must specify (?P<fields>.+)"),
    (
        "limitrange-violation",
        r"(?P<bound>minimum|maximum) (?P<resource>\S+) usage per (?P<type>\S+) is (?P<limit>[^,.\s]+)"
        r"|max limit to request ratio per",
    ),
    ("podsecurity-violation", r"violates PodSecurity \"(?P<level>[^\"]+)\": (?P<why>.+)"),
    ("vap-denied", r"ValidatingAdmissionPolicy '(?P<policy>[^']+)'.*denied request: (?P<why>.+)"),
    ("webhook-denied", r"admission webhook \"(?P<webhook>[^\"]+)\" denied the request(: (?P<why>.+))?"),
    ("webhook-unavailable", r"failed calling webhook \"(?P<webhook>[^\"]+)\"|failed to call webhook"),
    ("service-account-missing", r"serviceaccount \"(?P<account>[^\"]+)\" not found"),
)
"""Why the API server refused a pod: FailedCreate events and ReplicaFailure conditions of the controller."""

APPLY = _texts(
    ("field-immutable", r"field is immutable"),
    ("conflict", r"Operation cannot be fulfilled on \S+ \"|Apply failed with \d+ conflicts?: conflict with"),
)
"""Why the API server refused what a GitOps controller applied."""

MOUNT = _texts(
    ("volume-multi-attach", r"^Multi-Attach error for volume \"(?P<volume>[^\"]+)\""),
    ("volume-attach-failed", r"^AttachVolume\.\S+ failed for volume \"(?P<volume>[^\"]+)\""),
    ("volume-mount-failed", r"^Mount(Volume|Device)\S* failed for volume \"(?P<volume>[^\"]+)\""),
    ("volume-mount-failed", r"^MapVolume\S* failed for volume \"(?P<volume>[^\"]+)\""),
    ("volume-mount-failed", r"^Unable to attach or mount volumes: unmounted volumes=\[(?P<volume>[^\]]*)\]"),
)

CLAIM = _texts(
    ("class-missing", r"storageclass\.storage\.k8s\.io \"(?P<name>[^\"]+)\" not found"),
    ("class-unset", r"no persistent volumes available for this claim and no storage class is set"),
    ("failed", r"failed to provision volume|ProvisioningFailed"),
)

PROBE = re.compile(
    r"^(?P<kind>Readiness|Liveness|Startup) probe (?P<how>failed|errored)(?: and resulted in .+?)?: ?(?P<why>.*)",
    re.DOTALL,
)
PROBE_STATUS = re.compile(r"HTTP probe failed with statuscode: (?P<code>\d+)")
PROBE_REFUSED = re.compile(r"connect: connection refused")
PROBE_TIMEOUT = re.compile(r"context deadline exceeded|Client\.Timeout|i/o timeout|command .* timed out|timeout")
PROBE_GRPC = re.compile(
    r"service unhealthy \(responded with \"(?P<status>[^\"]+)\"\)|health rpc probe failed|failed to connect service"
)
PROBE_KILL = re.compile(r"failed (?P<kind>liveness|startup) probe, will be restarted")
"""Event Killing (Normal): "Container x failed liveness probe, will be restarted"."""

EVICTION = _texts(
    (
        "pod-evicted-ephemeral",
        r"exceeded its local ephemeral storage limit|ephemeral local storage usage exceeds the total limit"
        r"|Usage of EmptyDir volume \"[^\"]+\" exceeds",
    ),
    ("pod-evicted", r"low on resource: (?P<resource>[\w-]+)"),
    ("pod-evicted", r"The node had condition: \[(?P<resource>[^\]]+)\]"),
)

KUBELET_REFUSALS = frozenset(
    [
        "OutOfcpu",
        "OutOfmemory",
        "OutOfpods",
        "OutOfephemeral-storage",
        "NodeAffinity",
        "UnexpectedAdmissionError",
        "TopologyAffinityError",
        "SysctlForbidden",
        "AppArmor",
        "VolumeAttachmentLimitExceeded",
    ]
)
"""status.reason of a pod that the kubelet rejected after scheduling (lifecycle/predicate.go)."""
SHUTDOWNS = frozenset({"Terminated", "NodeShutdown", "NodeLost", "Shutdown"})
