from tests.builders.kubernetes import waiting
from tests.builders.kubernetes_platform import make_event
from tests.builders.observations import diagnose
from tests.builders.shop_faults import POD, current_set, deployment, pod_with


async def test_a_pod_without_network_is_told_with_the_plug_ins_error():
    event = make_event(
        "FailedCreatePodSandBox",
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network: no available IPs",
        name=POD,
    )

    found = await diagnose(deployment(), current_set(), pod_with(waiting("ContainerCreating")), event)

    assert found.root_cause.cause == "sandbox-failed"
    assert "no available IPs" in found.summary


async def test_a_pod_that_stays_in_creation_without_a_word_is_inconclusive_but_said():
    found = await diagnose(deployment(), current_set(), pod_with(waiting("ContainerCreating"), minutes_old=30))

    assert found.root_cause.cause == "container-creating-stuck"
    assert found.verdict != "confirmed"
