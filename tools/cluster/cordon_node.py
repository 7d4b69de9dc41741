"""Cordon a node: no new pod is scheduled there."""

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.node_switch import NodeArgs, Switch, plan_switch, verify_switch
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Confirmed, Outcome, Plan, Receipt

_SWITCH = Switch(tool="cordon_node", back="uncordon_node", verb="Cordon", cordon=True)


async def plan_cordon_node(args: NodeArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to keep new pods away from a node (PATCH /api/v1/nodes/{name}).

    Raises NotFound with the nearest names, Forbidden, InvalidArgs (cordoned already) and Unavailable.
    """
    return await plan_switch(_SWITCH, args, cluster=cluster, targets=targets, clock=clock)


async def apply_cordon_node(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Cordon it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_cordon_node(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the node is cordoned."""
    return await verify_switch(_SWITCH, plan, cluster=cluster, clock=clock)
