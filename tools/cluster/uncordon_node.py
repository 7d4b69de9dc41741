"""Uncordon a node: new pods may be scheduled there again."""

from tools.clock import Clock
from tools.cluster.applying import apply_plan
from tools.cluster.node_switch import NodeArgs, Switch, plan_switch, verify_switch
from tools.cluster.port import ClusterReader, ClusterWriter, Targets
from tools.contract import Confirmed, Outcome, Plan, Receipt

_SWITCH = Switch(tool="uncordon_node", back="cordon_node", verb="Uncordon", cordon=False)


async def plan_uncordon_node(args: NodeArgs, *, cluster: ClusterWriter, targets: Targets, clock: Clock) -> Plan:
    """Plan to let a cordoned node take new pods again (PATCH /api/v1/nodes/{name}).

    Raises NotFound with the nearest names, Forbidden, InvalidArgs (not cordoned) and Unavailable.
    """
    return await plan_switch(_SWITCH, args, cluster=cluster, targets=targets, clock=clock)


async def apply_uncordon_node(confirmed: Confirmed[Plan], *, cluster: ClusterWriter, clock: Clock) -> Receipt:
    """Uncordon it once. Raises PlanStale, Forbidden, Unavailable."""
    return await apply_plan(confirmed, cluster=cluster, clock=clock)


async def verify_uncordon_node(plan: Plan, _receipt: Receipt, *, cluster: ClusterReader, clock: Clock) -> Outcome:
    """Look once whether the node takes new pods."""
    return await verify_switch(_SWITCH, plan, cluster=cluster, clock=clock)
