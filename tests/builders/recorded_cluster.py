"""The cluster that the recordings of tests/recordings/kubernetes were made on, rebuilt in the emulator."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.behaviours import Behaviour, Match
from evals.emulators.kubernetes.catalogue import LIMITRANGES, QUOTAS
from evals.emulators.kubernetes.cluster import Cluster
from evals.emulators.kubernetes.managed_fields import Manager
from evals.emulators.kubernetes.writes import WriteOptions

RECORDINGS = Path(__file__).parents[1] / "recordings" / "kubernetes"
APPLY = Manager("kubectl-client-side-apply")
CREATE = Manager("kubectl-create")
USERS = {
    "admin (system:masters)": "admin",
    "infra-assistant (group bots)": "infra-assistant",
    "alice@example.com (group dev)": "alice@example.com",
}
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WEB_LOG = [f"2026-11-22T10:00:{n:02}Z GET /item/{n} 200 {n}ms" for n in range(30)]


@dataclass(frozen=True)
class Recording:
    """One exchange."""

    file: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.file[:3])


def load_recordings() -> list[Recording]:
    """All exchanges, in the order they were made."""
    found = []
    for path in sorted(RECORDINGS.glob("[0-9]*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found.append(Recording(path.stem, data["request"], data["response"]))
    return found


def recorded_body(file: str) -> Any:
    return next(item.response["body"] for item in load_recordings() if item.file == file)


@dataclass
class RecordedCluster:
    """Builds the starting state and the changes that were made between the recordings."""

    emulator: KubernetesEmulator
    names: dict[str, str] = field(default_factory=dict)

    @property
    def cluster(self) -> Cluster:
        return self.emulator.cluster

    def build(self) -> None:
        self._users()
        for number, zone in enumerate("abc"):
            self._node(f"node-{number:03}", f"zone-{zone}")
        for namespace in ("rec", "rec-psa", "rec-gone"):
            labels = {"pod-security.kubernetes.io/enforce": "restricted"} if namespace == "rec-psa" else {}
            self.create(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}, CREATE
            )
        self._rights()
        self.cluster.behaviours.rules = [
            Behaviour(match=Match(workload="web"), logs=WEB_LOG),
            Behaviour(match=Match(workload="crash"), do="exit", logs=["boot", "panic: boom"], after_seconds=0.1),
            Behaviour(match=Match(workload="pull"), do="image_error"),
        ]
        service = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
        self.create(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "rec"}, "spec": service}
        )
        self.create(_deployment("web", recorded_body("026-deployment")))
        self.create(_deployment("pull", recorded_body("027-deployment-stuck")))
        self.create(_crash())

    def create(self, obj: dict[str, Any], manager: Manager = APPLY) -> None:
        resource = self.cluster.resource_of(obj)
        options = WriteOptions(manager, keep_status=True)
        self.cluster.writer.create(resource, obj["metadata"].get("namespace", ""), obj, options)
        self.cluster.tick()

    def apply(self, obj: dict[str, Any]) -> None:
        """Create with the annotation that kubectl apply leaves."""
        bare = {**obj, "metadata": {"annotations": {}, **obj["metadata"]}}
        text = json.dumps(bare, separators=(",", ":"), sort_keys=True) + "\n"
        self.create({**obj, "metadata": {**obj["metadata"], "annotations": {LAST_APPLIED: text}}})

    def _users(self) -> None:
        self.cluster.users.add("infra-assistant", ["bots"])
        self.cluster.users.add("alice@example.com", ["dev"])

    def _node(self, name: str, zone: str) -> None:
        node = recorded_body("084-node")
        labels = {**node["metadata"]["labels"], "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone}
        metadata = {"name": name, "labels": labels, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}}
        body = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": node["status"]}
        self.create(body, Manager("python-requests"))

    def _rights(self) -> None:
        group = "rbac.authorization.k8s.io"
        version = f"{group}/v1"
        impersonation = [
            {
                "apiGroups": [""],
                "resources": ["users"],
                "verbs": ["impersonate"],
                "resourceNames": ["alice@example.com"],
            },
            {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["dev", "oncall"]},
        ]
        dev = [
            {
                "apiGroups": [""],
                "resources": ["pods", "pods/log", "events", "services"],
                "verbs": ["get", "list", "watch"],
            },
            {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch", "patch"]},
        ]
        for kind, metadata, rules in (
            ("ClusterRole", {"name": "bot"}, impersonation),
            ("Role", {"name": "dev", "namespace": "rec"}, dev),
        ):
            self.create({"apiVersion": version, "kind": kind, "metadata": metadata, "rules": rules})
        for kind, metadata, role, subject in (
            ("ClusterRoleBinding", {"name": "bot"}, ("ClusterRole", "bot"), ("User", "infra-assistant")),
            ("RoleBinding", {"name": "dev", "namespace": "rec"}, ("Role", "dev"), ("Group", "dev")),
        ):
            reference = {"apiGroup": group, "kind": role[0], "name": role[1]}
            subjects = [{"apiGroup": group, "kind": subject[0], "name": subject[1]}]
            self.create(
                {"apiVersion": version, "kind": kind, "metadata": metadata, "roleRef": reference, "subjects": subjects}
            )

    def before(self, number: int) -> None:
        """Make the change that came before a recording."""
        changes = {
            62: self._limits,
            63: self._quota,
            70: self._lift,
            78: self._custom,
            81: self._held,
            82: self.cluster.tick,
        }
        changes.get(number, lambda: None)()

    def _lift(self) -> None:
        for resource, name in ((LIMITRANGES, "limits"), (QUOTAS, "q")):
            found = self.cluster.store.get(resource, "rec", name)
            assert found is not None
            self.cluster.writer.delete(resource, found)

    def _limits(self) -> None:
        limit = {"type": "Container", "max": {"memory": "256Mi"}}
        metadata = {"name": "limits", "namespace": "rec"}
        self.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": [limit]}})

    def _quota(self) -> None:
        metadata = {"name": "q", "namespace": "rec"}
        self.apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {"pods": "5"}}})

    def _custom(self) -> None:
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        definition = {
            "group": "argoproj.io",
            "scope": "Namespaced",
            "names": {
                "plural": "applications",
                "singular": "application",
                "kind": "Application",
                "listKind": "ApplicationList",
            },
            "versions": [{"name": "v1alpha1", "served": True, "storage": True, "schema": schema}],
        }
        metadata = {"name": "applications.argoproj.io"}
        version = "apiextensions.k8s.io/v1"
        self.create(
            {"apiVersion": version, "kind": "CustomResourceDefinition", "metadata": metadata, "spec": definition}
        )
        app = {"name": "shop", "namespace": "rec"}
        self.apply(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": app,
                "spec": {"project": "default"},
            }
        )

    def _held(self) -> None:
        metadata = {"name": "held", "namespace": "rec-gone", "finalizers": ["example.com/hold"]}
        self.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def _deployment(name: str, recorded: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a recorded Deployment, from what kubectl applied."""
    text = recorded["metadata"]["annotations"][LAST_APPLIED]
    manifest = json.loads(text)
    manifest["metadata"]["annotations"] = {LAST_APPLIED: text}
    assert manifest["metadata"]["name"] == name
    return manifest


def _crash() -> dict[str, Any]:
    """The one Deployment that was not recorded itself, after the image of its pod."""
    pod = recorded_body("022-pod-crashloop")
    manifest = _deployment("pull", recorded_body("027-deployment-stuck"))
    template = {
        "metadata": {"labels": {"app": "crash", "tier": "web"}, "annotations": pod["metadata"]["annotations"]},
        "spec": {"containers": [{"name": "crash", "image": pod["spec"]["containers"][0]["image"]}]},
    }
    selector = {"matchLabels": {"app": "crash"}}
    metadata = {"name": "crash", "namespace": "rec", "labels": {"app": "crash"}}
    return {**manifest, "metadata": metadata, "spec": {**manifest["spec"], "selector": selector, "template": template}}
