"""Sending a recorded request to the emulator, and comparing two answers whose names, times and versions differ."""

import json
import re
from typing import Any

from aiohttp import ClientSession

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.catalogue import PODS, REPLICA_SETS
from evals.emulators.kubernetes.objects import name_of
from tests.builders.recorded_cluster import USERS, Recording

_PATTERNS = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UID"),
    (re.compile(r"eyJ2Ijoi[\w-]+"), "TOKEN"),
    (re.compile(r"kube-api-access-\w{5}"), "kube-api-access"),
    (re.compile(r"\.[0-9a-f]{16}\b"), ".EVENT"),
    (re.compile(r"\bweb-[a-z0-9]{5}(?=\")"), "web-SLICE"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"back-off (\d+m)?\d+s"), "back-off LONG"),
    (re.compile(r"127\.0\.0\.1:\d+|192\.0\.2\.2:16443"), "ADDRESS"),
]
_RUN_BY_RUN = {"resourceVersion", "podIP", "nodeName", "zone", "topology.kubernetes.io/zone", "remainingItemCount"}


def name_map(emulator: KubernetesEmulator) -> dict[str, str]:
    """Recorded names of ReplicaSets and pods to the emulator's."""
    store = emulator.cluster.store
    sets = {name_of(item).rsplit("-", 1)[0]: name_of(item) for item in store.items(REPLICA_SETS, "rec")}
    pods: dict[str, list[str]] = {}
    for pod in store.items(PODS, "rec"):
        pods.setdefault(name_of(pod).split("-", 1)[0], []).append(name_of(pod))
    found = dict(zip(("web-765d67db9-65gb6", "web-765d67db9-lltpl", "web-765d67db9-s8kgs"), pods["web"], strict=True))
    found |= {"crash-5dc55c976b-j7f2c": pods["crash"][0], "pull-846778fcd-42h59": pods["pull"][0]}
    for name, old in {"web": "765d67db9", "crash": "5dc55c976b", "pull": "846778fcd"}.items():
        found |= {f"{name}-{old}": sets[name], old: sets[name].rsplit("-", 1)[1]}
    return found


def _translate(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


async def send(
    emulator: KubernetesEmulator, recording: Recording, names: dict[str, str]
) -> tuple[int, dict[str, str], Any]:
    """Send a recorded request with the emulator's names; (status, headers, body)."""
    request = recording.request
    accept = next(value for key, value in reversed(request["headers"]) if key == "Accept")
    headers = [(key, value) for key, value in request["headers"] if key != "Accept"]
    headers += [("Accept", accept), ("User-Agent", "python-requests/2.32")]
    user = USERS.get(request["as"])
    if user:
        headers.append(("Authorization", f"Bearer {emulator.token_for(user)}"))
    body = request.get("body")
    data = None if body is None else _translate(body if isinstance(body, str) else json.dumps(body), names)
    url = emulator.url + _translate(request["path"], names)
    async with (
        ClientSession() as session,
        session.request(request["method"], url, data=data, headers=headers) as response,
    ):
        raw = await response.read()
        is_json = response.content_type == "application/json" and "watch=true" not in request["path"]
        return response.status, dict(response.headers), json.loads(raw) if is_json else raw.decode()


def normal(body: Any, names: dict[str, str] | None = None) -> Any:
    """A body in which everything that differs from run to run is replaced."""
    text = _translate(json.dumps(body), {new: old for old, new in (names or {}).items()})
    for pattern, mark in _PATTERNS:
        text = pattern.sub(mark, text)
    found = json.loads(text)
    _tidy(found)
    return found


def _tidy(value: Any) -> None:
    if isinstance(value, list):
        for member in value:
            _tidy(member)
    elif isinstance(value, dict):
        for key in _RUN_BY_RUN & value.keys():
            value[key] = "HERE"
        for key in ("items", "managedFields", "endpoints"):
            if isinstance(value.get(key), list):
                value[key].sort(key=_place)
        for member in value.values():
            _tidy(member)


def _place(item: dict[str, Any]) -> str:
    name = item.get("metadata", {}).get("name") or item.get("targetRef", {}).get("name")
    return str(name or (item.get("operation"), item.get("manager"), item.get("subresource")))


def differences(ours: Any, recorded: Any, path: str = "") -> list[str]:
    """Paths at which two normalised bodies differ, with both values."""
    if isinstance(ours, dict) and isinstance(recorded, dict):
        found = [f"{path}.{key}: only recorded" for key in recorded.keys() - ours.keys()]
        found += [f"{path}.{key}: only ours" for key in ours.keys() - recorded.keys()]
        for key in ours.keys() & recorded.keys():
            found += differences(ours[key], recorded[key], f"{path}.{key}")
        return found
    if isinstance(ours, list) and isinstance(recorded, list):
        if len(ours) != len(recorded):
            return [f"{path}: {len(ours)} items, recorded {len(recorded)}"]
        pairs = enumerate(zip(ours, recorded, strict=True))
        return [line for index, pair in pairs for line in differences(*pair, f"{path}[{index}]")]
    return [] if ours == recorded else [f"{path}: {str(ours)[:120]!r}, recorded {str(recorded)[:120]!r}"]
