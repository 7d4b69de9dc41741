"""kubectl cannot tell the emulator from a server, for what people do with it in an incident."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evals.emulators.kubernetes import KubernetesEmulator
from evals.emulators.kubernetes.catalogue import CONFIGMAPS
from tests.builders.emulated_shop import pods, rolled_out, shop_world

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on this machine")


class Kubectl:
    """kubectl as a user of the emulator."""

    def __init__(self, emulator: KubernetesEmulator, folder: Path) -> None:
        self.emulator = emulator
        self._folder = folder

    async def run(self, *arguments: str, user: str = "admin", stdin: str = "") -> tuple[int, str]:
        """Exit code and everything it printed."""
        config = self._folder / "kubeconfig"
        config.write_text(self.emulator.kubeconfig_yaml(user, namespace="shop"), encoding="utf-8")
        assert KUBECTL is not None
        process = await asyncio.create_subprocess_exec(
            KUBECTL,
            f"--kubeconfig={config}",
            f"--cache-dir={self._folder / 'cache'}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(stdin.encode())
        return process.returncode or 0, output.decode()

    async def ok(self, *arguments: str, stdin: str = "") -> str:
        code, output = await self.run(*arguments, stdin=stdin)
        assert code == 0, output
        return output


@pytest.fixture
async def kubectl(tmp_path: Path) -> AsyncIterator[Kubectl]:
    async with shop_world() as emulator:
        yield Kubectl(emulator, tmp_path)


async def test_get_prints_the_columns_of_pods(kubectl: Kubectl) -> None:
    output = await kubectl.ok("get", "pods")

    assert output.splitlines()[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert "CrashLoopBackOff" in output


async def test_get_deployments_wide_shows_images(kubectl: Kubectl) -> None:
    output = await kubectl.ok("get", "deploy", "-o", "wide")

    assert "registry.example.com/checkout:1.5.0" in output
    assert "app=checkout" in output


async def test_get_yaml_has_the_whole_object(kubectl: Kubectl) -> None:
    output = await kubectl.ok("get", "deploy", "checkout", "-o", "json", "--show-managed-fields")

    found = json.loads(output)
    assert {entry["manager"] for entry in found["metadata"]["managedFields"]} >= {"argocd", "kubectl-client-side-apply"}
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


async def test_get_all_knows_categories(kubectl: Kubectl) -> None:
    output = await kubectl.ok("get", "all")

    assert "deployment.apps/checkout" in output
    assert "service/checkout" in output
    assert "replicaset.apps/checkout-" in output


async def test_describe_shows_events_and_replica_sets(kubectl: Kubectl) -> None:
    output = await kubectl.ok("describe", "deployment", "checkout")

    assert "ScalingReplicaSet" in output
    assert "OldReplicaSets:" in output
    assert "ProgressDeadlineExceeded" in output


async def test_describe_pod_shows_its_last_state(kubectl: Kubectl) -> None:
    broken = next(
        pod
        for pod in pods(kubectl.emulator.cluster, "checkout")
        if pod["status"]["containerStatuses"][0]["restartCount"]
    )

    output = await kubectl.ok("describe", "pod", broken["metadata"]["name"])

    assert "Reason:       CrashLoopBackOff" in output
    assert "Exit Code:    2" in output
    assert "Back-off restarting failed container" in output


async def test_logs_of_the_previous_run(kubectl: Kubectl) -> None:
    broken = next(
        pod
        for pod in pods(kubectl.emulator.cluster, "checkout")
        if pod["status"]["containerStatuses"][0]["restartCount"]
    )

    output = await kubectl.ok("logs", broken["metadata"]["name"], "-p", "--tail=1")

    assert output == "panic: DATABASE_URL is not set\n"


async def test_logs_ask_for_the_container_of_a_pod_with_several(kubectl: Kubectl) -> None:
    output = await kubectl.ok("logs", "deploy/cart", "-c", "sidecar")

    assert output == ""


async def test_a_server_side_dry_run_of_apply_changes_nothing(kubectl: Kubectl) -> None:
    manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cart-config"},"data":{"MODE":"slow"}}'

    output = await kubectl.ok("apply", "--dry-run=server", "-f", "-", stdin=manifest)

    assert "configured (server dry run)" in output
    found = kubectl.emulator.cluster.store.get(CONFIGMAPS, "shop", "cart-config")
    assert found is not None
    assert found["data"] == {"MODE": "fast"}
    assert kubectl.emulator.mutations() == []


async def test_apply_twice_configures_then_leaves_unchanged(kubectl: Kubectl) -> None:
    manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cart-config"},"data":{"MODE":"slow"}}'

    first = await kubectl.ok("apply", "-f", "-", stdin=manifest)
    second = await kubectl.ok("apply", "-f", "-", stdin=manifest)

    assert "configmap/cart-config configured" in first
    assert "configmap/cart-config unchanged" in second


async def test_server_side_apply_reports_the_other_manager(kubectl: Kubectl) -> None:
    manifest = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"checkout"},"spec":{"replicas":9}}'

    code, output = await kubectl.run("apply", "--server-side", "--field-manager=me", "-f", "-", stdin=manifest)

    assert code == 1
    assert 'conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas' in output


async def test_an_unknown_field_is_refused_before_anything_happens(kubectl: Kubectl) -> None:
    manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dada":{"a":"b"}}'

    code, output = await kubectl.run("apply", "-f", "-", stdin=manifest)

    assert code == 1
    assert 'unknown field "dada"' in output


async def test_undo_then_rollout_status_waits_until_it_is_done(kubectl: Kubectl) -> None:
    history = await kubectl.ok("rollout", "history", "deploy/checkout")
    await kubectl.ok("rollout", "undo", "deploy/checkout")

    output = await kubectl.ok("rollout", "status", "deploy/checkout", "--timeout=20s")

    assert "2         <none>" in history
    assert 'deployment "checkout" successfully rolled out' in output
    sets = await kubectl.ok("get", "rs", "-l", "app=checkout", "-o", "name")
    assert len(sets.splitlines()) == 2


async def test_restart_replaces_every_pod(kubectl: Kubectl) -> None:
    before = {pod["metadata"]["name"] for pod in pods(kubectl.emulator.cluster, "cart")}

    await kubectl.ok("rollout", "restart", "deploy/cart")
    await kubectl.ok("rollout", "status", "deploy/cart", "--timeout=20s")
    await kubectl.emulator.settled(rolled_out("cart", 1))

    after = {pod["metadata"]["name"] for pod in pods(kubectl.emulator.cluster, "cart")}
    assert before.isdisjoint(after)


async def test_scale_and_delete_pod(kubectl: Kubectl) -> None:
    await kubectl.ok("scale", "deploy/cart", "--replicas=3")
    await kubectl.emulator.settled(rolled_out("cart", 3))
    name = pods(kubectl.emulator.cluster, "cart")[0]["metadata"]["name"]

    output = await kubectl.ok("delete", "pod", name)

    assert f'pod "{name}" deleted' in output
    await kubectl.emulator.settled(rolled_out("cart", 3))


async def test_can_i_answers_for_another_person(kubectl: Kubectl) -> None:
    code, may_read = await kubectl.run("auth", "can-i", "list", "pods", "--as=alice@example.com", "--as-group=dev")
    _, may_scale = await kubectl.run(
        "auth", "can-i", "patch", "deploy/cart", "--as=alice@example.com", "--as-group=dev"
    )
    _, on_call = await kubectl.run(
        "auth", "can-i", "patch", "deploy/cart", "--as=alice@example.com", "--as-group=oncall"
    )

    assert code == 0
    assert [may_read.strip(), may_scale.strip(), on_call.strip()] == ["yes", "no", "yes"]


async def test_a_person_without_rights_reads_who_may_not_do_what(kubectl: Kubectl) -> None:
    code, output = await kubectl.run("get", "pods", user="infra-assistant")

    assert code == 1
    assert 'User "infra-assistant" cannot list resource "pods" in API group "" in the namespace "shop"' in output


async def test_wait_and_get_watch_follow_changes(kubectl: Kubectl) -> None:
    output = await kubectl.ok("wait", "--for=condition=Available", "deploy/cart", "--timeout=10s")

    assert "deployment.apps/cart condition met" in output


async def test_explain_knows_fields(kubectl: Kubectl) -> None:
    output = await kubectl.ok("explain", "deployment.spec.template.spec.containers.image")

    assert "FIELD: image <string>" in output


async def test_plain_http_serves_whoever_the_emulator_says(tmp_path: Path) -> None:
    async with KubernetesEmulator(insecure_user="admin") as emulator:
        kubectl = Kubectl(emulator, tmp_path)

        output = await kubectl.ok(f"--server={emulator.url}", "get", "ns")

    assert "kube-system" in output
