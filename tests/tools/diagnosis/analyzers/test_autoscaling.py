import pytest

from tests.builders.kubernetes import make_condition
from tests.builders.kubernetes_platform import make_autoscaler
from tests.builders.observations import diagnose
from tests.builders.shop_faults import crashing, current_set, deployment, pod


def scaler(*conditions, name="checkout"):
    found = make_autoscaler(name, high=3)
    found["status"]["conditions"] = list(conditions)
    return found


AT_MAX = make_condition("ScalingLimited", "True", "TooManyReplicas", "more than the maximum")
BLIND = make_condition("ScalingActive", "False", "FailedGetResourceMetric", "missing request for cpu in container app")


@pytest.mark.parametrize(("condition", "cause"), [(AT_MAX, "hpa-at-max"), (BLIND, "hpa-no-metrics")])
async def test_an_autoscaler_in_trouble_is_a_remark_on_a_healthy_workload(condition, cause):
    found = await diagnose(deployment(ready=1), current_set(), pod(), scaler(condition))

    assert found.health == "healthy"
    assert [one.cause for one in found.others] == [cause]
    assert "But its autoscaler" in found.summary


async def test_it_is_never_the_cause_of_a_crash():
    found = await diagnose(
        deployment(), current_set(), crashing(), scaler(AT_MAX), logs={"app:previous": "panic: boom"}
    )

    assert found.root_cause.cause == "app-exit-error"


async def test_the_autoscaler_of_another_workload_is_left_alone():
    found = await diagnose(deployment(ready=1), current_set(), pod(), scaler(AT_MAX, name="other"))

    assert found.others == ()


async def test_an_autoscaler_switched_off_by_zero_replicas_is_no_trouble():
    off = make_condition("ScalingActive", "False", "ScalingDisabled", "scaling is disabled")

    found = await diagnose(deployment(ready=0, replicas=0), current_set(), scaler(off))

    assert found.others == ()


async def test_an_autoscaler_without_conditions_that_has_nothing_to_measure_is_a_remark():
    found = await diagnose(deployment(ready=1), current_set(), pod(), scaler())

    assert [one.cause for one in found.others] == ["hpa-no-metrics"]


async def test_the_autoscaler_of_another_kind_of_the_same_name_does_not_matter():
    other = scaler()
    other["spec"]["scaleTargetRef"]["kind"] = "StatefulSet"

    found = await diagnose(deployment(ready=1), current_set(), pod(), other)

    assert found.others == ()
