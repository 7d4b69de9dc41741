"""The built-in resources of Kubernetes 1.36 that the emulator serves."""

from collections.abc import Iterator

from evals.emulators.kubernetes.resources import ALL_VERBS, EDIT_VERBS, Registry, Resource, Subresource

_PROXY_VERBS = ("create", "delete", "get", "patch", "update")

# plural, kind, short names, subresources; a leading "-" is cluster-scoped, a leading "*" is in category `all`
_ROWS: dict[str, list[str]] = {
    "v1": [
        "configmaps ConfigMap cm",
        "endpoints Endpoints ep",
        "events Event ev",
        "limitranges LimitRange limits",
        "-namespaces Namespace ns finalize,status",
        "-nodes Node no proxy,status",
        "persistentvolumeclaims PersistentVolumeClaim pvc status",
        "-persistentvolumes PersistentVolume pv status",
        "*pods Pod po attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status",
        "podtemplates PodTemplate",
        "*replicationcontrollers ReplicationController rc scale,status",
        "resourcequotas ResourceQuota quota status",
        "secrets Secret",
        "serviceaccounts ServiceAccount sa token",
        "*services Service svc proxy,status",
    ],
    "apps/v1": [
        "controllerrevisions ControllerRevision",
        "*daemonsets DaemonSet ds status",
        "*deployments Deployment deploy scale,status",
        "*replicasets ReplicaSet rs scale,status",
        "*statefulsets StatefulSet sts scale,status",
    ],
    "events.k8s.io/v1": ["events Event ev"],
    "autoscaling/v2": ["*horizontalpodautoscalers HorizontalPodAutoscaler hpa status"],
    "autoscaling/v1": ["*horizontalpodautoscalers HorizontalPodAutoscaler hpa status"],
    "batch/v1": ["*cronjobs CronJob cj status", "*jobs Job - status"],
    "certificates.k8s.io/v1": ["-certificatesigningrequests CertificateSigningRequest csr approval,status"],
    "networking.k8s.io/v1": [
        "-ingressclasses IngressClass",
        "ingresses Ingress ing status",
        "networkpolicies NetworkPolicy netpol",
    ],
    "policy/v1": ["poddisruptionbudgets PodDisruptionBudget pdb status"],
    "rbac.authorization.k8s.io/v1": [
        "-clusterrolebindings ClusterRoleBinding",
        "-clusterroles ClusterRole",
        "rolebindings RoleBinding",
        "roles Role",
    ],
    "storage.k8s.io/v1": [
        "-csidrivers CSIDriver",
        "-csinodes CSINode",
        "csistoragecapacities CSIStorageCapacity",
        "-storageclasses StorageClass sc",
        "-volumeattachments VolumeAttachment - status",
    ],
    "admissionregistration.k8s.io/v1": [
        "-mutatingwebhookconfigurations MutatingWebhookConfiguration",
        "-validatingwebhookconfigurations ValidatingWebhookConfiguration",
    ],
    "apiextensions.k8s.io/v1": ["-customresourcedefinitions CustomResourceDefinition crd,crds status"],
    "scheduling.k8s.io/v1": ["-priorityclasses PriorityClass pc"],
    "coordination.k8s.io/v1": ["leases Lease"],
    "node.k8s.io/v1": ["-runtimeclasses RuntimeClass"],
    "discovery.k8s.io/v1": ["endpointslices EndpointSlice"],
    "apiregistration.k8s.io/v1": ["-apiservices APIService - status"],
    "resource.k8s.io/v1": ["-deviceclasses DeviceClass", "resourceclaims ResourceClaim - status"],
    "flowcontrol.apiserver.k8s.io/v1": [
        "-flowschemas FlowSchema - status",
        "-prioritylevelconfigurations PriorityLevelConfiguration - status",
    ],
}

# answered, never stored
_REVIEWS = [
    Resource("", "v1", "bindings", "Binding", verbs=("create",)),
    Resource("", "v1", "componentstatuses", "ComponentStatus", False, ("cs",), verbs=("get", "list")),
    *(
        Resource(
            f"{group}.k8s.io", "v1", f"{kind.lower()}s", kind, namespaced=kind.startswith("Local"), verbs=("create",)
        )
        for group, kind in (
            ("authentication", "SelfSubjectReview"),
            ("authentication", "TokenReview"),
            ("authorization", "LocalSubjectAccessReview"),
            ("authorization", "SelfSubjectAccessReview"),
            ("authorization", "SelfSubjectRulesReview"),
            ("authorization", "SubjectAccessReview"),
        )
    ),
]

_GROUP_ORDER = [
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
]

_SHARED_SHELVES = {("events.k8s.io", "events"): "events"}

_SUBRESOURCES = {
    "attach": Subresource("attach", "PodAttachOptions", ("create", "get")),
    "binding": Subresource("binding", "Binding", ("create",)),
    "eviction": Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
    "exec": Subresource("exec", "PodExecOptions", ("create", "get")),
    "finalize": Subresource("finalize", "Namespace", ("update",)),
    "log": Subresource("log", "Pod", ("get",)),
    "portforward": Subresource("portforward", "PodPortForwardOptions", ("create", "get")),
    "scale": Subresource("scale", "Scale", EDIT_VERBS, "autoscaling", "v1"),
    "token": Subresource("token", "TokenRequest", ("create",), "authentication.k8s.io", "v1"),
}


def _subresource(name: str, kind: str) -> Subresource:
    if name == "proxy":
        return Subresource("proxy", f"{kind}ProxyOptions", _PROXY_VERBS)
    return _SUBRESOURCES.get(name) or Subresource(name, kind)


def _row(api_version: str, row: str) -> Resource:
    group, _, version = api_version.rpartition("/")
    plural, kind, *rest = row.lstrip("-*").split()
    short = tuple(rest[0].split(",")) if rest and rest[0] != "-" else ()
    subresources = rest[1].split(",") if len(rest) > 1 else []
    if short and short[0] in ("finalize", "status"):
        short, subresources = (), list(short)
    verbs = tuple(verb for verb in ALL_VERBS if (plural, verb) != ("namespaces", "deletecollection"))
    return Resource(
        group,
        version,
        plural,
        kind,
        namespaced=not row.startswith("-"),
        short_names=short,
        categories=("all",) if row.startswith("*") else (),
        verbs=verbs,
        subresources=tuple(_subresource(name, kind) for name in subresources),
        storage=_SHARED_SHELVES.get((group, plural), ""),
    )


def _rows() -> Iterator[Resource]:
    for api_version, rows in _ROWS.items():
        for row in rows:
            yield _row(api_version, row)


BUILTIN = {(r.group, r.version, r.plural): r for r in sorted([*_REVIEWS, *_rows()], key=lambda r: r.plural)}


def builtin_registry() -> Registry:
    """A fresh registry of the built-in resources."""
    ordered = sorted(BUILTIN.values(), key=lambda r: (r.group, r.version != "v2", r.plural))
    return Registry(ordered, _GROUP_ORDER)


CONFIGMAPS = BUILTIN["", "v1", "configmaps"]
ENDPOINTS = BUILTIN["", "v1", "endpoints"]
EVENTS = BUILTIN["", "v1", "events"]
LIMITRANGES = BUILTIN["", "v1", "limitranges"]
NAMESPACES = BUILTIN["", "v1", "namespaces"]
NODES = BUILTIN["", "v1", "nodes"]
CLAIMS = BUILTIN["", "v1", "persistentvolumeclaims"]
VOLUMES = BUILTIN["", "v1", "persistentvolumes"]
PODS = BUILTIN["", "v1", "pods"]
QUOTAS = BUILTIN["", "v1", "resourcequotas"]
SECRETS = BUILTIN["", "v1", "secrets"]
SERVICE_ACCOUNTS = BUILTIN["", "v1", "serviceaccounts"]
SERVICES = BUILTIN["", "v1", "services"]
REVISIONS = BUILTIN["apps", "v1", "controllerrevisions"]
DAEMON_SETS = BUILTIN["apps", "v1", "daemonsets"]
DEPLOYMENTS = BUILTIN["apps", "v1", "deployments"]
REPLICA_SETS = BUILTIN["apps", "v1", "replicasets"]
STATEFUL_SETS = BUILTIN["apps", "v1", "statefulsets"]
CRON_JOBS = BUILTIN["batch", "v1", "cronjobs"]
JOBS = BUILTIN["batch", "v1", "jobs"]
BUDGETS = BUILTIN["policy", "v1", "poddisruptionbudgets"]
AUTOSCALERS = BUILTIN["autoscaling", "v2", "horizontalpodautoscalers"]
SLICES = BUILTIN["discovery.k8s.io", "v1", "endpointslices"]
STORAGE_CLASSES = BUILTIN["storage.k8s.io", "v1", "storageclasses"]
PRIORITY_CLASSES = BUILTIN["scheduling.k8s.io", "v1", "priorityclasses"]
DEFINITIONS = BUILTIN["apiextensions.k8s.io", "v1", "customresourcedefinitions"]
ROLES = BUILTIN["rbac.authorization.k8s.io", "v1", "roles"]
CLUSTER_ROLES = BUILTIN["rbac.authorization.k8s.io", "v1", "clusterroles"]
ROLE_BINDINGS = BUILTIN["rbac.authorization.k8s.io", "v1", "rolebindings"]
CLUSTER_ROLE_BINDINGS = BUILTIN["rbac.authorization.k8s.io", "v1", "clusterrolebindings"]
