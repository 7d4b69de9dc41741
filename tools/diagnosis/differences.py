"""What differs between two settings of one workload, without any value of configuration. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.cluster.models.network import NetworkPolicy, Service
from tools.contract import Change
from tools.diagnosis.change_words import in_words, variable
from tools.diagnosis.observations import Dependency
from tools.diagnosis.revisions import template_changes
from tools.diagnosis.setting import Setting

EXPECTED = frozenset(("restartedAt",))  # says nothing about configuration
_AREAS = (
    (".image", "image"),
    (".envFrom", "configuration"),
    (".env", "configuration"),
    (".resources", "resources"),
    ("Probe", "probes"),
    (".ports", "network"),
    (".command", "command"),
    (".args", "command"),
    ("volumes", "volumes"),
    ("serviceAccountName", "identity"),
    ("labels", "labels"),
    ("containers[", "containers"),
)


@dataclass(frozen=True)
class Difference:
    """One field: `here` in the environment that works, `there` in the one that fails; None: it is not there.

    `what`: the field in words. `names`: words by which a failure would name it.
    """

    area: str
    path: str
    what: str
    here: str | None
    there: str | None
    names: tuple[str, ...] = ()


def differences(works: Setting, fails: Setting) -> tuple[Difference, ...]:
    """All differences, by area in the order of a pod's life."""
    found = [
        *_template(works, fails),
        *_replicas(works, fails),
        *_storage(works, fails),
        *_dependencies(works, fails),
        *_config(works, fails),
        *_services(works, fails),
        *_policies(works, fails),
        *_limits(works, fails),
    ]
    return tuple(dict.fromkeys(found))


def _template(works: Setting, fails: Setting) -> Iterator[Difference]:
    for change in template_changes(works.template, fails.template):
        if change.path not in EXPECTED:
            what = in_words((Change(path=change.path, before="a value", after="another value"),))
            yield Difference(_area(change.path), change.path, what, change.before, change.after, _named(change))


def _area(path: str) -> str:
    return next((area for part, area in _AREAS if part in path), "scheduling")


def _named(change: Change) -> tuple[str, ...]:
    """Words of a failure that speak of the field: its variable, its images, "limits.memory 64Mi", "app=search"."""
    there, path = change.after or "", change.path
    if name := variable(change):
        return (name,)
    if path.endswith(".image"):
        return tuple(side for side in (change.before, change.after) if side)
    if ".resources." in path and there:
        kind, _, resource = path.rpartition("resources.")[2].partition(".")
        inside = (f"limit of {there}",) if kind == "limits" else (f"{resource} {there}", f"asks for {there}")
        return (f"{kind}.{resource} {there}", *inside)
    if path.endswith("Probe"):
        return (there.partition(", delay")[0],)
    if path == "labels":
        return tuple({*there.split(", ")} ^ {*(change.before or "").split(", ")})
    return ()


def _replicas(works: Setting, fails: Setting) -> Iterator[Difference]:
    yield from _plain("replicas", "kind", "the kind of workload", (works.seen.target.kind, fails.seen.target.kind))
    if works.workload and fails.workload:
        yield from _plain("replicas", "spec.replicas", "the number of replicas", (_count(works), _count(fails)))
    yield from _plain(
        "replicas", "HorizontalPodAutoscaler", "the bounds of the autoscaler", (_scaler(works), _scaler(fails))
    )
    if not (works.lacks("poddisruptionbudgets") or fails.lacks("poddisruptionbudgets")):
        yield from _plain(
            "replicas", "PodDisruptionBudget", "the disruption budget", (_budgets(works), _budgets(fails))
        )


def _count(setting: Setting) -> str:
    return str(setting.workload.desired()) if setting.workload else ""


def _scaler(setting: Setting) -> str:
    return ", ".join(f"{one.spec.min_replicas or 1} to {one.spec.max_replicas}" for one in setting.scalers)


def _budgets(setting: Setting) -> str:
    return ", ".join(sorted(one.name for one in setting.budgets))


def _storage(works: Setting, fails: Setting) -> Iterator[Difference]:
    """What a StatefulSet asks for each of its pods."""
    mine, theirs = (_claims(side) for side in (works, fails))
    for name in sorted({*mine, *theirs}):
        here, there = mine.get(name, {}), theirs.get(name, {})
        for field in sorted({*here, *there}):
            sides = here.get(field, ""), there.get(field, "")
            what = f"the {field} of the volume {name}"
            yield from _plain(
                "storage", f"volumeClaimTemplates[{name}] {field}", what, sides, tuple(filter(None, sides))
            )


def _claims(setting: Setting) -> dict[str, dict[str, str]]:
    templates = setting.workload.spec.volume_claim_templates if setting.workload else ()
    return {str((one.get("metadata") or {}).get("name", "")): _claim(one.get("spec") or {}) for one in templates}


def _claim(spec: dict[str, Any]) -> dict[str, str]:
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage", "")
    modes = ", ".join(map(str, spec.get("accessModes") or ()))
    return {"storage class": str(spec.get("storageClassName") or ""), "size": str(size), "access modes": modes}


def _dependencies(works: Setting, fails: Setting) -> Iterator[Difference]:
    """What both call and only one can reach."""
    mine, theirs = ({one.host: one for one in side.seen.dependencies if one.service} for side in (works, fails))
    for host in mine:
        if host in theirs and (mine[host].ready() > 0) != (theirs[host].ready() > 0):
            sides = _ready(mine[host]), _ready(theirs[host])
            yield from _plain("dependency", f"dependency {host}", f"its dependency {host}", sides, (host,))


def _ready(dependency: Dependency) -> str:
    return f"{dependency.ready()} ready endpoints" if dependency.ready() else "no ready endpoint"


def _config(works: Setting, fails: Setting) -> Iterator[Difference]:
    """Keys of the ConfigMaps that both read; objects are paired by name, else by their place in the template."""
    for mine, theirs in _paired(works.config_keys, fails.config_keys):
        here, there = works.config_keys[mine], fails.config_keys[theirs]
        if there is None or here is None:
            if here != there:
                path = f"ConfigMap {theirs}"
                yield Difference("configuration", path, f"the {path}", _there(here), _there(there), (theirs,))
            continue
        for key in sorted({*here, *there}):
            if (key in here) != (key in there):
                path = f"ConfigMap {theirs} key {key}"
                what = f"the key {key} of the ConfigMap {theirs}"
                yield Difference("configuration", path, what, _is(key in here), _is(key in there), (key,))


def _paired(works: Mapping[str, object], fails: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    same = [name for name in works if name in fails]
    yield from ((name, name) for name in same)
    yield from zip((n for n in works if n not in same), (n for n in fails if n not in same), strict=False)


def _there(keys: tuple[str, ...] | None) -> str | None:
    return None if keys is None else f"{len(keys)} keys"


def _is(present: bool) -> str | None:
    return "set" if present else None


def _services(works: Setting, fails: Setting) -> Iterator[Difference]:
    mine, theirs = ({one.name: one for one in side.services} for side in (works, fails))
    for name in sorted({*mine, *theirs}):
        if name not in mine or name not in theirs:
            path = f"Service {name}"
            yield Difference("network", path, f"the {path}", _is(name in mine), _is(name in theirs), (name,))
            continue
        here, there = mine[name], theirs[name]
        selectors = _pairs(here.spec.selector), _pairs(there.spec.selector)
        yield from _plain("network", f"Service {name} selector", f"the selector of the Service {name}", selectors)
        ports = _ports(here), _ports(there)
        yield from _plain("network", f"Service {name} ports", f"the ports of the Service {name}", ports)


def _ports(service: Service) -> str:
    return ", ".join(f"{port.port} to {port.target_port or port.port}" for port in service.spec.ports)


def _policies(works: Setting, fails: Setting) -> Iterator[Difference]:
    if works.lacks("networkpolicies") or fails.lacks("networkpolicies"):
        return
    mine, theirs = ({one.name: _policy(one) for one in side.policies} for side in (works, fails))
    for name in sorted({*mine, *theirs}):
        path, sides = f"NetworkPolicy {name}", (mine.get(name, ""), theirs.get(name, ""))
        yield from _plain("policies", path, f"the {path}", sides, (name,))


def _policy(policy: NetworkPolicy) -> str:
    parts = [("Ingress", len(policy.spec.ingress)), ("Egress", len(policy.spec.egress))]
    said = [f"{way.lower()} {rules} rules" for way, rules in parts if way in policy.spec.policy_types]
    return ", ".join(said) or "no direction"


def _limits(works: Setting, fails: Setting) -> Iterator[Difference]:
    if not (works.lacks("resourcequotas") or fails.lacks("resourcequotas")):
        mine, theirs = ({one.name: _pairs(one.status.hard) for one in side.quotas} for side in (works, fails))
        for name in sorted({*mine, *theirs}):
            path, sides = f"ResourceQuota {name}", (mine.get(name, ""), theirs.get(name, ""))
            yield from _plain("quota", path, f"the {path}", sides, (name,))
    if not (works.lacks("limitranges") or fails.lacks("limitranges")):
        yield from _plain("quota", "LimitRange", "the LimitRange of the namespace", (_ranges(works), _ranges(fails)))


def _ranges(setting: Setting) -> str:
    return "; ".join(str(limit) for one in setting.limits for limit in one.spec.limits)


def _pairs(values: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(values.items()))


def _plain(
    area: str, path: str, what: str, sides: tuple[str, str], names: tuple[str, ...] = ()
) -> Iterator[Difference]:
    here, there = sides
    if here != there:
        yield Difference(area, path, what, here or None, there or None, names)
