import pytest

from tests.builders.kubernetes import make_condition, waiting
from tests.builders.kubernetes_platform import make_event, make_quota
from tests.builders.observations import diagnose
from tests.builders.shop_faults import IMAGE, NEW, current_set, deployment, pod, pod_with
from tools.contract import Verdict

DENIED = 'pods "checkout-x" is forbidden: '
MESSAGES = {
    "quota-exceeded": f"{DENIED}exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10",
    "quota-must-specify": f"{DENIED}failed quota: team: must specify limits.memory for: app",
    "limitrange-violation": f"{DENIED}maximum memory usage per Container is 256Mi, but limit is 1Gi",
    "podsecurity-violation": f'{DENIED}violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    "webhook-denied": 'admission webhook "validate.kyverno.svc-fail" denied the request: resource was blocked',
    "webhook-unavailable": 'Internal error occurred: failed calling webhook "policy.example": failed to call webhook:'
    ' Post "https://policy.svc:443/validate": context deadline exceeded',
    "vap-denied": f"{DENIED}ValidatingAdmissionPolicy 'require-owner' with binding 'all' denied request: no owner",
    "namespace-terminating": f"{DENIED}unable to create new content in namespace x because it is being terminated",
    "service-account-missing": f"{DENIED}error looking up service account shop-staging/checkout:"
    ' serviceaccount "checkout" not found',
}


def refused(message):
    return make_event(
        "FailedCreate", f"Error creating: {message}", kind="ReplicaSet", name=NEW, component="replicaset-controller"
    )


@pytest.mark.parametrize("cause", MESSAGES)
async def test_a_refusal_seen_only_on_the_replica_set_is_found(cause):
    found = await diagnose(deployment(), current_set(), refused(MESSAGES[cause]))

    assert found.root_cause.cause == cause
    assert found.verdict is Verdict.CONFIRMED
    assert found.summary.startswith("checkout cannot create its pods in shop-staging: ")


async def test_the_condition_is_enough_when_the_event_is_gone():
    failure = make_condition("ReplicaFailure", "True", "FailedCreate", MESSAGES["quota-exceeded"])

    found = await diagnose(deployment(status={"conditions": [failure]}), current_set())

    assert found.root_cause.cause == "quota-exceeded"


async def test_the_quota_itself_is_shown_beside_the_refusal():
    found = await diagnose(deployment(), current_set(), refused(MESSAGES["quota-exceeded"]), make_quota())

    assert any("pods 10 of 10" in one.text for one in found.root_cause.evidence)
    assert "asked for pods=1, used pods=10 of pods=10" in found.summary


async def test_a_refusal_nobody_has_seen_before_is_told_as_it_is():
    found = await diagnose(deployment(), current_set(), refused("the moon is in the wrong place"))

    assert found.root_cause.cause == "replica-failure"
    assert "the moon is in the wrong place" in found.summary
    assert found.verdict is Verdict.LIKELY


async def test_a_refusal_of_the_past_is_no_finding_when_all_pods_are_there():
    found = await diagnose(deployment(ready=1), current_set(), pod(), refused(MESSAGES["quota-exceeded"]))

    assert found.health == "healthy"


async def test_a_refusal_comes_after_what_stops_the_pods_that_could_be_made():
    pull = pod_with(waiting("ImagePullBackOff", f'ErrImagePull: "{IMAGE}": manifest unknown'))
    refused = make_event(
        "FailedCreate",
        'pods "x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10',
        kind="ReplicaSet",
        name=NEW,
    )

    found = await diagnose(deployment(replicas=3), current_set(), pull, refused)

    assert found.root_cause.cause == "image-not-found"
    assert "quota-exceeded" in [one.cause for one in found.others]
