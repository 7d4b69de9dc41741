"""Small worlds, one YAML file each: read, and put side by side into one emulated cluster, each in its namespace."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

CASES = Path(__file__).parent / "worlds" / "cases"
START = "-3h"
Json = dict[str, Any]
_CLUSTER_WIDE = frozenset(
    (
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ClusterSecretStore",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    )
)
_GROUPS = {
    ("gateway.networking.k8s.io", "v1"): (
        ("GatewayClass", "gatewayclasses"),
        ("Gateway", "gateways"),
        ("HTTPRoute", "httproutes"),
    ),
    ("cert-manager.io", "v1"): (("Certificate", "certificates"),),
    ("external-secrets.io", "v1"): (("ExternalSecret", "externalsecrets"), ("SecretStore", "secretstores")),
    ("argoproj.io", "v1alpha1"): (("Application", "applications"), ("Rollout", "rollouts")),
    ("kustomize.toolkit.fluxcd.io", "v1"): (("Kustomization", "kustomizations"),),
    ("helm.toolkit.fluxcd.io", "v2"): (("HelmRelease", "helmreleases"),),
    ("source.toolkit.fluxcd.io", "v1"): (("GitRepository", "gitrepositories"),),
}


class Expect(BaseModel, extra="forbid", frozen=True):
    """What the diagnosis must say. `root` None: nothing is wrong. `top3`: other answers that would do at rank 2 or 3.

    `notes`: remarks that must be there. `says`: texts that the summary must contain.
    """

    root: str | None
    top3: tuple[str, ...] = ()
    verdict: Literal["confirmed", "likely", "inconclusive"] = "confirmed"
    health: str
    notes: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


class Case(BaseModel):
    """One case. `without`: base objects ("Kind/name") left out; `given`: objects added or merged over base ones.

    `kubelet` and `history` are those of a world, without namespaces. `target`: "Kind/name" that is asked about.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    family: str
    why: str
    target: str = "Deployment/checkout"
    without: tuple[str, ...] = ()
    given: list[Json] = []
    kubelet: list[Json] = []
    history: list[Json] = []
    expect: Expect

    @property
    def namespace(self) -> str:
        return self.name

    @property
    def is_negative(self) -> bool:
        return self.expect.root is None


def read_cases(folder: Path = CASES) -> tuple[Case, ...]:
    """All cases of a folder, sorted by name; files that begin with an underscore are shared parts."""
    paths = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Case:
    try:
        return Case.model_validate({**yaml.safe_load(path.read_text(encoding="utf-8")), "name": path.stem})
    except ValueError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc


def write_world(cases: tuple[Case, ...], folder: Path, shared: Path = CASES) -> None:
    """Write one world folder that holds every case in its own namespace (evals/emulators/kubernetes/README.md)."""
    base = yaml.safe_load((shared / "_base.yaml").read_text(encoding="utf-8"))
    common = yaml.safe_load((shared / "_cluster.yaml").read_text(encoding="utf-8"))
    (folder / "cluster").mkdir(parents=True)
    _dump(folder / "cluster" / "00-shared.yaml", [*common, *_definitions()])
    for number, case in enumerate(cases):
        _dump(folder / "cluster" / f"{number + 1:03}-{case.name}.yaml", _objects(case, base))
    _write(folder / "kubelet.yaml", [_rule(rule, case.namespace) for case in cases for rule in case.kubelet] + _noise())
    steps = [_step(step, case.namespace) for case in cases for step in case.history]
    _write(folder / "history.yaml", {"start": START, "steps": steps})


def _objects(case: Case, base: list[Json]) -> list[Json]:
    """The base with what the case changes, in its namespace; the namespace first."""
    held = {_key(one): deepcopy(one) for one in base if _key(one) not in case.without}
    for one in case.given:
        held[_key(one)] = merge(held.get(_key(one), {}), one)
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": case.namespace, "labels": {"case": case.name}},
    }
    own = held.pop(f"Namespace/{case.namespace}", space)
    return [own, *(_placed(one, case.namespace) for one in sorted(held.values(), key=_rank))]


def _rank(one: Json) -> int:
    """What pods refer to comes before them."""
    return int(one["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"})


def merge(old: Any, new: Any) -> Any:
    """A merge patch, but for lists of named objects, which are merged by name."""
    if isinstance(old, dict) and isinstance(new, dict):
        kept = {key: old[key] for key in old if key not in new}
        return kept | {key: merge(old.get(key), value) for key, value in new.items() if value is not None}
    if _named(old) and _named(new):
        mine = {one["name"]: one for one in new}
        rest = [one for name, one in mine.items() if name not in {other["name"] for other in old}]
        return [merge(one, mine.get(one["name"], {})) for one in old] + rest
    return new


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)


def _placed(one: Json, namespace: str) -> Json:
    if one["kind"] in _CLUSTER_WIDE:
        return one
    return {**one, "metadata": {"namespace": namespace, **one["metadata"]}}


def _rule(rule: Json, namespace: str) -> Json:
    return {**rule, "match": {"namespace": namespace, **(rule.get("match") or {})}}


def _noise() -> list[Json]:
    """Neighbours that are well now: one that crashed once after two hours, one whose log looks bad and is not."""
    return [
        {
            "match": {"workload": "mailer"},
            "do": "exit",
            "exit_code": 1,
            "after_seconds": 7300,
            "ready_after_seconds": 1,
        },
        {"match": {"workload": "frontend"}, "do": "run", "logs": ["WARN  deprecated flag --legacy, ignored"]},
    ]


def _step(step: Json, namespace: str) -> Json:
    if "object" in step:
        return {**step, "object": {"namespace": namespace, **step["object"]}}
    applied = step.get("apply")
    if isinstance(applied, dict):
        return {**step, "apply": _placed(applied, namespace)}
    return {**step, "apply": [_placed(one, namespace) for one in applied or ()]}


def _definitions() -> list[Json]:
    return [
        _definition(group, version, kind, plural)
        for (group, version), kinds in _GROUPS.items()
        for kind, plural in kinds
    ]


def _definition(group: str, version: str, kind: str, plural: str) -> Json:
    served = {"name": version, "served": True, "storage": True, "subresources": {"status": {}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Cluster" if kind in _CLUSTER_WIDE else "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [served],
        },
    }


def _key(one: Json) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


def _dump(path: Path, objects: list[Json]) -> None:
    path.write_text(yaml.safe_dump_all(objects, sort_keys=False), encoding="utf-8")


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$")
"""A case is named like the namespace it gets."""
