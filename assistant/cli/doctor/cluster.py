"""Is the cluster there, who are we in it, and may we do what the tools need?"""

from collections.abc import AsyncIterator
from typing import Any

from assistant.bootstrap.adapters import open_cluster
from assistant.cli.doctor.finding import Finding
from assistant.settings import Settings
from tools.cluster.models.meta import ApiObject, Resource
from tools.cluster.models.resources import DEPLOYMENTS, EVENTS, NAMESPACES, PODS, REPLICA_SETS
from tools.cluster.port import ClusterReader
from tools.errors import ToolError

LOGS = Resource[ApiObject](group="", version="v1", plural="pods/log", kind="Pod", model=ApiObject)
USERS = Resource[ApiObject](group="", version="v1", plural="users", kind="User", model=ApiObject, namespaced=False)
READS: tuple[tuple[str, Resource[Any]], ...] = (
    ("list", PODS),
    ("list", DEPLOYMENTS),
    ("list", REPLICA_SETS),
    ("list", EVENTS),
    ("get", LOGS),
)
RBAC = "Apply deploy/rbac.yaml, or ask your platform team for these rights."


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """Version, then rights of the kubeconfig's own identity, then impersonation."""
    try:
        connection = await open_cluster(settings.cluster)
    except ToolError as error:
        yield Finding(name="cluster", state="fail", what=error.message, fix="Set KUBECONFIG or CLUSTER__KUBECONFIG.")
        return
    try:
        async for finding in _rights(connection.acting_as(None)):
            yield finding
    except ToolError as error:
        fix = "Check that the API server in your kubeconfig can be reached and that its credentials are valid."
        yield Finding(name="cluster", state="fail", what=error.message, fix=fix)
    finally:
        await connection.close()


async def _rights(cluster: ClusterReader) -> AsyncIterator[Finding]:
    version = await cluster.server_version()
    yield Finding(name="cluster", state="ok", what=f"{cluster.cluster} answers, Kubernetes {version}")
    missing = [f"{verb} {kind.plural}" for verb, kind in READS if not (await cluster.can_i(verb, kind, None)).allowed]
    may_act = (await cluster.can_i("impersonate", USERS, None)).allowed
    yield _reads(missing, may_act=may_act)
    yield _impersonation(may_act=may_act)
    namespaces = (await cluster.can_i("list", NAMESPACES, None)).allowed
    yield _namespaces(allowed=namespaces)


def _reads(missing: list[str], *, may_act: bool) -> Finding:
    if not missing:
        return Finding(name="rights", state="ok", what="may read pods, workloads, events and logs in every namespace")
    what = f"this identity itself may not {', '.join(missing)} in every namespace"
    note = "Fine when people are impersonated: then their rights count. " if may_act else ""
    return Finding(name="rights", state="warn", what=what, fix=note + RBAC)


def _impersonation(*, may_act: bool) -> Finding:
    if may_act:
        return Finding(name="impersonation", state="ok", what="may act as any user")
    what = "may not act as any user; rights limited by name cannot be seen from here"
    fix = "Name your people in deploy/rbac.yaml; `ask --as USER` shows whether one of them works."
    return Finding(name="impersonation", state="warn", what=what, fix=fix)


def _namespaces(*, allowed: bool) -> Finding:
    if allowed:
        return Finding(
            name="namespaces", state="ok", what="may list namespaces: environments are found by label and name"
        )
    fix = "Set ENVIRONMENTS, so that names like staging are known without listing."
    return Finding(name="namespaces", state="warn", what="may not list namespaces", fix=fix)
