"""The one table of tools."""

import pytest

from tests.builders.kubernetes import NOW
from tests.builders.small_cluster import NAMESPACE, FixedTargets, small_cluster, workload
from tools.contract import ReadTool, WriteTool
from tools.logs.pods import PodLogStore
from tools.toolbox import Ports, build_toolbox

CORE = {
    "diagnose_workload",
    "triage_namespace",
    "list_workloads",
    "find_entities",
    "restart_workload",
    "scale_workload",
    "rollback_workload",
}
OTHERS = {
    "get_entity": "catalog",
    "get_workload": "cluster",
    "list_events": "cluster",
    "get_changes": "changes",
    "search_logs": "logs",
    "diagnose_service": "analysis",
    "compare_environments": "analysis",
    "recommend_configuration": "analysis",
}
CHANGES = {
    "set_image": ("rollouts", "workload.set_image"),
    "set_resources": ("rollouts", "workload.set_resources"),
    "set_probe_timing": ("rollouts", "workload.set_probe_timing"),
    "pause_rollout": ("rollouts", "workload.pause"),
    "resume_rollout": ("rollouts", "workload.resume"),
    "retry_job": ("jobs", "job.retry"),
    "run_cronjob_now": ("jobs", "cronjob.run"),
    "suspend_cronjob": ("jobs", "cronjob.suspend"),
    "resume_cronjob": ("jobs", "cronjob.resume"),
    "cordon_node": ("nodes", "node.cordon"),
    "uncordon_node": ("nodes", "node.uncordon"),
    "delete_pod": ("pods", "pod.delete"),
    "argocd_sync": ("gitops", "argocd.sync"),
    "flux_reconcile": ("gitops", "flux.reconcile"),
}
LOADED = OTHERS | {name: toolset for name, (toolset, _) in CHANGES.items()}


class EmptyCatalog:
    """A catalog is only handed on here."""


def ports(catalog=None) -> Ports:
    return Ports(cluster=None, logs=None, catalog=catalog, targets=FixedTargets(), clock=lambda: NOW)


def all_tools(catalog=None) -> dict[str, ReadTool | WriteTool]:
    toolbox = build_toolbox(ports(catalog))
    return {**toolbox.reads, **toolbox.writes}


def test_the_core_is_always_loaded_and_the_rest_by_toolset() -> None:
    tools = all_tools(EmptyCatalog())

    assert {name for name, tool in tools.items() if tool.core} == CORE
    assert {name: tool.toolset for name, tool in tools.items() if not tool.core} == LOADED
    assert all(tool.toolset == "core" for tool in tools.values() if tool.core)


def test_without_a_catalog_its_tools_are_left_out() -> None:
    assert all_tools(EmptyCatalog()).keys() - all_tools().keys() == {"find_entities", "get_entity"}


def test_a_tool_that_changes_something_cannot_be_run() -> None:
    toolbox = build_toolbox(ports())

    assert {name: tool.action for name, tool in toolbox.writes.items()} == {
        "restart_workload": "workload.restart",
        "scale_workload": "workload.scale",
        "rollback_workload": "workload.rollback",
        **{name: action for name, (_, action) in CHANGES.items()},
    }
    assert not [tool for tool in toolbox.writes.values() if hasattr(tool, "run")]
    assert not toolbox.reads.keys() & toolbox.writes.keys()


@pytest.mark.parametrize("name", sorted(CORE | LOADED.keys()))
def test_every_argument_a_model_fills_is_bounded(name: str) -> None:
    properties = all_tools(EmptyCatalog())[name].args.model_json_schema().get("properties", {})

    for schema in properties.values():
        for part in schema.get("anyOf", [schema]):
            if part.get("type") == "string" and "enum" not in part and "const" not in part:
                assert "maxLength" in part
            if part.get("type") == "integer":
                assert "minimum" in part


@pytest.mark.parametrize("name", sorted(CORE | LOADED.keys()))
def test_what_a_model_reads_of_a_tool_is_short(name: str) -> None:
    tool = all_tools(EmptyCatalog())[name]

    assert 20 < len(tool.summary) < 140
    assert tool.name == name


async def test_a_tool_of_the_table_runs_on_the_ports_it_was_bound_to(tmp_path) -> None:
    async with small_cluster(tmp_path, workload()) as small:
        cluster = small.acting_as()
        bound = Ports(cluster, PodLogStore(cluster), None, FixedTargets("Deployment/checkout"), small.now)
        toolbox = build_toolbox(bound)
        listing, restart = toolbox.reads["list_workloads"], toolbox.writes["restart_workload"]

        rows = (await listing.run(listing.args(environment=NAMESPACE))).rows
        plan = await restart.plan(restart.args(workload="checkout"))

    assert [row.workload.name for row in rows] == ["checkout"]
    assert plan.summary == "Restart checkout in shop-staging"
