"""The real adapters against the emulated API server: one workload for each fault."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evals.emulators.kubernetes import KubernetesEmulator, load_world
from tests.builders.observations import FakeTargets
from tools.cluster.kubernetes import KubernetesConnection
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs, diagnose_workload
from tools.logs.pods import PodLogStore

WORLD = Path(__file__).parent / "faults"
EXPECTED = {
    "fine": "",
    "zero": "",
    "image": "image-not-found",
    "crash": "app-exit-error",
    "memory": "oom-killed",
    "config": "config-missing-configmap-or-secret",
    "volume": "config-missing-configmap-or-secret",
    "large": "sched-insufficient-cpu",
    "unready": "probe-readiness-failed",
    "killed": "probe-liveness-failed",
    "selector": "service-selector-mismatch",
    "caller": "app-dependency-unreachable",
    "claim": "pvc-provisioning-failed",
    "rollout": "app-exit-error",
    "small/crowded": "quota-exceeded",
}


@pytest.fixture
async def emulator() -> AsyncIterator[KubernetesEmulator]:
    async with KubernetesEmulator(speed=20) as running:
        await load_world(running, WORLD)
        yield running


async def test_every_fault_is_found_with_few_requests_and_confirmed(emulator, tmp_path):
    config = tmp_path / "kubeconfig"
    config.write_text(emulator.kubeconfig_yaml("admin"))
    connection = await KubernetesConnection.open(name="test", kubeconfig=str(config))
    cluster = connection.acting_as(None)
    found, requests = {}, {}

    for name in EXPECTED:
        namespace, _, workload = name.rpartition("/")
        emulator.requests.clear()
        found[name] = await diagnose_workload(
            DiagnoseWorkloadArgs(workload=workload, environment=namespace or "shop"),
            cluster=cluster,
            logs=PodLogStore(cluster),
            targets=FakeTargets("Deployment", workload, namespace or "shop"),
            catalog=None,
            clock=emulator.cluster.now,
        )
        requests[name] = len(emulator.requests)
    await connection.close()

    assert {name: one.root_cause.cause if one.root_cause else "" for name, one in found.items()} == EXPECTED
    assert {one.verdict for one in found.values()} == {"confirmed"}
    assert {found["fine"].health, found["zero"].health} == {"healthy", "idle"}
    assert found["rollout"].change.explains
    assert "registry.example/payments:v1 does not exist" in found["caller"].summary
    assert max(requests.values()) <= 25
    assert not emulator.mutations()
