"""A namespace of thousands of pods behind a server of its own process: lists with selectors and pages, logs."""

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

from evals.emulators.kubernetes.selectors import label_selector

Json = dict[str, Any]

NAMESPACE = "big"
TARGET = "checkout"
PODS_EACH = 20
NOISE_EVENTS = 3000
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BROKEN = 3
LOG = "\n".join(f"2026-11-22T11:59:{second:02}.000000000Z starting worker {second}" for second in range(40)) + (
    "\n2026-11-22T11:59:50.000000000Z ERROR dial tcp: lookup orders-db: no such host\n"
)


@dataclass
class Store:
    """Raw objects by plural, and how often it was asked."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    calls: int = 0

    def add(self, plural: str, item: Json) -> None:
        self.objects.setdefault(plural, []).append(item)


def serve(pods: int, pipe: Connection) -> None:
    """Run the server until the other end of the pipe says so; its port is the first message."""
    asyncio.run(_serve(pods, pipe))


async def _serve(pods: int, pipe: Connection) -> None:
    store = build(pods)
    app = web.Application()
    app.router.add_get("/{path:.*}", lambda request: _answer(store, request))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server: Any = site._server
    pipe.send(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv) == "calls":
        pipe.send(store.calls)
        store.calls = 0
    await runner.cleanup()


async def _answer(store: Store, request: web.Request) -> web.Response:
    store.calls += 1
    parts = request.match_info["path"].split("/")
    if parts[-1] == "log":
        return web.Response(text=LOG)
    inside = parts[parts.index(NAMESPACE) + 1 :] if NAMESPACE in parts else parts[3 if parts[0] == "apis" else 2 :]
    plural, name = inside[0] if inside else "", inside[1] if len(inside) > 1 else ""
    items = store.objects.get(plural, [])
    if name:
        return _one([item for item in items if item["metadata"]["name"] == name], name)
    return _page(request, items)


def _one(found: list[Json], name: str) -> web.Response:
    if found:
        return web.json_response(found[0])
    status = {
        "kind": "Status",
        "status": "Failure",
        "reason": "NotFound",
        "message": f'"{name}" not found',
        "code": 404,
    }
    return web.json_response(status, status=404)


def _page(request: web.Request, items: list[Json]) -> web.Response:
    labels = label_selector(request.query.get("labelSelector", ""))
    wanted = [term.partition("=") for term in request.query.get("fieldSelector", "").split(",") if term]
    found = [
        item
        for item in items
        if labels(item["metadata"].get("labels") or {}) and all(_at(item, path) == value for path, _, value in wanted)
    ]
    start, limit = int(request.query.get("continue") or 0), int(request.query.get("limit") or 0) or len(found)
    page, rest = found[start : start + limit], len(found) - start - limit
    meta = {"resourceVersion": "1"} | ({"continue": str(start + limit), "remainingItemCount": rest} if rest > 0 else {})
    return web.json_response({"kind": "List", "apiVersion": "v1", "metadata": meta, "items": page}, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _at(item: Json, path: str) -> str:
    value: Any = item
    for part in path.split("."):
        value = (value or {}).get(part)
    return str(value or "")


def build(pods: int) -> Store:
    """The namespace: `pods` in Deployments of 20; three pods of `checkout` crash; events of an hour beside."""
    rng, store = random.Random(7), Store()
    names = [TARGET, *(f"service-{number:03}" for number in range(1, pods // PODS_EACH))]
    for name in names:
        _add_deployment(store, name, rng)
    for number in range(NOISE_EVENTS):
        name = rng.choice(names)
        store.add(
            "events", _event(f"noise-{number}", f"{name}-abcde-{number % PODS_EACH:05}", "Pulled", "image pulled")
        )
    return store


def _add_deployment(store: Store, name: str, rng: random.Random) -> None:
    template = {"metadata": {"labels": {"app": name}}, "spec": _pod_spec(name)}
    ready = PODS_EACH - BROKEN if name == TARGET else PODS_EACH
    counts = {"replicas": PODS_EACH, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": PODS_EACH}
    selector = {"matchLabels": {"app": name}}
    spec = {"replicas": PODS_EACH, "selector": selector, "template": template, "strategy": {"type": "RollingUpdate"}}
    annotations = {"deployment.kubernetes.io/revision": "3"}
    owner = _meta(name, "Deployment", annotations=annotations, generation=3)
    store.add("deployments", {"metadata": owner, "spec": spec, "status": counts | {"observedGeneration": 3}})
    for revision, hash_ in ((1, "aaaaa"), (2, "bbbbb"), (3, "abcde")):
        set_name = f"{name}-{hash_}"
        notes = {"deployment.kubernetes.io/revision": str(revision)}
        meta = _meta(
            set_name, "ReplicaSet", {"app": name}, annotations=notes, ownerReferences=[_owner("Deployment", name)]
        )
        store.add("replicasets", {"metadata": meta, "spec": {**spec, "replicas": PODS_EACH if revision == 3 else 0}})
    store.add(
        "services", {"metadata": _meta(name, "Service"), "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}
    )
    store.add("endpointslices", _slice(name, ready))
    for number in range(PODS_EACH):
        store.add("pods", _pod(name, number, broken=name == TARGET and number < BROKEN, rng=rng))
    if name == TARGET:
        for number in range(BROKEN):
            for place in range(40):
                pod = f"{name}-abcde-{number:05}"
                store.add("events", _event(f"{pod}.{place}", pod, "BackOff", "Back-off restarting failed container"))


def _slice(name: str, ready: int) -> Json:
    endpoints = [
        {"addresses": [f"10.0.0.{number}"], "conditions": {"ready": number < ready}} for number in range(PODS_EACH)
    ]
    meta = _meta(f"{name}-x1", "EndpointSlice", {"kubernetes.io/service-name": name})
    return {"metadata": meta, "addressType": "IPv4", "endpoints": endpoints, "ports": [{"port": 8080}]}


def _pod(name: str, number: int, *, broken: bool, rng: random.Random) -> Json:
    """About 7 kB, as pods with managed fields are."""
    labels = {
        "app": name,
        "pod-template-hash": "abcde",
        "app.kubernetes.io/part-of": "shop",
        "team": f"team-{number % 7}",
    }
    meta = _meta(f"{name}-abcde-{number:05}", "Pod", labels, ownerReferences=[_owner("ReplicaSet", f"{name}-abcde")])
    now = NOW.isoformat().replace("+00:00", "Z")
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": now, "startedAt": now}}
    container = {
        "name": "app",
        "ready": not broken,
        "restartCount": 9 if broken else 0,
        "image": f"registry.example/{name}:1",
        "imageID": f"registry.example/{name}@sha256:{rng.getrandbits(256):064x}",
        "state": waiting if broken else {"running": {"startedAt": now}},
        "lastState": ended if broken else {},
    }
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    conditions = [
        {"type": kind, "status": "False" if broken and "Read" in kind[:9] else "True", "lastTransitionTime": now}
        for kind in kinds
    ]
    status = {"phase": "Running", "conditions": conditions, "containerStatuses": [container], "startTime": now}
    return {"metadata": meta, "spec": {**_pod_spec(name), "nodeName": f"node-{number % 50:03}"}, "status": status}


def _pod_spec(name: str) -> Json:
    env = [{"name": f"SETTING_{number}", "value": f"value of setting {number} of {name}"} for number in range(12)]
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
    amounts = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    box = {
        "name": "app",
        "image": f"registry.example/{name}:1",
        "env": env,
        "resources": amounts,
        "readinessProbe": probe,
    }
    return {"containers": [box], "restartPolicy": "Always", "tolerations": [{"key": "a", "operator": "Exists"}]}


def _event(name: str, pod: str, reason: str, message: str) -> Json:
    involved = {"kind": "Pod", "namespace": NAMESPACE, "name": pod, "uid": _uid("Pod", pod), "apiVersion": "v1"}
    at = (NOW - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 3, "type": "Warning"}
    return {"metadata": _meta(name, "Event"), "involvedObject": involved, "reason": reason, "message": message, **times}


def _meta(name: str, kind: str, labels: dict[str, str] | None = None, **more: Any) -> Json:
    born = (NOW - timedelta(hours=3)).isoformat().replace("+00:00", "Z")
    base = {"name": name, "namespace": NAMESPACE, "uid": _uid(kind, name), "creationTimestamp": born}
    return base | {"labels": labels or {"app": name}, "managedFields": list(_managed()), "resourceVersion": "7"} | more


def _managed() -> Iterator[Json]:
    fields: Json = {f"f:field{number}": {"f:inner": {}, "f:other": {".": {}, "f:deep": {}}} for number in range(20)}
    for manager in ("kube-controller-manager", "kubelet"):
        yield {"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": fields}}


def _owner(kind: str, name: str) -> Json:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": _uid(kind, name), "controller": True}


def _uid(kind: str, name: str) -> str:
    return f"uid-{kind.lower()}-{name}"
