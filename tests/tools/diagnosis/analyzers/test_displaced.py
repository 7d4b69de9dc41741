import pytest

from tests.builders.kubernetes import make_condition
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod, unscheduled

NO_ROOM = unscheduled("0/2 nodes are available: 2 Insufficient cpu.")


@pytest.mark.parametrize(("reason", "cause"), [("Preempted", "preempted"), ("TaintManagerEviction", "taint-eviction")])
async def test_an_event_on_a_pod_that_is_gone_is_told_while_pods_are_missed(reason, cause):
    event = make_event(reason, "Preempted by pod x", name="checkout-7d9f8c6b5-gone1", severity="Normal")

    found = await diagnose(deployment(ready=0), current_set(), NO_ROOM, event)

    assert cause in [one.cause for one in (found.root_cause, *found.effects, *found.others)]


async def test_events_of_other_workloads_and_of_a_whole_workload_do_not_count():
    event = make_event("Preempted", "Preempted by pod x", name="cart-1", severity="Normal")
    mine = make_event("Preempted", "Preempted by pod x", name="checkout-7d9f8c6b5-gone1", severity="Normal")

    other = await diagnose(deployment(ready=0), current_set(), NO_ROOM, event)
    whole = await diagnose(deployment(ready=1), current_set(), pod(), mine)

    assert "preempted" not in [one.cause for one in (other.root_cause, *other.others)]
    assert whole.health == "healthy"


async def test_a_pod_that_is_being_put_out_says_so_itself():
    leaving = pod(
        conditions=[
            make_condition("DisruptionTarget", "True", "PreemptionByScheduler"),
            make_condition("Ready", "False"),
        ]
    )

    found = await diagnose(deployment(ready=0), current_set(), leaving)

    assert found.root_cause.cause == "preempted"
