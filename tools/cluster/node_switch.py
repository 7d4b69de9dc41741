"""Cordoning and uncordoning a node: one field, both ways."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.clock import Clock
from tools.cluster.blast import Risk, raised
from tools.cluster.diff import diff
from tools.cluster.facts import fact
from tools.cluster.models.platform import Node
from tools.cluster.models.pods import Pod
from tools.cluster.models.resources import NODES, PODS
from tools.cluster.named import Named, changeable, nothing_named, plain_name
from tools.cluster.planning import Draft, Shown, write_plan
from tools.cluster.port import ClusterReader, ClusterWriter, Target, Targets
from tools.contract import Args, Inverse, ObjectRef, Outcome, Plan
from tools.errors import Forbidden, InvalidArgs, NotFound

MAX_PODS = 500  # a node runs 110 by default, 250 at most on common platforms
ENDED = frozenset({"Succeeded", "Failed"})


class NodeArgs(Args):
    node: Annotated[str, Field(min_length=1, max_length=253, description="Name of the node.")]


@dataclass(frozen=True)
class Switch:
    """One way. `back`: the tool of the other; `cordon`: the wanted spec.unschedulable."""

    tool: str
    back: str
    verb: str
    cordon: bool


@dataclass(frozen=True)
class Tenants:
    """Pods that run on a node, None when the person may not list them, and the highest tier among them."""

    pods: tuple[Pod, ...] | None
    tier: str


async def plan_switch(
    switch: Switch, args: NodeArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock
) -> Plan:
    """The plan of either way. Raises InvalidArgs when it is so already."""
    found = await changeable(await _find(args.node, cluster), "patch", cluster)
    node = found.item
    if node.spec.unschedulable == switch.cordon:
        raise InvalidArgs(f"Node {node.name} is {'cordoned already' if switch.cordon else 'not cordoned'}.")
    tenants = await _tenants(node, cluster, targets)
    warnings, risk = await _concerns(node, cluster) if switch.cordon else ((), "low")
    patch = {"spec": {"unschedulable": switch.cordon}}
    rehearsed = await cluster.patch(NODES, found.ref, patch, dry_run=True)
    draft = Draft(
        tool=switch.tool,
        args=args,
        summary=f"{switch.verb} node {node.name}",
        patch=patch,
        effects=_effects(switch, tenants),
        warnings=warnings,
        risk=risk,
        inverse=Inverse(tool=switch.back, args={"node": node.name}, label=f"{_other(switch)} {node.name}"),
    )
    target = Target(found.ref, "name", tier=tenants.tier)
    return write_plan(draft, target, node.metadata, Shown(diff(found.raw, rehearsed.body), rehearsed.warnings), clock())


async def verify_switch(switch: Switch, plan: Plan, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Settled at once: the scheduler reads the field itself."""
    try:
        node = await cluster.get(NODES, None, plan.target.name)
    except NotFound:
        return Outcome(settled=True, healthy=False, summary=f"{plan.target} was removed after the change.")
    state = "is cordoned" if node.spec.unschedulable else "takes new pods"
    evidence = fact(node, "spec.unschedulable", str(node.spec.unschedulable).lower(), clock())
    as_wanted = node.spec.unschedulable == switch.cordon
    return Outcome(settled=True, healthy=as_wanted, summary=f"Node {node.name} {state}.", evidence=(evidence,))


async def _find(name: str, cluster: ClusterReader) -> Named[Node]:
    plain = plain_name(name)
    try:
        raw = await cluster.raw(NODES, None, plain)
    except NotFound as exc:
        raise await nothing_named(NODES, plain, (None,), cluster) from exc
    node = NODES.parse(raw)
    ref = ObjectRef(cluster=cluster.cluster, namespace=None, kind="Node", name=node.name, uid=node.metadata.uid)
    return Named(Target(ref, "name"), NODES, node, raw)


async def _tenants(node: Node, cluster: ClusterReader, targets: Targets) -> Tenants:
    """A node that runs anything of production is production; so is one that cannot be looked into."""
    try:
        page = await cluster.list(PODS, None, fields=f"spec.nodeName={node.name}", limit=MAX_PODS)
    except Forbidden:
        return Tenants(None, "prod")
    pods = tuple(pod for pod in page.items if pod.status.phase not in ENDED)
    namespaces = sorted({pod.namespace or "" for pod in pods})
    async with asyncio.TaskGroup() as group:
        tiers = [group.create_task(targets.tier(namespace)) for namespace in namespaces]
    is_prod = page.truncated or any(tier.result() == "prod" for tier in tiers)
    return Tenants(pods, "prod" if is_prod else "nonprod")


def _effects(switch: Switch, tenants: Tenants) -> tuple[str, ...]:
    if not switch.cordon:
        return ("New pods may be scheduled there again; pods that run elsewhere do not move.",)
    if tenants.pods is None:
        return ("No new pod is scheduled there; pods that run there go on.",)
    counted = "1 pod that runs" if len(tenants.pods) == 1 else f"{len(tenants.pods)} pods that run"
    return (f"No new pod is scheduled there; {counted} there go on.", "Pods of a DaemonSet are placed there still.")


async def _concerns(node: Node, cluster: ClusterReader) -> tuple[tuple[str, ...], Risk]:
    try:
        nodes = await cluster.list(NODES, None)
    except Forbidden as exc:
        return (f"Could not check what other nodes there are: {exc.message}",), "medium"
    others = [one for one in nodes if one.name != node.name and _takes_pods(one)]
    if not others:
        return (f"{node.name} is the only node that takes new pods: nothing could start anywhere.",), "high"
    return (), raised("low", "medium" if len(others) == 1 else "low")


def _takes_pods(node: Node) -> bool:
    ready = node.condition("Ready")
    return not node.spec.unschedulable and ready is not None and ready.status == "True"


def _other(switch: Switch) -> str:
    return "Uncordon" if switch.cordon else "Cordon"
