"""Worlds: what a folder may say, and what is refused with the name of the file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evals.emulators.kubernetes import KubernetesEmulator, load_world
from evals.emulators.kubernetes.catalogue import CONFIGMAPS, DEPLOYMENTS, NAMESPACES, PODS
from evals.emulators.kubernetes.timing import clock_from, parse_time

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
NODE = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {capacity: {cpu: '4', memory: 4Gi, pods: '50'}}\n"
CONFIG = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: a}\ndata: {when: 2026-01-01}\n"
WEB = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "web:1"}]}
"""


def world(folder: Path, **files: str) -> Path:
    (folder / "cluster").mkdir()
    for name, text in files.items():
        path = folder / ("cluster/00.yaml" if name == "cluster" else f"{name}.yaml")
        path.write_text(text, encoding="utf-8")
    return folder


async def test_objects_are_as_old_as_the_history_says(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    async with KubernetesEmulator(clock=clock_from(now)) as emulator:
        await load_world(emulator, world(tmp_path, cluster=NAMESPACE + NODE + WEB, history="start: -2h\n"))

        found = emulator.cluster.store.get(DEPLOYMENTS, "a", "web")
        pod = emulator.cluster.store.items(PODS, "a")[0]
        kube_system = emulator.cluster.store.get(NAMESPACES, "", "kube-system")

    assert found is not None
    assert kube_system is not None
    created = parse_time(found["metadata"]["creationTimestamp"])
    assert abs(created - (now - timedelta(hours=2))) < timedelta(seconds=5)
    assert parse_time(pod["status"]["startTime"]) - created < timedelta(seconds=5)
    assert parse_time(kube_system["metadata"]["creationTimestamp"]) < created


async def test_a_date_in_a_manifest_stays_text(tmp_path: Path) -> None:
    async with KubernetesEmulator() as emulator:
        await load_world(emulator, world(tmp_path, cluster=NAMESPACE + CONFIG))

        found = emulator.cluster.store.get(CONFIGMAPS, "a", "c")

    assert found is not None
    assert found["data"] == {"when": "2026-01-01"}


async def test_steps_happen_at_their_time_by_their_manager(tmp_path: Path) -> None:
    history = """
start: -1h
steps:
  - {at: -30m, object: {kind: Deployment, namespace: a, name: web}, patch: {spec: {replicas: 3}}, manager: someone}
  - {at: -10m, object: {kind: ConfigMap, namespace: a, name: c}, delete: true}
"""
    async with KubernetesEmulator() as emulator:
        await load_world(emulator, world(tmp_path, cluster=NAMESPACE + NODE + CONFIG + WEB, history=history))

        found = emulator.cluster.store.get(DEPLOYMENTS, "a", "web")
        config = emulator.cluster.store.get(CONFIGMAPS, "a", "c")
        names = [pod["metadata"]["name"] for pod in emulator.cluster.store.items(PODS, "a")]

    assert found is not None
    assert config is None
    assert len(names) == 3
    assert {entry["manager"] for entry in found["metadata"]["managedFields"]} >= {
        "someone",
        "kubectl-client-side-apply",
    }


async def test_a_rule_may_begin_to_hold_while_containers_run(tmp_path: Path) -> None:
    rules = "- {match: {since: -15m}, do: exit, after_seconds: 1, logs: [connection lost]}\n"
    async with KubernetesEmulator() as emulator:
        await load_world(
            emulator, world(tmp_path, cluster=NAMESPACE + NODE + WEB, kubelet=rules, history="start: -3h\n")
        )

        status = emulator.cluster.store.items(PODS, "a")[0]["status"]["containerStatuses"][0]

    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["restartCount"] in range(5, 10)


async def test_a_time_in_a_manifest_may_be_relative(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    config = CONFIG.replace("2026-01-01", "now-20m")
    async with KubernetesEmulator(clock=lambda: now) as emulator:
        await load_world(emulator, world(tmp_path, cluster=NAMESPACE + config))

        found = emulator.cluster.store.get(CONFIGMAPS, "a", "c")

    assert found is not None
    assert found["data"] == {"when": "2026-03-01T11:40:00Z"}


async def test_the_same_world_has_the_same_names_every_time(tmp_path: Path) -> None:
    folder = world(tmp_path, cluster=NAMESPACE + NODE + WEB)
    names = []
    for _ in range(2):
        async with KubernetesEmulator(seed=4) as emulator:
            await load_world(emulator, folder)
            names.append([pod["metadata"]["name"] for pod in emulator.cluster.store.items(PODS, "a")])

    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"cluster": NAMESPACE + WEB.replace("replicas", "replicaz")},
            '00.yaml: Deployment a/web: .*unknown field "spec.replicaz"',
        ),
        ({"cluster": WEB}, '00.yaml: Deployment a/web: namespaces "a" not found'),
        ({"cluster": "kind: Thing\napiVersion: v9\n"}, "00.yaml: no resource of apiVersion v9 and kind Thing"),
        ({"cluster": "a: [1\n"}, "00.yaml"),
        ({"history": "steps: [{at: -99h, object: {kind: Node, name: x}}]"}, "lies outside"),
        ({"history": "steps: [{at: -1h, object: {kind: Node, name: x}, delete: true}]"}, "no Node /x"),
        ({"kubelet": "- {do: fly}"}, "fly"),
        ({"users": "- {nam: x}"}, "nam"),
    ],
)
async def test_a_mistake_is_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    async with KubernetesEmulator() as emulator:
        with pytest.raises(ValueError, match=message):
            await load_world(emulator, world(tmp_path, **files))
