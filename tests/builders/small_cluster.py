"""An emulated cluster with a few workloads, reached through the real adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evals.emulators.kubernetes.objects import copy_json
from evals.emulators.kubernetes.server import KubernetesEmulator
from evals.emulators.kubernetes.world import load_world
from tools.cluster.kubernetes import KubernetesCluster, KubernetesConnection
from tools.cluster.port import Actor, Target
from tools.contract import ObjectRef
from tools.errors import NotFound

Json = dict[str, Any]
NAMESPACE = "shop-staging"
BOT = "infra-assistant"


@dataclass(frozen=True)
class SmallCluster:
    """The emulator and one open connection to it, as the bot."""

    emulator: KubernetesEmulator
    connection: KubernetesConnection

    def acting_as(self, user: str = "alice@example.com", *groups: str) -> KubernetesCluster:
        """The cluster as a person; alice of group dev may do all in the namespace."""
        return self.connection.acting_as(Actor(user, groups or ("dev",)))

    def now(self):
        """The emulated time: a Clock."""
        return self.emulator.cluster.now()

    def pod_uids(self) -> list[str]:
        """Uids of all pods, sorted."""
        return sorted(pod["metadata"]["uid"] for pod in self._items("Pod"))

    def names(self, kind: str) -> list[str]:
        """Names of all objects of a kind, sorted."""
        return sorted(item["metadata"]["name"] for item in self._items(kind))

    def _items(self, kind: str) -> list[Json]:
        (resource,) = [resource for resource in self.emulator.cluster.registry if resource.kind == kind]
        return list(self.emulator.cluster.store.items(resource))

    def touch_status(self, kind: str, name: str) -> None:
        """A status update: a new resourceVersion, the same generation."""
        (resource,) = [resource for resource in self.emulator.cluster.registry if resource.kind == kind]
        changed = copy_json(self.stored(kind, name))
        changed["status"]["collisionCount"] = 7
        self.emulator.cluster.store.put(resource, changed)

    def revision(self, name: str) -> str:
        """The revision a Deployment is at, as its controller wrote it."""
        return self.stored("Deployment", name)["metadata"]["annotations"]["deployment.kubernetes.io/revision"]

    def stored(self, kind: str, name: str, namespace: str = NAMESPACE) -> Json:
        """An object as it is stored."""
        (resource,) = [resource for resource in self.emulator.cluster.registry if resource.kind == kind]
        return self.emulator.cluster.store.get(resource, namespace, name)


@asynccontextmanager
async def small_cluster(
    folder: Path,
    *manifests: Json,
    kubelet: list[Json] | None = None,
    steps: list[Json] | None = None,
    speed: float = 50.0,
) -> AsyncIterator[SmallCluster]:
    """A cluster with these manifests (applied 50 minutes ago), rules of the kubelet and later steps of history."""
    (folder / "cluster").mkdir()
    documents = [*_people(), *manifests]
    (folder / "cluster" / "all.yaml").write_text(yaml.safe_dump_all(documents))
    (folder / "kubelet.yaml").write_text(yaml.safe_dump(kubelet or []))
    (folder / "history.yaml").write_text(yaml.safe_dump({"start": "-50m", "steps": steps or []}))
    (folder / "users.yaml").write_text(yaml.safe_dump([{"name": BOT, "groups": ["bots"]}]))
    async with KubernetesEmulator(speed=speed) as emulator:
        await load_world(emulator, folder)
        (folder / "kubeconfig").write_text(emulator.kubeconfig_yaml(BOT))
        connection = await KubernetesConnection.open(name="test", kubeconfig=str(folder / "kubeconfig"))
        emulator.requests.clear()
        try:
            yield SmallCluster(emulator, connection)
        finally:
            await connection.close()


class FixedTargets:
    """Targets that know workloads by name in one namespace."""

    def __init__(self, *refs: str, namespace: str = NAMESPACE) -> None:
        self._refs = {ref.partition("/")[2]: ref.partition("/")[0] for ref in refs}
        self._namespace = namespace

    async def workload(self, name: str, environment: str | None) -> Target:
        kind = self._refs.get(name)
        if kind is None:
            raise NotFound(f"no workload {name}", tuple(self._refs))
        ref = ObjectRef(cluster="test", namespace=environment or self._namespace, kind=kind, name=name)
        return Target(ref, "name", tier="prod", owner="group:default/shop", component=f"component:default/{name}")

    async def namespaces(self, environment: str) -> tuple[str, ...]:
        return (environment,)

    async def tier(self, namespace: str) -> str:
        return "prod" if "prod" in namespace else "nonprod"


def make_app(image: str = "registry.example.com/shop/app:1.0.0", **more: Any) -> Json:
    """A container with a readiness probe, so that "ready" means something."""
    return {"name": "app", "image": image, "readinessProbe": {"httpGet": {"path": "/", "port": 8080}}, **more}


def workload(kind: str = "Deployment", name: str = "checkout", **spec: Any) -> Json:
    """A manifest as a person writes it: no defaults, no status. `containers`, `annotations`, `labels` are its own."""
    container = make_app()
    template = {
        "metadata": {"labels": {"app": name}, "annotations": spec.pop("template_annotations", {})},
        "spec": {"containers": spec.pop("containers", [container])},
    }
    meta = {"name": name, "namespace": NAMESPACE, "labels": {"app": name, **spec.pop("labels", {})}}
    meta["annotations"] = spec.pop("annotations", {})
    defaults: Json = {"selector": {"matchLabels": {"app": name}}, "template": template}
    if kind != "DaemonSet":
        defaults["replicas"] = 2
    if kind == "StatefulSet":
        defaults["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": defaults | spec}


def _people() -> list[Json]:
    rbac = "rbac.authorization.k8s.io/v1"
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    impersonate = [{"apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"]}]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}},
        {"apiVersion": rbac, "kind": "ClusterRole", "metadata": {"name": "bot"}, "rules": impersonate},
        {
            "apiVersion": rbac,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "bot"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "bot"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": BOT}],
        },
        {
            "apiVersion": rbac,
            "kind": "Role",
            "metadata": {"name": "dev", "namespace": NAMESPACE},
            "rules": everything,
        },
        {
            "apiVersion": rbac,
            "kind": "RoleBinding",
            "metadata": {"name": "dev", "namespace": NAMESPACE},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "dev"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "dev"}],
        },
    ]
