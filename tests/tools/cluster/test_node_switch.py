"""Cordoning and uncordoning a node, from plan to outcome, on the emulated cluster."""

import pytest

from tests.builders.outcomes import carried_out
from tests.builders.small_cluster import FixedTargets, SmallCluster, small_cluster, workload
from tools.cluster.cordon_node import apply_cordon_node, plan_cordon_node, verify_cordon_node
from tools.cluster.node_switch import NodeArgs
from tools.cluster.uncordon_node import apply_uncordon_node, plan_uncordon_node, verify_uncordon_node
from tools.contract import Plan
from tools.errors import Forbidden, InvalidArgs, NotFound

TARGETS = FixedTargets()
ARGS = NodeArgs(node="node-1")
CORDON = (plan_cordon_node, apply_cordon_node, verify_cordon_node)
UNCORDON = (plan_uncordon_node, apply_uncordon_node, verify_uncordon_node)
RBAC = "rbac.authorization.k8s.io"


def rights(*resources: str) -> list[dict]:
    """Rights on cluster-scoped things, for the group dev."""
    rules = [{"apiGroups": [""], "resources": list(resources), "verbs": ["*"]}]
    meta = {"name": "nodes"}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "nodes"},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": "dev"}],
    }
    return [role, binding]


def node(name: str, **spec) -> dict:
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    status = {"conditions": [ready]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec, "status": status}


async def plan(small: SmallCluster, name: str = "node-1") -> Plan:
    return await plan_cordon_node(NodeArgs(node=name), cluster=small.acting_as(), targets=TARGETS, clock=small.now)


def is_cordoned(small: SmallCluster) -> bool:
    return bool(small.stored("Node", "node-1", "")["spec"].get("unschedulable"))


async def test_a_cordoned_node_keeps_its_pods(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights("nodes", "pods"), node("node-2"), workload()) as small:
        before = small.pod_uids()
        planned, _, seen = await carried_out(CORDON, ARGS, small, TARGETS)

        assert (seen.healthy, seen.summary) == (True, "Node node-1 is cordoned.")
        assert is_cordoned(small)
        assert small.pod_uids() == before
        assert ("spec.unschedulable", "true") in [(change.path, change.after) for change in planned.diff]


async def test_uncordoning_is_the_way_back(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights("nodes", "pods"), node("node-2")) as small:
        planned, _, _ = await carried_out(CORDON, ARGS, small, TARGETS)
        _, _, seen = await carried_out(UNCORDON, ARGS, small, TARGETS, "p-2")

        assert planned.inverse is not None
        assert (planned.inverse.tool, planned.inverse.args) == ("uncordon_node", {"node": "node-1"})
        assert (seen.healthy, is_cordoned(small)) == (True, False)


async def test_the_only_node_that_takes_pods_is_a_high_risk(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights("nodes", "pods"), node("node-2", unschedulable=True)) as small:
        planned = await plan(small)

    assert "only node that takes new pods" in planned.warnings[0]
    assert planned.risk == "high"


async def test_a_node_is_as_protected_as_what_runs_on_it(tmp_path) -> None:
    shop = workload()
    prod = {**workload(name="pay"), "metadata": {"name": "pay", "namespace": "shop-prod"}}
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop-prod"}}
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with small_cluster(tmp_path / "one", *rights("nodes", "pods"), shop) as small:
        quiet = await plan(small)
    async with small_cluster(tmp_path / "two", *rights("nodes", "pods"), shop, place, prod) as small:
        busy = await plan(small)

    assert (quiet.tier, busy.tier) == ("nonprod", "prod")


async def test_a_node_that_cannot_be_looked_into_counts_as_production(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights("nodes")) as small:
        planned = await plan(small)

    assert planned.tier == "prod"


async def test_a_person_without_the_right_is_told_which_is_missing(tmp_path) -> None:
    read = rights("nodes", "pods")
    read[0]["rules"][0]["verbs"] = ["get", "list"]
    async with small_cluster(tmp_path, *read) as small:
        with pytest.raises(Forbidden) as caught:
            await plan(small)

    assert caught.value.missing == "patch nodes in the whole cluster"


async def test_an_unknown_node_and_a_cordoned_one_are_refused(tmp_path) -> None:
    async with small_cluster(tmp_path, *rights("nodes", "pods"), node("worker-7", unschedulable=True)) as small:
        with pytest.raises(NotFound) as caught:
            await plan(small, "worker-8")
        with pytest.raises(InvalidArgs, match="cordoned already"):
            await plan(small, "worker-7")

    assert caught.value.candidates == ("worker-7",)
