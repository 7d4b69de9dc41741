"""Worlds: a cluster and its past, read from a folder."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from evals.emulators.kubernetes.api_request import load_documents
from evals.emulators.kubernetes.behaviours import Behaviour
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.decoding import check_fields
from evals.emulators.kubernetes.errors import ApiError
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.objects import Json, copy_json
from evals.emulators.kubernetes.patching import merge_patch, strategic_merge_patch
from evals.emulators.kubernetes.resources import Resource
from evals.emulators.kubernetes.server import KubernetesEmulator
from evals.emulators.kubernetes.timing import parse_duration, parse_time, rfc3339
from evals.emulators.kubernetes.writes import WriteOptions

APPLIED = "kubectl-client-side-apply"
_RELATIVE = re.compile(r"now([+-][0-9.dhms]+)?")
FIRST = "-24h"  # when the manifests of a world were applied, unless its history says otherwise


class Reference(BaseModel):
    """An object in a history step. `api_version` may be left out for kinds that only one group has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    name: str
    namespace: str = ""
    api_version: str = ""


class Step(BaseModel):
    """One thing that happened. `at` is a duration before now such as -20m, or an RFC 3339 time.

    `apply` is a manifest file of the world or an object; `patch` a strategic merge patch of `object`; `set_image`
    maps container to image; `scale` a number of replicas; `delete: true` deletes `object`. `manager` is who did it,
    as managedFields will show.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str
    object: Reference | None = None
    apply: str | Json | list[Json] | None = None
    patch: Json | None = None
    set_image: dict[str, str] | None = None
    scale: int | None = None
    delete: bool = False
    manager: str = "kubectl-edit"
    note: str = ""


class History(BaseModel):
    """history.yaml: when the manifests were applied, and what happened since, in order of time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: str = FIRST
    steps: list[Step] = []


class UserEntry(BaseModel):
    """A user of users.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    groups: list[str] = []
    token: str = ""


async def load_world(emulator: KubernetesEmulator, folder: Path | str) -> None:
    """Fill an emulator from a folder and play its past up to now.

    In manifests a text such as `now-20m` becomes that time.

    Files: `cluster/*.yaml` manifests, applied in order of file names at `start` of the history; `kubelet.yaml` rules
    of how containers behave; `users.yaml` tokens and groups; `history.yaml` what happened since. All but `cluster/`
    may be missing. Raises ValueError naming the file and the object that the server would refuse.
    """
    root = Path(folder)
    cluster = emulator.cluster
    emulator.paused = True
    try:
        for entry in _read(root / "users.yaml") or []:
            user = UserEntry.model_validate(entry)
            cluster.users.add(user.name, user.groups, user.token)
        now = cluster.now()
        cluster.behaviours.rules = [_rule(rule, now) for rule in _read(root / "kubelet.yaml") or []]
        _play(cluster, root, History.model_validate(_read(root / "history.yaml") or {}))
    finally:
        emulator.paused = False


def _rule(rule: Json, now: datetime) -> Behaviour:
    """A rule whose times may be durations before now."""
    match = {
        key: _moment(value, now) if key in ("since", "until") else value
        for key, value in (rule.get("match") or {}).items()
    }
    return Behaviour.model_validate({**rule, "match": match})


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) if path.exists() else None
    except yaml.YAMLError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc


def _documents(path: Path) -> list[Json]:
    try:
        return load_documents(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc


def _play(cluster: Cluster, root: Path, history: History) -> None:
    now = cluster.now()
    start = _moment(history.start, now)
    steps = sorted(((_moment(step.at, now), step) for step in history.steps), key=lambda pair: pair[0])
    _backdate(cluster, start)
    cluster.play(start, lambda: _apply_files(cluster, sorted((root / "cluster").glob("*.yaml")), now))
    for moment, step in steps:
        if not start <= moment <= now:
            raise ValueError(f"history step at {step.at} lies outside {history.start} and now")
        cluster.play(moment, lambda step=step: _take(cluster, root, step))  # type: ignore[misc]
    cluster.live()


def _moment(text: str, now: datetime) -> datetime:
    if text[:1] in "-+" or text[-1:] in "smhd":
        return now + parse_duration(text)
    return parse_time(text)


def _backdate(cluster: Cluster, start: datetime) -> None:
    """The objects a cluster begins with are older than what a world brings."""
    created = rfc3339(start - timedelta(days=30))
    for resource in cluster.registry.shelves():
        for obj in cluster.store.items(resource):
            changed = copy_json(obj)
            changed["metadata"]["creationTimestamp"] = created
            cluster.store.put(resource, changed)


def _apply_files(cluster: Cluster, paths: Iterable[Path], now: datetime) -> None:
    for path in paths:
        for obj in _documents(path):
            _apply(cluster, _dated(obj, now), APPLIED, path.name)


def _dated(value: Any, now: datetime) -> Any:
    """The same data with every `now-20m` as the time it means."""
    if isinstance(value, dict):
        return {key: _dated(member, now) for key, member in value.items()}
    if isinstance(value, list):
        return [_dated(member, now) for member in value]
    if isinstance(value, str) and _RELATIVE.fullmatch(value):
        return rfc3339(now + parse_duration(value.removeprefix("now") or "0s"))
    return value


def _apply(cluster: Cluster, obj: Json, manager: str, origin: str) -> None:
    """Create an object, or merge it into the one that is there."""
    resource = _resource(cluster, obj, origin)
    body = copy_json(obj)
    namespace = body["metadata"].get("namespace", "default") if resource.namespaced else ""
    name = body["metadata"].get("name", "")
    options = WriteOptions(Manager(manager), keep_status=True)
    try:
        check_fields(resource, body, "Strict")
        current = cluster.store.get(resource, namespace, name)
        if current is None:
            cluster.writer.create(resource, namespace, body, options)
        else:
            cluster.writer.update(resource, current, strategic_merge_patch(resource, current, body), options)
    except ApiError as exc:
        raise ValueError(f"{origin}: {resource.kind} {namespace}/{name}: {exc.message}") from exc
    cluster.engine.run()


def _resource(cluster: Cluster, obj: Json, origin: str) -> Resource:
    try:
        return cluster.resource_of(obj)
    except ValueError as exc:
        raise ValueError(f"{origin}: {exc}") from exc


def _take(cluster: Cluster, root: Path, step: Step) -> None:
    if isinstance(step.apply, str):
        for obj in _documents(root / step.apply):
            _apply(cluster, obj, step.manager, step.apply)
        return
    if step.apply is not None:
        for obj in step.apply if isinstance(step.apply, list) else [step.apply]:
            _apply(cluster, obj, step.manager, f"history step at {step.at}")
        return
    if step.object is None:
        raise ValueError(f"history step at {step.at}: it needs apply or object")
    resource, current = _referred(cluster, step.object)
    if step.delete:
        cluster.writer.delete(resource, current)
        return
    new = _changed(resource, current, step)
    cluster.writer.update(resource, current, new, WriteOptions(Manager(step.manager)))


def _referred(cluster: Cluster, reference: Reference) -> tuple[Resource, Json]:
    for resource in cluster.registry:
        if resource.kind == reference.kind and reference.api_version in ("", resource.api_version):
            found = cluster.store.get(resource, reference.namespace, reference.name)
            if found is not None:
                return resource, found
    raise ValueError(f"history: no {reference.kind} {reference.namespace}/{reference.name}")


def _changed(resource: Resource, current: Json, step: Step) -> Json:
    patch: Json = copy_json(step.patch or {})
    if step.set_image:
        images = [{"name": name, "image": image} for name, image in step.set_image.items()]
        patch = merge_patch(patch, {"spec": {"template": {"spec": {"containers": images}}}})
    if step.scale is not None:
        patch = merge_patch(patch, {"spec": {"replicas": step.scale}})
    if resource.custom:
        merged: Json = merge_patch(current, patch)
        return merged
    return strategic_merge_patch(resource, current, patch)
