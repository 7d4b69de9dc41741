"""ConfigMaps and Secrets that a pod refers to: what is missing, in the kubelet's words."""

from collections.abc import Iterator

from evals.emulators.kubernetes.catalogue import CONFIGMAPS, SECRETS
from evals.emulators.kubernetes.objects import Json, namespace_of
from evals.emulators.kubernetes.store import Store

_KINDS = {"configMap": (CONFIGMAPS, "ConfigMap", "configmap"), "secret": (SECRETS, "Secret", "secret")}


def missing_for_env(store: Store, pod: Json, container: Json) -> str | None:
    """Why a container's environment cannot be made, or None: the first missing object or key."""
    return next(_env_problems(store, namespace_of(pod), container), None)


def _env_problems(store: Store, namespace: str, container: Json) -> Iterator[str]:
    for source in container.get("envFrom") or []:
        for kind in _KINDS:
            reference = source.get(f"{kind}Ref")
            if reference:
                yield from _object_problem(store, namespace, kind, reference)
    for entry in container.get("env") or []:
        for kind in _KINDS:
            reference = (entry.get("valueFrom") or {}).get(f"{kind}KeyRef")
            if reference:
                yield from _key_problem(store, namespace, kind, reference)


def _object_problem(store: Store, namespace: str, kind: str, reference: Json) -> Iterator[str]:
    resource, _, lower = _KINDS[kind]
    if store.get(resource, namespace, reference["name"]) is None and not reference.get("optional"):
        yield f'{lower} "{reference["name"]}" not found'


def _key_problem(store: Store, namespace: str, kind: str, reference: Json) -> Iterator[str]:
    resource, title, _ = _KINDS[kind]
    found = store.get(resource, namespace, reference["name"])
    if found is None:
        yield from _object_problem(store, namespace, kind, reference)
    elif not _has_key(found, reference["key"]) and not reference.get("optional"):
        yield f"couldn't find key {reference['key']} in {title} {namespace}/{reference['name']}"


def _has_key(obj: Json, key: str) -> bool:
    return any(key in (obj.get(field) or {}) for field in ("data", "stringData", "binaryData"))


def missing_volumes(store: Store, pod: Json) -> list[tuple[str, str]]:
    """Volumes that cannot be set up, with the reason: a ConfigMap, Secret or key is missing."""
    found: list[tuple[str, str]] = []
    for volume in pod["spec"].get("volumes") or []:
        for reason in _volume_problems(store, namespace_of(pod), volume):
            found.append((volume["name"], reason))
            break
    return found


def _volume_problems(store: Store, namespace: str, volume: Json) -> Iterator[str]:
    for kind, (resource, _, lower) in _KINDS.items():
        source = volume.get(kind)
        if not source or source.get("optional"):
            continue
        name = source.get("name") or source.get("secretName") or ""
        obj = store.get(resource, namespace, name)
        if obj is None:
            yield f'{lower} "{name}" not found'
            continue
        for item in source.get("items") or []:
            if not _has_key(obj, item["key"]):
                yield (
                    f"configmap references non-existent config key: {item['key']}"
                    if kind == "configMap"
                    else (f"references non-existent secret key: {item['key']}")
                )


def referred_names(pod: Json) -> set[tuple[str, str]]:
    """(shelf, name) of every ConfigMap and Secret that a pod refers to."""
    found: set[tuple[str, str]] = set()
    spec = pod["spec"]
    for volume in spec.get("volumes") or []:
        for kind, (resource, _, _) in _KINDS.items():
            source = volume.get(kind) or {}
            found.add((resource.shelf, source.get("name") or source.get("secretName") or ""))
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        sources = [*(container.get("envFrom") or []), *((e.get("valueFrom") or {}) for e in container.get("env") or [])]
        for source in sources:
            for kind, (resource, _, _) in _KINDS.items():
                reference = source.get(f"{kind}Ref") or source.get(f"{kind}KeyRef") or {}
                found.add((resource.shelf, reference.get("name", "")))
    return found
