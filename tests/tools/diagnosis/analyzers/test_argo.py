import pytest

from tests.builders.kubernetes import make_condition
from tests.builders.observations import FakeCluster, diagnose
from tests.builders.platform_objects import make_custom
from tests.builders.shop_faults import current_set, deployment, pod

TRACKED = {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop-staging/checkout"}}
FINE = (deployment(ready=1, metadata=TRACKED), current_set(), pod())


def application(**status):
    return make_custom("Application", "shop", namespace="argocd", status=status)


async def causes(**status):
    found = await diagnose(*FINE, application(**status))
    assert found.health == "healthy"
    return [one.cause for one in found.others]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("ComparisonError", "argocd-comparison-error"),
        ("InvalidSpecError", "argocd-invalid-spec"),
        ("SyncError", "argocd-sync-failed"),
        ("DeletionError", "argocd-deletion-error"),
        ("SharedResourceWarning", "argocd-warnings"),
    ],
)
async def test_each_condition_is_a_remark_on_a_workload_that_is_well(kind, cause):
    assert await causes(conditions=[make_condition(kind, "True", message="app path does not exist")]) == [cause]


async def test_an_application_in_sync_and_healthy_is_no_remark():
    assert await causes(sync={"status": "Synced"}, health={"status": "Healthy"}) == []


async def test_the_message_about_this_workload_is_told_of_all_that_failed():
    rows = [
        {"kind": "Service", "name": "cart", "status": "SyncFailed", "message": "no such port"},
        {
            "kind": "Deployment",
            "name": "checkout",
            "status": "SyncFailed",
            "message": "spec.selector: field is immutable",
        },
    ]
    operation = {"phase": "Failed", "message": "one or more objects failed to apply", "syncResult": {"resources": rows}}

    found = await diagnose(*FINE, application(operationState=operation))

    assert "field is immutable" in found.summary
    assert {one.cause for one in found.others} == {"argocd-sync-failed", "field-immutable"}


async def test_a_sync_window_is_told_as_such():
    operation = {"phase": "Error", "message": "cannot sync: blocked by sync window"}

    assert await causes(operationState=operation) == ["argocd-sync-window"]


@pytest.mark.parametrize(
    ("health", "cause"),
    [("Degraded", "argocd-degraded"), ("Missing", "argocd-missing"), ("Suspended", "argocd-suspended")],
)
async def test_the_health_that_argo_reports_is_a_remark(health, cause):
    assert await causes(health={"status": health}) == [cause]


async def test_an_application_that_may_not_be_read_is_silent():
    found = await diagnose(cluster=FakeCluster([*FINE, application()], forbidden=["applications"]))

    assert (found.health, found.others, found.not_read) == ("healthy", (), ())
