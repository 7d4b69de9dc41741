"""The ResourceQuota admission plugin: what is used, and whether one more object fits."""

from collections.abc import Iterator
from decimal import Decimal

from evals.emulators.kubernetes.catalogue import CLAIMS, CONFIGMAPS, PODS, SECRETS, SERVICES
from evals.emulators.kubernetes.objects import Json, dig
from evals.emulators.kubernetes.pod_defaults import containers_of
from evals.emulators.kubernetes.quantities import format_quantity, is_binary, parse_quantity
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.store import Store

Usage = dict[str, Decimal]
_COUNTED = {resource.qualified: resource for resource in (PODS, SERVICES, CONFIGMAPS, SECRETS, CLAIMS)}
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_FINISHED = ("Succeeded", "Failed")


def usage_of(resource: Resource, obj: Json) -> Usage:
    """What one object counts against a quota."""
    if resource.shelf == "pods":
        return _pod_usage(obj)
    used = {f"count/{resource.qualified}": Decimal(1)}
    if resource.qualified in _COUNTED:
        used[resource.plural] = Decimal(1)
    if resource.shelf == "persistentvolumeclaims":
        used["requests.storage"] = parse_quantity(dig(obj, "spec", "resources", "requests", "storage") or 0)
    return used


def _pod_usage(pod: Json) -> Usage:
    if dig(pod, "status", "phase") in _FINISHED:
        return {}
    used: Usage = {"pods": Decimal(1), "count/pods": Decimal(1)}
    for container in pod["spec"].get("containers") or []:
        for field in ("requests", "limits"):
            for resource, amount in (dig(container, "resources", field) or {}).items():
                _add(used, f"{field}.{resource}", parse_quantity(amount))
    for resource in _COMPUTE:
        if f"requests.{resource}" in used:
            used[resource] = used[f"requests.{resource}"]
    return used


def _add(total: Usage, key: str, amount: Decimal) -> None:
    total[key] = total.get(key, Decimal(0)) + amount


def quota_usage(store: Store, quota: Json, resources: list[Resource]) -> dict[str, str]:
    """`status.used` of a quota now."""
    hard: dict[str, str] = dig(quota, "spec", "hard") or {}
    total: Usage = dict.fromkeys(hard, Decimal(0))
    for resource in resources:
        if not resource.namespaced or not any(_concerns(key, resource) for key in hard):
            continue
        for obj in store.items(resource, quota["metadata"]["namespace"]):
            for key, amount in usage_of(resource, obj).items():
                if key in total:
                    total[key] += amount
    return {key: format_quantity(value, binary=is_binary(key)) for key, value in total.items()}


def _concerns(key: str, resource: Resource) -> bool:
    if key in (resource.plural, f"count/{resource.qualified}"):
        return True
    if resource.shelf == "pods":
        return key in _COMPUTE or key.startswith(("requests.", "limits."))
    return resource.shelf == "persistentvolumeclaims" and key == "requests.storage"


def quota_refusal(store: Store, quota: Json, resource: Resource, obj: Json) -> str | None:
    """Why a quota refuses a new object, in the plugin's words; None when it fits."""
    name, hard = quota["metadata"]["name"], dig(quota, "spec", "hard") or {}
    wanted = {key: amount for key, amount in usage_of(resource, obj).items() if key in hard}
    missing = list(_unspecified(resource, obj, hard))
    if missing:
        return f"failed quota: {name}: must specify {'; '.join(missing)}"
    used = {key: parse_quantity(value) for key, value in quota_usage(store, quota, [resource]).items()}
    over = sorted(key for key, amount in wanted.items() if used[key] + amount > parse_quantity(hard[key]))
    if not over:
        return None
    limited = {key: parse_quantity(hard[key]) for key in over}
    return (
        f"exceeded quota: {name}, requested: {_listing(over, wanted)}, "
        f"used: {_listing(over, used)}, limited: {_listing(over, limited)}"
    )


def _listing(keys: list[str], amounts: Usage) -> str:
    return ",".join(f"{key}={format_quantity(amounts[key], binary=is_binary(key))}" for key in keys)


def _unspecified(resource: Resource, obj: Json, hard: dict[str, str]) -> Iterator[str]:
    if resource.shelf != "pods":
        return
    for key in sorted(hard):
        field, _, name = key.partition(".") if "." in key else ("requests", ".", key)
        if name not in _COMPUTE:
            continue
        lacking = [c["name"] for c in containers_of(obj["spec"]) if not dig(c, "resources", field, name)]
        if lacking:
            yield f"{key} for: {','.join(sorted(lacking))}"
