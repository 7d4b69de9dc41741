"""How lists and maps of the API merge: what strategic merge patch and server-side apply take from the API's schema."""

from evals.emulators.kubernetes.resources import Resource

Names = tuple[str, ...]

_BY_NAME = ("name",)
# x-kubernetes-list-map-keys
_APPLY_KEYS: dict[str, Names] = {
    "claims": _BY_NAME,
    "conditions": ("type",),
    "containers": _BY_NAME,
    "env": _BY_NAME,
    "ephemeralContainers": _BY_NAME,
    "hostAliases": ("ip",),
    "imagePullSecrets": _BY_NAME,
    "initContainers": _BY_NAME,
    "ownerReferences": ("uid",),
    "podIPs": ("ip",),
    "resourceClaims": _BY_NAME,
    "schedulingGates": _BY_NAME,
    "secrets": _BY_NAME,
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": _BY_NAME,
}
# x-kubernetes-patch-merge-key where it differs
_PATCH_KEYS = {"topologySpreadConstraints": "topologyKey", "conditions": "type"}
_SETS = {"finalizers"}
_ATOMIC_MAPS = {
    "configMapKeyRef",
    "fieldRef",
    "involvedObject",
    "labelSelector",
    "namespaceSelector",
    "nodeSelector",
    "podSelector",
    "regarding",
    "resourceFieldRef",
    "roleRef",
    "scaleTargetRef",
    "secretKeyRef",
    "selector",
    "targetRef",
}
# maps and values that a patch with $retainKeys may thin out are ordinary maps otherwise
_CUSTOM_KEYS: dict[str, Names] = {"ownerReferences": ("uid",)}


def apply_keys(resource: Resource, path: Names) -> Names | None:
    """The keys that identify the items of a list at a path of field names; None when the list is one value."""
    if not path:
        return None
    if resource.custom:
        return _CUSTOM_KEYS.get(path[-1]) if path[0] == "metadata" else None
    if path[-1] == "ports":
        return _port_keys(resource, path)
    return _APPLY_KEYS.get(path[-1])


def patch_key(resource: Resource, path: Names) -> str | None:
    """The patchMergeKey of a list at a path of field names; None when a patch replaces the list."""
    keys = apply_keys(resource, path)
    if keys is None:
        return None
    return _PATCH_KEYS.get(path[-1], keys[0])


def is_set(path: Names) -> bool:
    """Whether the list at a path is a set of plain values."""
    return bool(path) and path[-1] in _SETS


def is_atomic_item(path: Names) -> bool:
    """Whether each item of the keyed list at a path belongs to one manager as a whole."""
    return bool(path) and path[-1] == "ownerReferences"


def is_atomic_map(resource: Resource, path: Names) -> bool:
    """Whether the map at a path belongs to one manager as a whole."""
    return bool(path) and not resource.custom and path[-1] in _ATOMIC_MAPS


def _port_keys(resource: Resource, path: Names) -> Names | None:
    if len(path) > 1 and path[-2] in ("containers", "initContainers", "ephemeralContainers"):
        return ("containerPort", "protocol")
    if resource.qualified == "services" and path == ("spec", "ports"):
        return ("port", "protocol")
    return None
