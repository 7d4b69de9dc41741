"""The one table of all tools, each bound to the ports it uses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from tools.catalog.find_entities import FindEntitiesArgs, find_entities
from tools.catalog.get_entity import GetEntityArgs, get_entity
from tools.catalog.port import Catalog
from tools.clock import Clock
from tools.cluster.changes import more_changes
from tools.cluster.get_workload import GetWorkloadArgs, get_workload
from tools.cluster.list_events import ListEventsArgs, list_events
from tools.cluster.list_workloads import ListWorkloadsArgs, list_workloads
from tools.cluster.port import ClusterWriter, Targets
from tools.cluster.restart_workload import RestartWorkloadArgs, apply_restart, plan_restart, verify_restart
from tools.cluster.rollback_workload import RollbackWorkloadArgs, apply_rollback, plan_rollback, verify_rollback
from tools.cluster.scale_workload import ScaleWorkloadArgs, apply_scale, plan_scale, verify_scale
from tools.contract import ReadTool, Result, Toolbox, WriteTool
from tools.diagnosis.compare_environments import CompareEnvironmentsArgs, compare_environments
from tools.diagnosis.diagnose_service import DiagnoseServiceArgs, diagnose_service
from tools.diagnosis.diagnose_workload import DiagnoseWorkloadArgs, diagnose_workload
from tools.diagnosis.recommend_configuration import RecommendConfigurationArgs, recommend_configuration
from tools.diagnosis.timeline import TimelineArgs, get_timeline
from tools.diagnosis.triage_namespace import TriageNamespaceArgs, triage_namespace
from tools.logs.port import LogStore
from tools.logs.search_logs import SearchLogsArgs, search_logs

R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Ports:
    """What tools reach, as one person. `catalog` None: there is none, and the tools that need one are left out."""

    cluster: ClusterWriter
    logs: LogStore
    catalog: Catalog | None
    targets: Targets
    clock: Clock


def build_toolbox(ports: Ports) -> Toolbox:
    """All tools for the person whose ports these are."""
    reads = [*_core_reads(ports), *_more_reads(ports), *_analysis_reads(ports), *_catalog_reads(ports)]
    writes = [*_writes(ports), *more_changes(ports.cluster, ports.targets, ports.clock)]
    return Toolbox(
        reads={tool.name: tool for tool in reads},
        writes={tool.name: tool for tool in writes},
    )


def _with_all(ports: Ports, run: Callable[..., Awaitable[R]]) -> Callable[[Any], Awaitable[R]]:
    """A tool that reads everywhere, bound to every port."""
    return partial(
        run, cluster=ports.cluster, logs=ports.logs, targets=ports.targets, catalog=ports.catalog, clock=ports.clock
    )


def _core_reads(ports: Ports) -> list[ReadTool[Any, Any]]:
    cluster, targets, clock = ports.cluster, ports.targets, ports.clock
    return [
        ReadTool(
            "diagnose_workload",
            DiagnoseWorkloadArgs,
            _with_all(ports, diagnose_workload),
            'Find out why one service or workload fails, or that it is healthy. Start here for any "why".',
            toolset="core",
            core=True,
        ),
        ReadTool(
            "triage_namespace",
            TriageNamespaceArgs,
            _with_all(ports, triage_namespace),
            "Find everything that fails in an environment, grouped by root cause, worst first.",
            toolset="core",
            core=True,
            timeout_seconds=30.0,
        ),
        ReadTool(
            "list_workloads",
            ListWorkloadsArgs,
            partial(list_workloads, cluster=cluster, targets=targets, clock=clock),
            "List the workloads of an environment with replicas, image, health and reason.",
            toolset="core",
            core=True,
        ),
    ]


def _more_reads(ports: Ports) -> list[ReadTool[Any, Any]]:
    cluster, targets, clock = ports.cluster, ports.targets, ports.clock
    return [
        ReadTool(
            "get_workload",
            GetWorkloadArgs,
            partial(get_workload, cluster=cluster, targets=targets, clock=clock),
            "Show images, resources, probes, rollout and pods of one workload.",
            toolset="cluster",
        ),
        ReadTool(
            "list_events",
            ListEventsArgs,
            partial(list_events, cluster=cluster, targets=targets, clock=clock),
            "List recent cluster events of an environment or of one workload.",
            toolset="cluster",
        ),
        ReadTool(
            "get_changes",
            TimelineArgs,
            _with_all(ports, get_timeline),
            "Tell what changed around one workload and when: rollouts, configuration, scaling, nodes, dependencies.",
            toolset="changes",
        ),
        ReadTool(
            "search_logs",
            SearchLogsArgs,
            partial(search_logs, logs=ports.logs, cluster=cluster, targets=targets, clock=clock),
            "Search recent log lines of one workload, restarted containers included.",
            toolset="logs",
        ),
    ]


def _analysis_reads(ports: Ports) -> list[ReadTool[Any, Any]]:
    return [
        ReadTool(
            "diagnose_service",
            DiagnoseServiceArgs,
            _with_all(ports, diagnose_service),
            "Find out how a service is in one or every environment: its workloads and what it depends on.",
            toolset="analysis",
            timeout_seconds=30.0,
        ),
        ReadTool(
            "compare_environments",
            CompareEnvironmentsArgs,
            _with_all(ports, compare_environments),
            "Find out why a workload works in one environment and fails in another.",
            toolset="analysis",
            timeout_seconds=30.0,
        ),
        ReadTool(
            "recommend_configuration",
            RecommendConfigurationArgs,
            _with_all(ports, recommend_configuration),
            "Say what to improve in a workload: resources, probes, replicas, budget, image, security.",
            toolset="analysis",
        ),
    ]


def _catalog_reads(ports: Ports) -> list[ReadTool[Any, Any]]:
    if ports.catalog is None:
        return []
    return [
        ReadTool(
            "find_entities",
            FindEntitiesArgs,
            partial(find_entities, catalog=ports.catalog, clock=ports.clock),
            "Find services, teams and people in the catalog by text, kind or owner.",
            toolset="core",
            core=True,
        ),
        ReadTool(
            "get_entity",
            GetEntityArgs,
            partial(get_entity, catalog=ports.catalog, clock=ports.clock),
            "Show one catalog entity: owner, on-call, links, what it depends on.",
            toolset="catalog",
        ),
    ]


def _writes(ports: Ports) -> list[WriteTool[Any]]:
    cluster, targets, clock = ports.cluster, ports.targets, ports.clock
    return [
        WriteTool(
            "restart_workload",
            "workload.restart",
            RestartWorkloadArgs,
            partial(plan_restart, cluster=cluster, targets=targets, clock=clock),
            partial(apply_restart, cluster=cluster, clock=clock),
            partial(verify_restart, cluster=cluster, clock=clock),
            "Propose to restart all pods of one workload. A person confirms it.",
            toolset="core",
            core=True,
        ),
        WriteTool(
            "scale_workload",
            "workload.scale",
            ScaleWorkloadArgs,
            partial(plan_scale, cluster=cluster, targets=targets, clock=clock),
            partial(apply_scale, cluster=cluster, clock=clock),
            partial(verify_scale, cluster=cluster, clock=clock),
            "Propose to set the number of replicas of one workload. A person confirms it.",
            toolset="core",
            core=True,
        ),
        WriteTool(
            "rollback_workload",
            "workload.rollback",
            RollbackWorkloadArgs,
            partial(plan_rollback, cluster=cluster, targets=targets, clock=clock),
            partial(apply_rollback, cluster=cluster, clock=clock),
            partial(verify_rollback, cluster=cluster, clock=clock),
            "Propose to return one workload to an earlier revision. A person confirms it.",
            toolset="core",
            core=True,
        ),
    ]
