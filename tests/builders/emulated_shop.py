"""The small world of the emulator's own tests, and a workload to put into an emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.kubernetes.catalogue import DEPLOYMENTS, NAMESPACES, NODES, PODS
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.objects import Json, dig, labels_of

WORLD = Path(__file__).parents[1] / "evals" / "emulators" / "kubernetes" / "world"


@asynccontextmanager
async def shop_world(speed: float = 50.0) -> AsyncIterator[KubernetesEmulator]:
    """An emulator with the world beside the tests: checkout was rolled out badly twenty minutes ago."""
    async with KubernetesEmulator(speed=speed) as emulator:
        await load_world(emulator, WORLD)
        yield emulator


@asynccontextmanager
async def empty_cluster(speed: float = 50.0, nodes: int = 2) -> AsyncIterator[KubernetesEmulator]:
    """An emulator with nodes of 4 CPUs and 8 Gi and the namespace `shop`."""
    async with KubernetesEmulator(speed=speed) as emulator:
        writer = emulator.cluster.writer
        for number in range(nodes):
            capacity = {"cpu": "4", "memory": "8Gi", "pods": "110"}
            writer.create(NODES, "", {"metadata": {"name": f"node-{number}"}, "status": {"capacity": capacity}})
        writer.create(NAMESPACES, "", {"metadata": {"name": "shop"}})
        emulator.cluster.tick()
        yield emulator


def deployment(name: str = "web", image: str = "web:1", replicas: int = 3, **container: Any) -> Json:
    """A Deployment of one container; keywords go into the container."""
    labels = {"app": name}
    spec = {"containers": [{"name": "app", "image": image, **container}]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def put(emulator: KubernetesEmulator, obj: Json) -> Json:
    """Create an object past HTTP."""
    resource = emulator.cluster.resource_of(obj)
    return emulator.cluster.writer.create(resource, obj["metadata"].get("namespace", ""), obj)


def available(cluster: Cluster, name: str) -> int:
    found = cluster.store.get(DEPLOYMENTS, "shop", name)
    return int(dig(found, "status", "availableReplicas") or 0)


def rolled_out(name: str, replicas: int) -> Any:
    """A condition: all pods are of the current template and available, nothing old is left."""

    def holds(cluster: Cluster) -> bool:
        found = cluster.store.get(DEPLOYMENTS, "shop", name)
        if found is None or found["metadata"]["generation"] != dig(found, "status", "observedGeneration"):
            return False
        fields = ("replicas", "updatedReplicas", "availableReplicas")
        return (
            all(found["status"].get(field, 0) == replicas for field in fields) and len(pods(cluster, name)) == replicas
        )

    return holds


def pods(cluster: Cluster, app: str) -> list[Json]:
    return [pod for pod in cluster.store.items(PODS, "shop") if labels_of(pod).get("app") == app]


def waiting_reason(cluster: Cluster, app: str) -> str:
    """Why the first container of the first pod of an app waits, "" when it does not."""
    found = pods(cluster, app)
    return str(dig(found[0], "status", "containerStatuses", 0, "state", "waiting", "reason") or "") if found else ""
