from tests.builders.kubernetes import make_condition
from tests.builders.kubernetes_platform import make_disruption_budget
from tests.builders.observations import diagnose
from tests.builders.shop_faults import current_set, deployment, pod

FINE = (deployment(ready=1), current_set(), pod())


def budget(**status):
    held = make_disruption_budget()
    return {**held, "status": {**held["status"], **status}}


async def test_a_budget_that_lets_no_pod_go_is_a_remark():
    blocked = make_condition("DisruptionAllowed", "False", "InsufficientPods")

    found = await diagnose(*FINE, budget(disruptionsAllowed=0, conditions=[blocked]))

    assert found.health == "healthy"
    assert [one.cause for one in found.others] == ["pdb-blocks-eviction"]


async def test_a_budget_with_room_or_of_other_pods_is_no_remark():
    other = make_disruption_budget("cart", {"app": "cart"})
    other["status"] |= {"disruptionsAllowed": 0}

    found = await diagnose(*FINE, budget(), other)

    assert found.others == ()
