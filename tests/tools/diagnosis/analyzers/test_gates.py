from tests.builders.kubernetes import make_condition, make_container_status, make_pod_spec
from tests.builders.observations import diagnose
from tests.builders.shop_faults import container, current_set, deployment, pod

GATE = "target-health.elbv2.k8s.aws/checkout"
READY = (make_condition("ContainersReady"), make_condition("Ready", "False", "ReadinessGatesNotReady"))


def gated(*conditions):
    spec = make_pod_spec([container()], nodeName="node-001", readinessGates=[{"conditionType": GATE}])
    return pod(spec=spec, conditions=[*READY, *conditions], statuses=[make_container_status()])


async def test_a_gate_that_nobody_has_opened_is_the_cause():
    found = await diagnose(deployment(), current_set(), gated())

    assert found.root_cause.cause == "readiness-gate"
    assert "set by nobody" in found.summary


async def test_a_gate_that_is_closed_tells_the_reason_of_its_controller():
    found = await diagnose(deployment(), current_set(), gated(make_condition(GATE, "False", "Target.Timeout")))

    assert any("Target.Timeout" in one.text for one in found.root_cause.evidence)


async def test_an_open_gate_is_not_blamed():
    found = await diagnose(deployment(), current_set(), gated(make_condition(GATE)))

    assert found.root_cause is None or found.root_cause.cause != "readiness-gate"
